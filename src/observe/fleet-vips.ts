import type { ClaimReading, ServiceReading } from '../core/fleet.ts';
import { vipOfClaimName } from '../core/vip.ts';
import { type Circumstances, sentenceWithCause } from './causes.ts';
import { drainedNames, isExazk, knownVips } from './fleet-members.ts';
import type { Announcer, MemberView, VipView } from './fleet-view.ts';
import { isoTime } from './iso-time.ts';
import type { StatusVip } from './status-record.ts';
import { timeText } from './text/times.ts';

/** Every VIP of a service with its owner, its claim and those that announce it. */
export function vipsOf(reading: ServiceReading, about: Circumstances): readonly VipView[] {
  const { members } = about;
  const drained = drainedNames(about.drains);
  const claims = new Map<string | undefined, ClaimReading>(
    reading.claims.map((claim) => [vipOfClaimName(claim.name), claim]),
  );
  const speaking = members
    .filter(({ presence }) => presence === 'present')
    .map((member) => ({ member, announces: new Set(member.announces) }));
  return knownVips(reading).map((vip): VipView => {
    const owners = ownersOf(vip, members);
    const [owner] = owners;
    const claim = claims.get(vip);
    return {
      vip,
      ...(owner !== undefined && owners.length === 1 && { owner }),
      ...(claim !== undefined && { claim: claimOf(claim) }),
      announcers: announcersOf(vip, speaking, about),
      isDrained: drained.has(vip),
    };
  });
}

/** Whom members configure as the owner: those that are present, or else those that were. */
export function ownersOf(vip: string, members: readonly MemberView[]): readonly string[] {
  const owners = (presence: MemberView['presence']) =>
    members
      .filter((member) => member.presence === presence)
      .map(({ status }) => status?.vips[vip]?.owner)
      .filter((owner) => owner !== undefined);
  const present = owners('present');
  return [...new Set(present.length > 0 ? present : owners('gone'))].sort();
}

function claimOf(claim: ClaimReading): NonNullable<VipView['claim']> {
  const { session, member, createdMs, mistake } = claim;
  const since = createdMs === undefined ? {} : { since: isoTime(createdMs) };
  if (createdMs === undefined) return { kind: 'unreadable' };
  if (session === undefined) return { kind: 'persistent', ...since };
  if (mistake !== undefined) return { kind: 'unreadable', ...since };
  if (isExazk(claim) || member === undefined) return { kind: 'exazk', ...since };
  return { kind: 'member', holder: member, ...since };
}

interface Speaking {
  readonly member: MemberView;
  readonly announces: ReadonlySet<string>;
}

function announcersOf(
  vip: string,
  speaking: readonly Speaking[],
  about: Circumstances,
): readonly Announcer[] {
  return speaking
    .flatMap(({ member, announces }) => announcer(vip, member, announces.has(vip), about))
    .sort((one, other) => rankOf(one) - rankOf(other));
}

/** In this order: the first is whom most traffic goes to. */
const order = [
  'owner',
  'exazk',
  'announced',
  'backup',
  'hold',
  'drain',
  'standby',
  'disabled',
  'down',
];

function rankOf({ role }: Announcer): number {
  const rank = order.indexOf(role);
  return rank < 0 ? order.length : rank;
}

function announcer(
  vip: string,
  member: MemberView,
  saysSo: boolean,
  about: Circumstances,
): readonly Announcer[] {
  const name = member.member;
  const since = member.since === undefined ? {} : { since: member.since };
  if (member.kind === 'exazk') {
    const sentence = 'claimed by a member of ExaZK, which says no more';
    return saysSo ? [{ member: name, role: 'exazk', reason: 'claim', sentence, ...since }] : [];
  }
  const known = member.status?.vips[vip];
  if (known !== undefined && isAnnounced(known)) {
    const { role, reason } = known;
    const sentence = sentenceWithCause(known, { vip, member: name }, about);
    return [{ member: name, role, reason, sentence, since: known.since }];
  }
  const sentence = `says that it announces it; ${unwritten(member)}`;
  return saysSo ? [{ member: name, role: 'announced', reason: 'notKnown', sentence }] : [];
}

/** A member znode is written at once, a record up to a second later. */
function unwritten({ status, since }: MemberView): string {
  if (status !== undefined)
    return `as what, and why, is not in its record yet, last written at ${timeText(status.writtenAt)}`;
  const here = since === undefined ? '' : `, here since ${timeText(since)}`;
  return `as what, and why, is not known: it has written no record yet${here}`;
}

/** Whether ExaBGP has a route for it, as whatever. */
function isAnnounced({ role, route }: StatusVip): boolean {
  return role !== 'none' && route !== 'absent' && route !== 'unknown';
}
