import type { FleetSettings } from './fleet-settings.ts';
import { vipsOf } from './fleet-settings.ts';
import { neighborNames } from './load-balancer.ts';
import type { Random } from './random.ts';

/** One thing that happens to the world: begins, and is over some time later. */
export interface Fault {
  readonly atMs: number;
  readonly durationMs: number;
  readonly what: FaultKind;
  /** Name of the LB it happens to. */
  readonly lb?: string;
  /** Index of the ZooKeeper server. */
  readonly server?: number;
  /** Index of each server's side of a partition. */
  readonly groups?: readonly number[];
  readonly service?: string;
  /** A VIP's znode name, or a neighbor's, or how something is broken. */
  readonly detail?: string;
}

export type FaultKind =
  | 'agent killed'
  | 'agent paused'
  | 'agent stopped'
  | 'LB upgraded'
  | 'ExaBGP killed'
  | 'ExaBGP hangs'
  | 'ExaBGP refuses a command'
  | 'power off'
  | 'neighbor closed'
  | 'neighbor silent'
  | 'all neighbors silent'
  | 'service sick'
  | 'service flaps'
  | 'clock jumps'
  | 'server killed'
  | 'server hangs'
  | 'servers partitioned'
  | 'ensemble killed'
  | 'ensemble hangs'
  | 'LB cut off from ZooKeeper'
  | 'LB slow to ZooKeeper'
  | 'maintenance'
  | 'member drained'
  | 'VIP drained'
  | 'VIP removed'
  | 'owner changed'
  | 'member emptied'
  | 'claim deleted by hand';

/** What a run is about: any fault, planned moves alone, or ZooKeeper's troubles alone. */
export type PlanKind = 'mixed' | 'planned' | 'ensemble';

export interface Plan {
  readonly kind: PlanKind;
  readonly faults: readonly Fault[];
  /** No fault goes on beyond this. */
  readonly safetyEndsMs: number;
  /** How long the fleet is watched at rest, once it is healed. */
  readonly quietMs: number;
}

const planned: readonly FaultKind[] = [
  'agent stopped',
  'LB upgraded',
  'member drained',
  'clock jumps',
  'agent killed',
  'maintenance',
  'VIP removed',
  'owner changed',
  'member emptied',
  'VIP drained',
];
const ofEnsemble: readonly FaultKind[] = [
  'ensemble killed',
  'ensemble hangs',
  'server killed',
  'server hangs',
  'servers partitioned',
];
const any: readonly FaultKind[] = [
  ...planned,
  ...ofEnsemble,
  'agent paused',
  'ExaBGP killed',
  'ExaBGP hangs',
  'ExaBGP refuses a command',
  'power off',
  'neighbor closed',
  'neighbor silent',
  'all neighbors silent',
  'service sick',
  'service flaps',
  'LB cut off from ZooKeeper',
  'LB slow to ZooKeeper',
  'claim deleted by hand',
];

/** @param recoveryMs how long the fleet may need to get over a fault. */
export function choosePlan(random: Random, fleet: FleetSettings, recoveryMs: number): Plan {
  const kind = random.pick<PlanKind>(['mixed', 'mixed', 'mixed', 'planned', 'ensemble']);
  const kinds = { mixed: any, planned, ensemble: ofEnsemble }[kind];
  // A seed has a liking for some faults, so that rare ones meet often.
  const liked = kinds.filter(() => random.chance(0.5));
  const chosen = liked.length === 0 ? kinds : liked;
  const faults: Fault[] = [];
  let atMs = recoveryMs + random.between(0, 5_000);
  for (let count = random.integer(3, 20); count > 0; count -= 1) {
    const fault = chooseFault(random, fleet, random.pick(chosen), atMs);
    faults.push(fault);
    atMs += nextGapMs(random, kind, fault, recoveryMs);
  }
  const endsMs = Math.max(...faults.map((fault) => fault.atMs + fault.durationMs));
  return { kind, faults, safetyEndsMs: endsMs + 1, quietMs: chooseQuietMs(random, fleet) };
}

/** An hour; or two days, where time is cheap because there are few members, sessions that beat seldom, and few checks. */
function chooseQuietMs(random: Random, fleet: FleetSettings): number {
  const hours = restEventsPerHour(fleet) < 20_000 && random.chance(0.5) ? 48 : 1;
  return hours * hourMs;
}

const hourMs = 3_600_000;

/** About how much there is to simulate in an hour in which nothing happens. */
function restEventsPerHour({ members, sessionTimeoutMs, services }: FleetSettings): number {
  const heartbeats = (2 * 6 * hourMs) / sessionTimeoutMs;
  // Every minute all is read again.
  const readings = 1_300 * services.length;
  const checks = services
    .flatMap((service) => service.checks)
    .reduce((sum, { intervalMs }) => sum + (3 * hourMs) / intervalMs, 0);
  const timers = 1_800;
  return members.length * (heartbeats + readings + checks + timers);
}

/** Planned moves come one at a time; other faults meet, or leave time to recover, by turns. */
function nextGapMs(random: Random, kind: PlanKind, fault: Fault, recoveryMs: number): number {
  if (kind !== 'mixed' || random.chance(0.4))
    return fault.durationMs + recoveryMs * random.between(1, 1.5);
  return random.chance(0.5) ? random.magnitude(1, 5_000) : random.magnitude(100, 60_000);
}

function chooseFault(random: Random, fleet: FleetSettings, what: FaultKind, atMs: number): Fault {
  const durationMs = durationOf(random, what);
  const lb = random.pick(fleet.members);
  const server = random.integer(0, fleet.serverCount - 1);
  const { vip, service } = random.pick(vipsOf(fleet));
  const base = { atMs, durationMs, what };
  switch (what) {
    case 'server killed':
    case 'server hangs':
      return { ...base, server };
    case 'servers partitioned':
      return {
        ...base,
        groups: Array.from({ length: fleet.serverCount }, () => random.integer(0, 1)),
      };
    case 'ensemble killed':
    case 'ensemble hangs':
      return base;
    case 'maintenance':
      return { ...base, service: service.name };
    case 'VIP drained':
    case 'VIP removed':
    case 'claim deleted by hand':
      return { ...base, service: service.name, detail: vip };
    case 'owner changed':
      return { ...base, service: service.name, detail: vip, lb };
    case 'member drained':
    case 'service sick':
    case 'service flaps':
      return { ...base, lb, service: service.name };
    case 'neighbor closed':
    case 'neighbor silent':
      return { ...base, lb, detail: random.pick(neighborNames) };
    case 'LB cut off from ZooKeeper':
      return { ...base, lb, detail: random.pick(['black hole', 'deaf', 'mute', 'one server']) };
    default:
      return { ...base, lb };
  }
}

function durationOf(random: Random, what: FaultKind): number {
  switch (what) {
    case 'agent killed':
    case 'agent stopped':
    case 'ExaBGP killed':
    case 'ExaBGP refuses a command':
    case 'clock jumps':
    case 'claim deleted by hand':
      return 0;
    case 'LB upgraded':
      return random.magnitude(10_000, 120_000);
    default:
      return random.magnitude(50, 600_000);
  }
}

/** One line for people. */
export function describeFault(fault: Fault): string {
  const { what, lb, server, groups, service, detail, durationMs } = fault;
  const where = [
    lb,
    server === undefined ? undefined : `server ${server}`,
    groups?.join('|'),
    service,
    detail,
  ];
  const named = where.filter((part) => part !== undefined).join(' ');
  return `${what}${named === '' ? '' : ` (${named})`}${durationMs === 0 ? '' : ` for ${Math.round(durationMs)} ms`}`;
}
