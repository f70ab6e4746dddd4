import type { MemberReport } from '../../src/core/event.ts';
import type {
  ClaimReading,
  FleetReading,
  NoteReading,
  ServiceReading,
} from '../../src/core/fleet.ts';
import { isVip, parseVip, type Vip } from '../../src/core/vip.ts';
import type { Act } from '../../src/observe/act.ts';
import type { Move, StatusRecord, StatusVip } from '../../src/observe/status-record.ts';

/** When everything here began, and when it is read. */
export const began = '2026-11-21T17:00:00.000Z';
export const beganMs = Date.parse(began);
export const readAtMs = beganMs + 3_600_000;

/** A VIP at one member as it says itself: `owner`, `backup`, `standby`, `none`, ..., and what differs from the usual. */
export type VipAtMember = string | (Partial<StatusVip> & { readonly role: string });

/** One member of a service, healthy and present unless told otherwise. */
export interface MemberParts {
  /** By bare address. */
  readonly vips: Readonly<Record<string, VipAtMember>>;
  readonly report?: Partial<MemberReport>;
  readonly isGone?: boolean;
  /** Parts of its record; `undefined`: it has none. */
  readonly record?: Partial<StatusRecord> | undefined;
  readonly moves?: readonly Move[];
}

export interface ServiceParts {
  readonly service?: string;
  readonly members?: Readonly<Record<string, MemberParts>>;
  /** By bare address who owns it. */
  readonly owners?: Readonly<Record<string, string>>;
  /** By bare address who claims it: a member, `exazk`, `persistent` or `foreign`. */
  readonly claims?: Readonly<Record<string, string>>;
  readonly drains?: Readonly<Record<string, Partial<NoteReading>>>;
  readonly maintenance?: Partial<NoteReading>;
  /** What commands did. */
  readonly acts?: readonly Act[];
}

const owns: Readonly<Record<string, string>> = {
  '10.20.255.1': 'lb1',
  '10.20.255.2': 'lb2',
  '10.20.255.3': 'lb3',
};

const reasons: ReadonlyMap<string, readonly [reason: string, sentence: string]> = new Map([
  ['owner', ['owner', 'announced as owner, because this member owns it']],
  ['backup', ['claimMissing', 'announced as backup, because its claim has been missing']],
  ['standby', ['heldByOwner', "announced as standby, because another member's claim stands"]],
  ['none', ['heldByOwner', "withdrawn, because another member's claim stands"]],
]);

/** What ZooKeeper holds of a fleet of one service, described by what is of interest. */
export function fleetReading(...services: readonly ServiceParts[]): FleetReading {
  return {
    root: '/exabgp',
    readAtMs,
    services: services.map(serviceReading),
    refusals: [],
  };
}

function serviceReading(parts: ServiceParts): ServiceReading {
  const { service = 'apex', members = {}, claims = {}, drains = {}, maintenance, acts } = parts;
  const { owners = owns } = parts;
  const all = Object.entries(members);
  return {
    service,
    maintenance: maintenance && note(maintenance),
    drains: Object.entries(drains).map(([name, about]) => ({ name, ...note(about) })),
    claims: Object.entries(claims).map(([name, holder]) => claim(name, holder)),
    members: all
      .filter(([, { isGone }]) => isGone !== true)
      .map(([name, { vips, report }]) => ({
        name,
        session: `session of ${name}`,
        createdMs: beganMs,
        mistake: undefined,
        report: {
          health: 'up',
          announces: Object.keys(vips)
            .filter((vip) => isServing(vips[vip]))
            .map(vipOf),
          isLeaving: false,
          ...report,
        },
      })),
    statuses: all
      .filter(([, member]) => !('record' in member) || member.record !== undefined)
      .map(([name, member]) => ({
        member: name,
        data: new TextEncoder().encode(JSON.stringify(statusRecord(name, member, owners))),
      })),
    journal: acts && new TextEncoder().encode(JSON.stringify({ v: 1, acts })),
  };
}

function note(about: Partial<NoteReading>): NoteReading {
  const nothing = { who: undefined, why: undefined, expiresMs: undefined, mistake: undefined };
  return { ...nothing, sinceMs: beganMs, ...about };
}

function claim(name: string, holder: string): ClaimReading {
  const isOurs = !['exazk', 'persistent', 'foreign'].includes(holder);
  return {
    name,
    session: holder === 'persistent' ? undefined : `session of ${isOurs ? holder : name}`,
    createdMs: beganMs,
    member: isOurs ? holder : undefined,
    mistake: holder === 'foreign' ? 'not JSON' : undefined,
  };
}

function vipOf(address: string): Vip {
  const vip = parseVip(address);
  if (!isVip(vip)) throw new Error(`${address}: ${vip}`);
  return vip;
}

function isServing(vip: VipAtMember | undefined): boolean {
  const role = typeof vip === 'string' ? vip : vip?.role;
  return role === 'owner' || role === 'backup' || role === 'drain';
}

function statusRecord(
  member: string,
  { vips, report, record, moves }: MemberParts,
  owners: Readonly<Record<string, string>>,
): StatusRecord {
  return {
    v: 1,
    member,
    writtenAt: began,
    startedAt: began,
    version: '0.1.0',
    config: { hash: '0123456789ab', loadedAt: began },
    session: { timeoutMs: 6_000, belief: 'live' },
    exabgp: {
      version: '4.2.22',
      answers: true,
      isConnected: true,
      neighbors: { '10.0.0.1': 'up' },
    },
    health: report?.health ?? 'up',
    checks: [],
    vips: Object.fromEntries(
      Object.entries(vips).map(([address, vip]) => [
        vipOf(address),
        statusVip(owners[address], typeof vip === 'string' ? { role: vip } : vip),
      ]),
    ),
    moves: moves ?? [],
    ...record,
  };
}

function statusVip(
  owner: string | undefined,
  about: Partial<StatusVip> & { readonly role: string },
): StatusVip {
  const [reason, sentence] = reasons.get(about.role) ?? [about.role, `announced as ${about.role}`];
  return {
    ...(owner !== undefined && { owner }),
    reason,
    sentence,
    since: began,
    route: about.role === 'none' ? 'absent' : 'self med 100',
    ...about,
  };
}
