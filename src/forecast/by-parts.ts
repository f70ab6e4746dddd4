import type { ServiceSettings } from '../core/settings.ts';
import type { Vip } from '../core/vip.ts';
import { forecast, type Outcome, type Participant } from './forecast.ts';
import type { Circumstances } from './world.ts';

/** A step goes over all VIPs of a service and comes once for each of them, so few at a time are soonest done. */
const partSize = 10;

/**
 * Forecasts a service of any size. The rule decides each VIP by itself, so parts of a service come to what the whole would;
 * and VIPs about which nothing is different, where no order of backups by VIP makes a difference, come to the same.
 * @param participantsOf those who take part, in a service of these settings.
 */
export function forecastByParts(
  settings: ServiceSettings,
  participantsOf: (part: ServiceSettings) => readonly Participant[],
  circumstances: Circumstances,
): readonly Outcome[] {
  const classes = classesOf(settings, circumstances);
  const outcomes: Outcome[] = [];
  for (let start = 0; start < classes.length; start += partSize) {
    const part = classes.slice(start, start + partSize);
    const alike = new Map(part.map((vips) => [vips[0]?.vip, vips]));
    const one = { ...settings, vips: part.flatMap((vips) => vips.slice(0, 1)) };
    for (const outcome of forecast(participantsOf(one), circumstances))
      for (const { vip } of alike.get(outcome.vip) ?? []) outcomes.push({ ...outcome, vip });
  }
  return outcomes;
}

type ListedVip = ServiceSettings['vips'][number];

function classesOf(
  { vips, takeover }: ServiceSettings,
  { foreignClaims, drained }: Circumstances,
): readonly (readonly ListedVip[])[] {
  const { backups = 'all' } = takeover;
  const keyOf = ({
    vip,
    owner = '',
  }: {
    readonly vip: Vip;
    readonly owner?: string | undefined;
  }) =>
    backups === 'all'
      ? [owner, foreignClaims.get(vip)?.kind ?? '', drained.has(vip)].join(' ')
      : vip;
  const classes = new Map<string, ListedVip[]>();
  for (const listed of vips) {
    const key = keyOf(listed);
    const known = classes.get(key);
    if (known === undefined) classes.set(key, [listed]);
    else known.push(listed);
  }
  return [...classes.values()];
}
