import type {
  Announcer,
  FleetMove,
  FleetView,
  MemberView,
  ServiceView,
  VipView,
} from '../../src/observe/fleet-view.ts';
import type { StatusRecord, StatusVip } from '../../src/observe/status-record.ts';

/** A fleet as it would be read, of any size, for whatever shows fleets. */
export interface FleetShape {
  readonly service?: string;
  readonly members: number;
  readonly vips: number;
  /** Every member announces every VIP, those of others as standby. */
  readonly hasStandby?: boolean;
}

const epoch = '2026-11-21T18:00:00.000Z';

/** One service in which all is well: VIPs are spread over members, each announced and claimed by its owner. */
export function generateService(shape: FleetShape): ServiceView {
  const { service = 'apex', hasStandby = false } = shape;
  const names = memberNames(shape.members);
  const vips = Array.from({ length: shape.vips }, (_, index) => ({
    vip: vipName(index),
    owner: names[index % names.length] ?? '',
  }));
  return {
    service,
    drains: [],
    members: names.map((member) => memberOf(member, vips, hasStandby)),
    vips: vips.map(({ vip, owner }) => ({
      vip,
      owner,
      claim: { kind: 'member', holder: owner, since: epoch },
      announcers: names
        .filter((member) => hasStandby || member === owner)
        .map((member) => announcerOf(member, vip, owner)),
      isDrained: false,
    })),
    moves: [],
    acts: [],
    problems: [],
  };
}

/** A fleet of such services. */
export function generateFleet(...shapes: readonly FleetShape[]): FleetView {
  return { root: '/exabgp', readAt: epoch, services: shapes.map(generateService), refusals: [] };
}

/** The service after the death of a member: it is gone, and `backups` others carry its VIPs, which is all told. */
export function failOver(service: ServiceView, dead: string, at: string, backups = 2): ServiceView {
  const rest = service.members.map(({ member }) => member).filter((member) => member !== dead);
  const index = service.members.findIndex(({ member }) => member === dead);
  const takers = Array.from(
    { length: backups },
    (_, next) => rest[(index + next) % rest.length] ?? '',
  );
  const orphans = service.vips.filter(({ owner }) => owner === dead).map(({ vip }) => vip);
  const moves: FleetMove[] = orphans.flatMap((vip) =>
    takers.map((member) => ({
      at,
      vip,
      member,
      from: 'none',
      to: 'backup',
      reason: 'claimMissing',
      sentence: 'announced as backup, because its claim has been missing',
    })),
  );
  return {
    ...service,
    members: service.members.map((member) => {
      if (member.member === dead) return { ...member, presence: 'gone', announces: [] };
      return takers.includes(member.member) ? takenOver(member, orphans, at) : member;
    }),
    vips: service.vips.map((vip) => (vip.owner === dead ? orphaned(vip, dead, takers, at) : vip)),
    moves: [...service.moves, ...moves],
    problems: [
      {
        kind: 'gone',
        severity: 'warning',
        subject: dead,
        sentence: 'is gone from ZooKeeper, without having left',
      },
    ],
  };
}

/** `lb1`, or `lb001` where there are more than a hundred. */
function memberNames(count: number): readonly string[] {
  const width = count >= 100 ? 3 : String(count).length;
  return Array.from({ length: count }, (_, index) => `lb${String(index + 1).padStart(width, '0')}`);
}

function vipName(index: number): string {
  return `10.20.${255 - Math.floor(index / 250)}.${(index % 250) + 1}/32`;
}

interface OwnedVip {
  readonly vip: string;
  readonly owner: string;
}

function memberOf(member: string, vips: readonly OwnedVip[], hasStandby: boolean): MemberView {
  return {
    member,
    kind: 'vipkeeper',
    presence: 'present',
    health: 'up',
    announces: vips.filter(({ owner }) => owner === member).map(({ vip }) => vip),
    isLeaving: false,
    isDrained: false,
    since: epoch,
    status: recordOf(member, vips, hasStandby),
  };
}

function recordOf(member: string, vips: readonly OwnedVip[], hasStandby: boolean): StatusRecord {
  return {
    v: 1,
    member,
    writtenAt: epoch,
    startedAt: epoch,
    version: '0.1.0',
    config: { hash: '3f0a9c51d2e4', loadedAt: epoch },
    session: { timeoutMs: 6000, belief: 'live' },
    exabgp: {
      version: '4.2.21',
      answers: true,
      isConnected: true,
      neighbors: { '10.20.101.1': 'up', 'fd20:101::1': 'up' },
    },
    health: 'up',
    checks: [{ name: 'exec curl -sf http://127.0.0.1/healthcheck', verdict: 'up', durationMs: 12 }],
    vips: Object.fromEntries(
      vips.map(({ vip, owner }) => [vip, recordOfVip(member, owner, hasStandby)]),
    ),
    moves: [],
  };
}

function recordOfVip(member: string, owner: string, hasStandby: boolean): StatusVip {
  if (member === owner) {
    const sentence = 'announced as owner, because this member owns it';
    return { owner, role: 'owner', reason: 'owner', sentence, since: epoch, route: 'self med 100' };
  }
  return {
    owner,
    role: hasStandby ? 'standby' : 'none',
    reason: 'heldByOwner',
    sentence: hasStandby
      ? "announced as standby, because another member's claim stands"
      : "withdrawn, because another member's claim stands",
    since: epoch,
    route: hasStandby ? 'self as-path 65141 65141 65141' : 'absent',
    rank: 1,
  };
}

function announcerOf(member: string, vip: string, owner: string): Announcer {
  const { role, reason, sentence, since } = recordOfVip(member, owner, true);
  return { member, role, reason, sentence: `${vip}: ${sentence}`, since };
}

const backupRecord = {
  role: 'backup',
  reason: 'claimMissing',
  sentence: 'announced as backup, because its claim has been missing',
  route: 'self med 200',
} as const;

function takenOver(member: MemberView, vips: readonly string[], at: string): MemberView {
  const { status } = member;
  if (status === undefined) return member;
  const records = vips.map((vip) => [vip, { ...status.vips[vip], ...backupRecord, since: at }]);
  return {
    ...member,
    announces: [...member.announces, ...vips],
    status: { ...status, vips: { ...status.vips, ...Object.fromEntries(records) } },
  };
}

function orphaned(vip: VipView, dead: string, takers: readonly string[], at: string): VipView {
  const { claim: _claim, ...rest } = vip;
  const { route: _route, ...backup } = backupRecord;
  return {
    ...rest,
    announcers: [
      ...takers.map((member) => ({ member, ...backup, since: at })),
      ...vip.announcers.filter(({ member }) => member !== dead && !takers.includes(member)),
    ],
  };
}
