import type { ClaimReading, NoteReading, ServiceReading } from '../core/fleet.ts';
import { isMemberName } from '../core/settings.ts';
import { type Vip, vipOfClaimName } from '../core/vip.ts';
import type { DrainView, MemberView, ServiceView } from './fleet-view.ts';
import { isoTime } from './iso-time.ts';
import { parseStatusRecord, type StatusContent, type StatusRecord } from './status-record.ts';

/** Who and why, as far as the znode of a maintenance says; undefined when there is none. */
export function maintenanceOf({ maintenance }: ServiceReading): ServiceView['maintenance'] {
  return maintenance === undefined ? undefined : noteOf(maintenance);
}

function noteOf({ who, why, sinceMs }: NoteReading) {
  return {
    ...(who !== undefined && { who }),
    ...(why !== undefined && { why }),
    ...(sinceMs !== undefined && { since: isoTime(sinceMs) }),
  };
}

/** Every drain there is, with whether it is in effect. */
export function drainsOf(reading: ServiceReading, readAtMs: number): readonly DrainView[] {
  const vips = new Set(knownVips(reading));
  return reading.drains.map((drain): DrainView => {
    const { name, expiresMs } = drain;
    const vip = vipOfClaimName(name);
    return {
      name: vip ?? name.slice(0, 100).replace(/\p{C}/gu, '?'),
      kind: kindOf(name, vip, vips),
      ...noteOf(drain),
      ...(expiresMs !== undefined && { expires: isoTime(expiresMs) }),
      isExpired: expiresMs !== undefined && expiresMs <= readAtMs,
    };
  });
}

function kindOf(name: string, vip: Vip | undefined, vips: ReadonlySet<string>): DrainView['kind'] {
  if (vip !== undefined) return vips.has(vip) ? 'vip' : 'unknown';
  return isMemberName(name) ? 'member' : 'unknown';
}

/** The names that drains take out now. */
export function drainedNames(drains: readonly DrainView[]): ReadonlySet<string> {
  return new Set(
    drains
      .filter(({ kind, isExpired }) => kind !== 'unknown' && !isExpired)
      .map(({ name }) => name),
  );
}

/** Our members by name, present ones and those that only left a record, and ExaZK's after them. */
export function membersOf(
  reading: ServiceReading,
  drains: readonly DrainView[],
): readonly MemberView[] {
  const drained = drainedNames(drains);
  const present = new Map(reading.members.map((member) => [member.name, member]));
  const records = new Map(recordsOf(reading));
  const names = [...new Set([...present.keys(), ...records.keys()])].filter(isMemberName).sort();
  const ours = names.map((name): MemberView => {
    const presence = present.get(name);
    const status = records.get(name);
    const { health, announces, isLeaving } = presence?.report ?? nothingSaid;
    return {
      member: name,
      kind: 'vipkeeper',
      presence: presence === undefined ? 'gone' : 'present',
      health,
      announces,
      isLeaving,
      isDrained: drained.has(name),
      ...(presence?.createdMs !== undefined && { since: isoTime(presence.createdMs) }),
      ...(status !== undefined && { status }),
    };
  });
  return [...ours, ...exazkMembers(reading)];
}

const nothingSaid = { health: 'unknown', announces: [], isLeaving: false } as const;

/** An ExaZK is known by its claims alone: those without data, one session each. */
function exazkMembers({ claims }: ServiceReading): readonly MemberView[] {
  const bySession = new Map<string | undefined, ClaimReading[]>();
  for (const claim of claims.filter(isExazk))
    bySession.set(claim.session, [...(bySession.get(claim.session) ?? []), claim]);
  return [...bySession.values()].map((own): MemberView => {
    const vips = own.map(({ name }) => vipOfClaimName(name) ?? name);
    const since = Math.min(...own.map(({ createdMs }) => createdMs ?? Infinity));
    return {
      member: vips[0] ?? '',
      kind: 'exazk',
      presence: 'present',
      health: 'unknown',
      announces: vips,
      isLeaving: false,
      isDrained: false,
      ...(Number.isFinite(since) && { since: isoTime(since) }),
    };
  });
}

/** Whether a claim is ExaZK's, as far as that can be told: a session's, without data, named by a VIP. */
export function isExazk({ name, session, member, mistake }: ClaimReading): boolean {
  const hasNoData = member === undefined && mistake === undefined;
  return session !== undefined && hasNoData && vipOfClaimName(name) !== undefined;
}

/** The status records that could be read, by member. */
function recordsOf({ statuses }: ServiceReading): readonly (readonly [string, StatusRecord])[] {
  return statuses.flatMap(({ member, data }) => {
    const content = statusContent(data);
    return content.kind === 'record' ? [[member, content.record] as const] : [];
  });
}

const parsed = new WeakMap<Uint8Array, StatusContent>();

/** A record as found; each is parsed once, since a change of one tells all of them again. */
export function statusContent(data: Uint8Array | undefined): StatusContent {
  if (data === undefined) return { kind: 'unreadable', why: 'it could not be read' };
  const known = parsed.get(data) ?? parseStatusRecord(data);
  parsed.set(data, known);
  return known;
}

/** Every VIP that present members configure, claim or announce; of members that are gone only when there are no others. */
export function knownVips(reading: ServiceReading): readonly string[] {
  const present = new Set(reading.members.map(({ name }) => name));
  const records = recordsOf(reading);
  const living = records.filter(([member]) => present.has(member));
  const configured = (living.length > 0 ? living : records).flatMap(([, { vips }]) =>
    Object.keys(vips),
  );
  const claimed = reading.claims.map(({ name }) => vipOfClaimName(name));
  const announced = reading.members.flatMap(({ report }) => report?.announces ?? []);
  const all = new Set([...configured, ...claimed, ...announced]);
  return [...all].filter((vip) => vip !== undefined).sort(byAddress);
}

/** IPv4 first, and numbers by their value. */
function byAddress(one: string, other: string): number {
  const [isOneIpv6, isOtherIpv6] = [one.includes(':'), other.includes(':')];
  if (isOneIpv6 !== isOtherIpv6) return isOneIpv6 ? 1 : -1;
  collator ??= new Intl.Collator('en', { numeric: true });
  return collator.compare(one, other);
}

let collator: Intl.Collator | undefined;
