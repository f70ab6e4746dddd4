import { isMapping, valueAt } from './data.ts';
import { formatDuration } from './duration.ts';
import { compareRoutes } from './preference.ts';
import type { ConfigPath, Finding } from './problem.ts';
import { announceOf, attributesOf } from './roles.ts';
import { type ServiceFile, serviceSchema } from './service-schema.ts';

/** What the keys of one service say against each other; nothing while one of them cannot be understood. */
export function checkService(name: string, data: unknown, vipCount: number): readonly Finding[] {
  const parsed = serviceSchema.safeParse(data);
  if (!parsed.success) return [];
  return [...attractiveStandby(name, parsed.data, vipCount), ...delayOverDrain(name, parsed.data)];
}

/** A standby that is as good as the owner would get the owner's traffic. */
function attractiveStandby(
  name: string,
  service: ServiceFile,
  vipCount: number,
): readonly Finding[] {
  const { standby } = service.announce;
  const { owner } = announceOf(service);
  if (standby === undefined) return [];
  // The MED that a standby has by default is no reason to rely on it.
  const written = attributesOf({ med: owner.med, ...standby });
  const { outcome, isMarked } = compareRoutes(written, owner, vipCount);
  if (outcome === 'loses' || isMarked) return [];
  return [
    {
      code: 'CONFIG_CONTRADICTION',
      path: ['services', name, 'announce', 'standby'],
      atKey: true,
      expected: 'attributes that make routers prefer the owner',
      found: outcome === 'ties' ? 'none' : 'attributes that make them prefer the standby',
      fix: 'add asPathPrepend: 3 over eBGP; a community that routers lower, or localPreference, over iBGP',
    },
  ];
}

/** A member that leaves waits for its peers up to `drain.timeout`; they begin after `takeover.delay`. */
function delayOverDrain(name: string, { takeover, drain }: ServiceFile): readonly Finding[] {
  if (takeover.delay === 0 || takeover.delay < drain.timeout) return [];
  return [
    {
      code: 'CONFIG_CONTRADICTION',
      path: ['services', name, 'takeover', 'delay'],
      expected: `less than drain.timeout, which is ${formatDuration(drain.timeout)}`,
      found: formatDuration(takeover.delay),
      fix: 'lower it, or raise drain.timeout: a member that leaves would withdraw before peers take over',
    },
  ];
}

/** What needs other members to agree with, and what needs that there are none. */
export function checkCompany(data: unknown, names: readonly string[]): readonly Finding[] {
  const isAlone = isMapping(data) && data['zookeeper'] === undefined;
  const keys: readonly ConfigPath[] = isAlone
    ? [['announce', 'standby'], ['takeover'], ['drain'], ['paths']]
    : [['disable']];
  return names
    .flatMap((name) => keys.map((key): ConfigPath => ['services', name, ...key]))
    .filter((path) => valueAt(data, path) !== undefined)
    .map((path) => ({
      code: 'CONFIG_CONTRADICTION',
      path,
      atKey: true,
      ...(isAlone
        ? {
            expected: 'a zookeeper section: without one there are no other members to agree with',
            found: 'none',
            fix: `add zookeeper, or remove ${path.slice(2).join('.')}`,
          }
        : {
            expected: 'no zookeeper section: it is for an agent without one',
            found: 'both',
            fix: 'use a check file: { absent: FILE }, or a drain, which hands the VIPs over first',
          }),
    }));
}
