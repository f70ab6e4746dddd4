import type { Config } from '../../config/config.ts';
import type { Asn } from '../../core/route.ts';
import type { CheckSettings, MemberId, ServiceSettings } from '../../core/settings.ts';
import type { Participant } from '../../forecast/forecast.ts';
import type { MemberView } from '../../observe/fleet-view.ts';

/** Longer than any forecast lasts. */
const neverMs = 1e9;

/** Fails at its first run, and that is enough. */
const failing: CheckSettings = {
  probe: { kind: 'always', passes: false },
  intervalMs: neverMs,
  fastIntervalMs: neverMs,
  timeoutMs: 1_000,
  rise: 1,
  fall: 1,
};

/** Standbys prepend it; which number it is makes no difference to who announces what. */
const anyAs = 65_000 as Asn;

/** A member as it would take part: as healthy as it is now, and without the checks that make it so. */
export function participantOf(
  { member, health, status }: MemberView,
  service: ServiceSettings,
  config: Config | undefined,
): Participant {
  const isWell = (health === 'unknown' ? status?.health : health) !== 'down';
  const { onCoordinationLoss = 'freeze', coldStart } = config?.settings ?? {};
  return {
    member: member as MemberId,
    settings: {
      member: member as MemberId,
      onCoordinationLoss,
      coldStart: coldStart ?? { afterMs: undefined, policy: 'own' },
      neighbors: { require: 'off', stableForMs: 0, localAs: anyAs },
      services: [{ ...service, health: 'all', checks: isWell ? [] : [failing] }],
    },
  };
}
