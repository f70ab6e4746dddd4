import type { RoleAttributes } from '../core/route.ts';
import type { ServiceSettings, Settings } from '../core/settings.ts';
import { isHostRoute } from '../core/vip.ts';
import { formatDuration } from './duration.ts';
import { isLoopback } from './listen.ts';
import { compareRoutes } from './preference.ts';
import type { ConfigFile } from './schema.ts';
import type { ServiceFile } from './service-schema.ts';

/** What works but is hardly meant. */
export function warningsOf(file: ConfigFile, settings: Settings): readonly string[] {
  const silent = file.log.silent && file.log.syslog === 'off';
  return [
    ...(silent ? ['log: silent without syslog: nothing is logged anywhere'] : []),
    ...listenWarnings(file),
    ...prependWarnings(settings),
    ...shutdownWarnings(settings),
    ...settings.services.flatMap((service) => {
      const written = file.services[service.name];
      return written === undefined ? [] : serviceWarnings(service, written, file, settings);
    }),
  ];
}

/** Nobody is asked for a password there. */
function listenWarnings({ listen }: ConfigFile): readonly string[] {
  if (listen === undefined || isLoopback(listen)) return [];
  return [
    `listen: whoever reaches ${listen.host} may read VIPs, members, neighbors and check results there; ` +
      'let only those who are to read them through',
  ];
}

/** The agent has to know what to prepend before it can. */
function prependWarnings({ neighbors, services }: Settings): readonly string[] {
  const isPrepended = services.some(({ announce }) =>
    rolesOf(announce).some(
      ([, { asPathPrepend = 0, prependPerRank = 0 }]) => asPathPrepend + prependPerRank > 0,
    ),
  );
  if (!isPrepended || neighbors.localAs !== undefined) return [];
  return [
    'bgp.localAs: not set, and needed to prepend; learned from ExaBGP only where its api has neighbor-changes ' +
      'and encoder json, once a neighbor is up',
  ];
}

function shutdownWarnings({ shutdownTimeoutMs, services }: Settings): readonly string[] {
  if (shutdownTimeoutMs === undefined) return [];
  return services.flatMap(({ name, takeover: { delayMs } }) =>
    delayMs > 0 && delayMs >= shutdownTimeoutMs
      ? [
          `shutdown.timeout: ${formatDuration(shutdownTimeoutMs)} ends before peers take over, which is after ` +
            `services.${name}.takeover.delay of ${formatDuration(delayMs)}`,
        ]
      : [],
  );
}

function serviceWarnings(
  service: ServiceSettings,
  written: ServiceFile,
  { host }: ConfigFile,
  { member }: Settings,
): readonly string[] {
  const path = `services.${service.name}`;
  const warnings = checkWarnings(path, written);
  if (written.members !== undefined && !written.members.includes(member)) {
    warnings.push(`${path}.members: this member, ${member}, is not among them`);
  }
  const network = service.vips.find(({ vip }) => !isHostRoute(vip));
  if (host.addresses !== 'off' && network !== undefined) {
    warnings.push(
      `host.addresses: ${network.vip} of ${service.name} is a network, which is put on no interface`,
    );
  }
  return [...warnings, ...roleWarnings(path, service), ...backupWarnings(path, written)];
}

function checkWarnings(path: string, { checks }: ServiceFile): string[] {
  const warnings: string[] = [];
  if (checks.length === 0) {
    warnings.push(`${path}.checks: none, so the service always counts as healthy`);
  }
  for (const [index, check] of checks.entries()) {
    if (check.timeout > check.interval) {
      warnings.push(`${path}.checks.${index}: timeout is longer than interval`);
    }
    if (check.fastInterval > check.interval) {
      warnings.push(`${path}.checks.${index}: fastInterval is longer than interval`);
    }
  }
  return warnings;
}

/** Routes that draw the traffic away from who carries the VIP, or that not all routers tell apart. */
function roleWarnings(path: string, { announce, vips }: ServiceSettings): readonly string[] {
  const { owner, backup, standby, drain } = announce;
  const against = (role: RoleAttributes, other: RoleAttributes) =>
    compareRoutes(role, other, vips.length);
  const warnings = rolesOf(announce)
    .filter(([, role]) => against(role, owner).outcome === 'wins')
    .map(([place]) => `${path}.${place}: routers prefer it to owner`);
  if (standby !== undefined) {
    const { outcome, hasLongerPath, isMarked } = against(standby, owner);
    if (outcome === 'loses' && !hasLongerPath && !isMarked) {
      warnings.push(
        `${path}.announce.standby: worse than owner by MED or local preference alone, ` +
          'which are lost between ASes; asPathPrepend holds everywhere',
      );
    }
    if (against(standby, backup).outcome === 'wins')
      warnings.push(`${path}.announce.standby: routers prefer it to backup`);
  }
  if (drain !== undefined && against(drain, backup).outcome === 'wins') {
    const { outcome, isMarked } = against(drain, owner);
    // By a community that the owner does not have, routers may be told to move.
    if (outcome !== 'wins' && !isMarked)
      warnings.push(
        `${path}.drain: routers prefer it to backup, so they do not move before it ends`,
      );
  }
  return warnings;
}

/** Each role with the place of its key. */
function rolesOf(
  announce: ServiceSettings['announce'],
): readonly (readonly [string, RoleAttributes])[] {
  return Object.entries(announce).flatMap(([name, role]: [string, RoleAttributes | undefined]) =>
    role === undefined ? [] : [[name === 'drain' ? name : `announce.${name}`, role] as const],
  );
}

function backupWarnings(path: string, { members, takeover }: ServiceFile): readonly string[] {
  const { backups } = takeover;
  if (members === undefined || backups === 'all' || backups < members.length) return [];
  return [
    `${path}.takeover.backups: ${backups}, but a VIP's owner has ${members.length - 1} beside it`,
  ];
}
