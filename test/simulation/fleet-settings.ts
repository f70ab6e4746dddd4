import type { Role } from '../../src/core/ownership.ts';
import {
  isPrepended,
  nextHopSelf,
  parseAsn,
  parseMed,
  type RoleAttributes,
} from '../../src/core/route.ts';
import type {
  CoordinationLossPolicy,
  MemberId,
  ServiceName,
  ServiceSettings,
  Settings,
} from '../../src/core/settings.ts';
import { isVip, parseVip, type Vip } from '../../src/core/vip.ts';
import type { Random } from './random.ts';
import { medOfRole } from './route-role.ts';

/** What a fleet is configured with: the same file on every LB. */
export interface FleetSettings {
  readonly members: readonly MemberId[];
  readonly services: readonly ServiceSettings[];
  readonly policy: CoordinationLossPolicy;
  readonly sessionTimeoutMs: number;
  readonly tickMs: number;
  readonly syncLimit: number;
  readonly serverCount: number;
  readonly stallAfterMs: number;
  /** The slowest answer of an ExaBGP that works. */
  readonly slownessMs: number;
  readonly holdMs: number;
  readonly stableForMs: number;
  readonly hasLocalAs: boolean;
  readonly shutdownTimeoutMs: number | undefined;
  /** Agents continue their session and their agreement when they are started again. */
  readonly hasStateDirectory: boolean;
  /** Rate of each member's clock, and of the others'. */
  readonly clockRates: readonly number[];
}

/** A fleet that somebody might run. */
export function chooseFleet(random: Random): FleetSettings {
  const members = Array.from(
    { length: random.pick([2, 2, 3, 3, 4, 5]) },
    (_, index) => `lb${index + 1}` as MemberId,
  );
  const tickMs = random.pick([500, 2_000, 2_000, 2_000, 2_000]);
  const stallAfterMs = random.pick([500, 2_000, 5_000]);
  const services = Array.from({ length: random.pick([1, 1, 2]) }, (_, index) =>
    chooseService(random, index, members),
  );
  return {
    members,
    services,
    policy: random.chance(0.7) ? 'freeze' : random.pick(['own', 'all', 'withdraw']),
    sessionTimeoutMs: tickMs * random.pick([3, 4, 5, 10, 20]),
    tickMs,
    syncLimit: random.pick([3, 5, 10]),
    serverCount: random.pick([1, 3, 3]),
    stallAfterMs,
    slownessMs: random.chance(0.6) ? 30 : 0.75 * stallAfterMs,
    holdMs: random.pick([3_000, 9_000, 30_000]),
    stableForMs: random.pick([0, 3_000, 3_000]),
    hasLocalAs: random.chance(0.7),
    hasStateDirectory: random.chance(0.5),
    shutdownTimeoutMs: random.fork('stop').chance(0.3) ? 15_000 : undefined,
    clockRates: members.map(() => random.between(0.98, 1.02)),
  };
}

/** The settings of one member. */
export function settingsOf(fleet: FleetSettings, member: MemberId): Settings {
  return {
    member,
    onCoordinationLoss: fleet.policy,
    coldStart: { afterMs: undefined, policy: 'own' },
    neighbors: {
      require: 'any',
      stableForMs: fleet.stableForMs,
      localAs: fleet.hasLocalAs ? parseAsn(65_001) : undefined,
    },
    shutdownTimeoutMs: fleet.shutdownTimeoutMs,
    services: fleet.services,
  };
}

/** The attributes of a standby route in this fleet; undefined where there is to be none. */
export function standbyOf(
  { hasLocalAs }: FleetSettings,
  { announce: { standby } }: ServiceSettings,
): RoleAttributes | undefined {
  return standby !== undefined && isPrepended(standby) && !hasLocalAs ? undefined : standby;
}

/** Every VIP of the fleet with its service. */
export function vipsOf(fleet: FleetSettings): readonly { service: ServiceSettings; vip: Vip }[] {
  return fleet.services.flatMap((service) => service.vips.map(({ vip }) => ({ service, vip })));
}

function chooseService(
  random: Random,
  index: number,
  members: readonly MemberId[],
): ServiceSettings {
  const fallIntervalMs = random.pick([500, 1_000]);
  // Of its own, so that what there was before is chosen as before.
  const extras = chooseExtras(random.fork(`extras ${index}`));
  return {
    name: `service${index + 1}` as ServiceName,
    vips: members.map((owner, host) => ({ vip: vipOf(index, host), owner })),
    checks: random.chance(0.8)
      ? [
          {
            probe: { kind: 'exec', command: 'true' },
            intervalMs: random.pick([2_000, 10_000, 30_000]),
            fastIntervalMs: fallIntervalMs,
            timeoutMs: 2_000,
            rise: random.integer(1, 3),
            fall: random.integer(1, 3),
          },
        ]
      : [],
    announce: {
      owner: attributes('owner'),
      down: random.chance(0.2) ? attributes('down') : undefined,
      ...extras.announce,
    },
    takeover: {
      delayMs: random.chance(0.8) ? 0 : random.pick([200, 1_000]),
      releaseMs: random.pick([2_000, 2_000, 3_000]),
      settleMs: random.pick([3_000, 3_000, 5_000]),
      ...extras.takeover,
    },
    drainTimeoutMs: random.pick([15_000, 30_000]),
  };
}

/** What a service may have besides: other roles, fewer backups, damping. */
function chooseExtras(random: Random) {
  const ranks = random.pick([{}, { medPerRank: 10 }, { medPerRank: 10, prependPerRank: 1 }]);
  const standby = { ...attributes('standby'), ...ranks };
  return {
    announce: {
      backup: { ...attributes('backup'), ...ranks },
      ...random.pick([{}, { standby }, { standby: { ...standby, asPathPrepend: 3 } }]),
      ...random.pick([{}, {}, { drain: attributes('drain') }]),
      ...random.pick([{}, {}, { disabled: attributes('disabled') }]),
    },
    takeover: {
      backups: random.pick<'all' | number>(['all', 'all', 1, 2]),
      damping: random.chance(0.4)
        ? {
            falls: random.integer(1, 3),
            halfLifeMs: random.pick([10_000, 60_000, 300_000]),
            maxMs: random.pick([30_000, 600_000]),
          }
        : undefined,
    },
  };
}

/** The service that a VIP belongs to, by its address. */
export function serviceOf(vip: Vip): string {
  return `service${Number(vip.split('.')[2]) + 1}`;
}

function vipOf(service: number, host: number): Vip {
  const vip = parseVip(`10.20.${service}.${host + 1}`);
  if (!isVip(vip)) throw new Error(vip);
  return vip;
}

/** The attributes of a role, less what ranks add. */
export function attributes(role: Role) {
  const med = parseMed(medOfRole[role]);
  if (med === undefined) throw new Error(`no MED: ${role}`);
  return { nextHop: nextHopSelf, med };
}
