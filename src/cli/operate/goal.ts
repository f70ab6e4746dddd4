import { few } from '../../observe/few.ts';
import type { MemberView, ServiceView, VipView } from '../../observe/fleet-view.ts';
import { timeText } from '../../observe/text/times.ts';

/** What the fleet is to come to after an operator's command. */
export type Goal =
  /** In maintenance: nobody announces anything. */
  | { readonly kind: 'dark' }
  /** Out of maintenance: every VIP is served, by its owner if that one is able to. */
  | { readonly kind: 'lit' }
  /** A member, or a VIP everywhere, is out, or is back. */
  | { readonly kind: 'memberOut' | 'memberBack'; readonly member: string }
  | { readonly kind: 'vipOut' | 'vipBack'; readonly vip: string };

/** What is missing still, in sentences for people; none: the goal is reached, as far as ZooKeeper tells. */
export function missing(goal: Goal, view: ServiceView): readonly string[] {
  switch (goal.kind) {
    case 'dark':
      return stillThere(view, view.vips, '');
    case 'lit':
      return view.maintenance === undefined
        ? notServed(view, view.vips)
        : [`${view.service} is in maintenance again`];
    case 'memberOut':
      return memberOut(view, goal.member);
    case 'memberBack':
      return memberBack(view, goal.member);
    case 'vipOut':
      return stillThere(
        view,
        view.vips.filter(({ vip }) => vip === goal.vip),
        ', which knows no drains: stop it there',
      );
    case 'vipBack':
      return notServed(
        view,
        view.vips.filter(({ vip }) => vip === goal.vip),
      );
  }
}

/** What nobody can tell from ZooKeeper, where nothing is missing otherwise; in sentences. */
export function untold(goal: Goal, { members, vips }: ServiceView): readonly string[] {
  if (goal.kind !== 'dark' && goal.kind !== 'vipOut') return [];
  const all = goal.kind === 'dark' ? vips.map(({ vip }) => vip) : [goal.vip];
  return members.flatMap((member) => mayStillAnnounce(member, all));
}

/** A member that is gone has withdrawn nothing since its last record, unless its ExaBGP is gone as well. */
function mayStillAnnounce(
  { member, presence, status }: MemberView,
  all?: readonly string[],
): readonly string[] {
  if (presence === 'present' || status === undefined) return [];
  const before = Object.entries(status.vips)
    .filter(([vip, { role }]) => isOnOffer(role) && all?.includes(vip) !== false)
    .map(([vip]) => vip);
  const last = `announced ${few(before)} when it wrote last, at ${timeText(status.writtenAt)}`;
  return before.length === 0
    ? []
    : [`${member} is gone from ZooKeeper, ${last}, and still does unless its ExaBGP is gone too`];
}

/** Roles that mean: routers shall go elsewhere. */
const outOfTheWay = ['disabled', 'down'];

function isOnOffer(role: string): boolean {
  return !['none', 'hold', ...outOfTheWay].includes(role);
}

/** @param ofExazk what is to be said of ExaZK's members besides. */
function stillThere(
  { members }: ServiceView,
  vips: readonly VipView[],
  ofExazk: string,
): readonly string[] {
  const exazk = new Set(members.filter(({ kind }) => kind === 'exazk').map(({ member }) => member));
  const byMember = new Map<string, string[]>();
  for (const { vip, announcers } of vips) {
    for (const { member, role } of announcers) {
      if (outOfTheWay.includes(role)) continue;
      byMember.set(member, [...(byMember.get(member) ?? []), vip]);
    }
  }
  const claimed = vips
    .filter(({ claim }) => claim !== undefined && claim.kind !== 'exazk')
    .map(({ vip }) => vip);
  return [
    ...[...byMember].map(([member, own]) =>
      exazk.has(member)
        ? `a member of ExaZK still announces ${few(own)}${ofExazk}`
        : `${member} still announces ${few(own)}`,
    ),
    ...(claimed.length === 0 ? [] : [`${few(claimed)} still claimed`]),
  ];
}

function memberOut({ members, vips }: ServiceView, name: string): readonly string[] {
  const member = members.find((one) => one.member === name);
  if (member === undefined) return [];
  if (member.presence !== 'present') return mayStillAnnounce(member);
  const claimed = vips.filter(({ claim }) => claim?.holder === name).map(({ vip }) => vip);
  return [
    ...(member.isLeaving ? [] : [notLeaving(member)]),
    ...(member.announces.length === 0 ? [] : [`${name} still announces ${few(member.announces)}`]),
    ...(claimed.length === 0 ? [] : [`${name} still claims ${few(claimed)}`]),
  ];
}

/** A drain may end, by itself or by somebody, before the member is out. */
function notLeaving({ member, isDrained }: MemberView): string {
  return isDrained ? `${member} has not heard of it yet` : `no drain of ${member} is in effect`;
}

function memberBack(view: ServiceView, name: string): readonly string[] {
  const member = view.members.find((one) => one.member === name);
  if (member?.presence !== 'present') return [`${name} is gone from ZooKeeper`];
  if (member.isDrained) return [`${name} is drained again`];
  if (member.isLeaving) return [`${name} has not heard of it yet`];
  if (member.health !== 'up') return [`the checks of ${name} say ${member.health}`];
  // In maintenance it is back, and announces nothing.
  if (view.maintenance !== undefined) return [];
  return notServed(
    view,
    view.vips.filter(({ owner }) => owner === name),
  );
}

/** VIPs that are not with their owner though it is able to serve them, or with nobody where it is not. */
function notServed(view: ServiceView, vips: readonly VipView[]): readonly string[] {
  return vips.flatMap(({ vip, owner, announcers, isDrained }) => {
    if (isDrained) return [];
    const able = view.members.find(({ member }) => member === owner);
    if (able !== undefined && isAble(able)) {
      const isThere = announcers.some(({ member, role }) => member === owner && role === 'owner');
      return isThere ? [] : [`${vip} is not announced by ${owner} yet`];
    }
    return announcers.some(({ role }) => serves(role)) ? [] : [`${vip} is announced by nobody`];
  });
}

function serves(role: string): boolean {
  return role !== 'standby' && !outOfTheWay.includes(role);
}

/** Whether a member would serve what comes to it. What an ExaZK is up to, nobody knows: it counts as able. */
function isAble(member: MemberView): boolean {
  const { kind, presence, health, isLeaving, isDrained } = member;
  if (presence !== 'present' || isLeaving || isDrained) return false;
  return kind === 'exazk' || health === 'up';
}

/** The VIPs of a member that nobody else would serve, were it gone. */
export function leftDark(view: ServiceView, name: string): readonly string[] {
  if (view.maintenance !== undefined) return [];
  const others = view.members.filter((member) => member.member !== name && isAble(member));
  return view.vips
    .filter(({ isDrained }) => !isDrained)
    .filter(({ announcers }) =>
      announcers.some(({ member, role }) => member === name && serves(role)),
    )
    .map(({ vip }) => vip)
    .filter((vip) => !others.some((member) => mayServe(member, vip)));
}

/** What a member is configured for is in its record; without one it is not known, and thought to be all. */
function mayServe({ status }: MemberView, vip: string): boolean {
  return status === undefined || status.isCut === true || status.vips[vip] !== undefined;
}
