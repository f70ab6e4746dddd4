import {
  type FleetView,
  type MemberView,
  type Problem,
  problemSeverities,
  type ServiceView,
  type VipView,
} from '../observe/fleet-view.ts';
import { type CellRole, letters } from './letters.ts';
import type { MemberPart, PartEntry, ServicePart, Trouble, VipPart } from './wire.ts';

/** Moves that a page is told: what one looks at after a bad night, and bounded in a fleet of any size. */
export const movesShown = 300;

/** And of what was done to maintenance and drains. */
const actsShown = 100;

/** Problems of a service that a page is told in words: when everything is wrong, all of them would be tens of kB for each change. */
export const problemsShown = 50;

/** Every part of a fleet as JSON, by its key as JSON. Equal text: nothing to tell. */
export type Parts = ReadonlyMap<string, string>;

/** Cuts a fleet into its parts. Pure. */
export function partsOf(view: FleetView): Parts {
  const parts = new Map<string, string>();
  for (const [kind, service, name, part] of entriesOf(view)) {
    parts.set(JSON.stringify([kind, service, name]), JSON.stringify(part));
  }
  return parts;
}

/** What has to be set and taken away to come from one to the other; both as lists of JSON. */
export function differenceOf(
  before: Parts,
  after: Parts,
): { readonly set: readonly string[]; readonly removed: readonly string[] } {
  const set: string[] = [];
  for (const [key, part] of after) {
    if (before.get(key) !== part) set.push(`${key.slice(0, -1)},${part}]`);
  }
  const removed = [...before.keys()].filter((key) => !after.has(key));
  return { set, removed };
}

function* entriesOf(view: FleetView): Generator<PartEntry> {
  yield ['fleet', '', '', { root: view.root, refusals: view.refusals }];
  for (const service of view.services) yield* serviceEntries(service);
  yield* moveEntries(view);
  yield* actEntries(view);
}

function* serviceEntries(view: ServiceView): Generator<PartEntry> {
  const { service, members, vips, problems } = view;
  const troubles = troublesOf(problems);
  yield ['service', service, '', servicePart(view)];
  yield [
    'order',
    service,
    '',
    { members: members.map(({ member }) => member), vips: vips.map(({ vip }) => vip) },
  ];
  for (const member of members) {
    yield ['member', service, member.member, memberPart(member, troubles.get(member.member))];
  }
  for (const vip of vips) {
    yield ['vip', service, vip.vip, vipPart(vip, members, troubles.get(vip.vip))];
  }
  yield* problemEntries(view);
}

function servicePart({ maintenance, drains, problems }: ServiceView): ServicePart {
  const count = (severity: Problem['severity']) =>
    problems.filter((problem) => problem.severity === severity).length;
  return {
    ...(maintenance !== undefined && { maintenance }),
    drains,
    problemCounts: { error: count('error'), warning: count('warning'), info: count('info') },
  };
}

/** By subject: the worst of what is wrong with it. */
function troublesOf(problems: readonly Problem[]): ReadonlyMap<string, Trouble> {
  const troubles = new Map<string, Trouble>();
  for (const { subject, severity } of problems) {
    if (severity === 'error' || (severity === 'warning' && !troubles.has(subject)))
      troubles.set(subject, severity);
  }
  return troubles;
}

const kinds = Object.keys(problemSeverities);

function* problemEntries({ service, problems }: ServiceView): Generator<PartEntry> {
  const counts = new Map<string, number>();
  for (const { kind, severity, subject, sentence } of problems.slice(0, problemsShown)) {
    const rank = kinds.indexOf(kind);
    // The same may be wrong twice with one subject, and no name may stand for two parts.
    const count = (counts.get(`${kind} ${subject}`) ?? 0) + 1;
    counts.set(`${kind} ${subject}`, count);
    const name = `${kind}${count === 1 ? '' : count} ${subject}`;
    yield ['problem', service, name, { rank, severity, subject, sentence }];
  }
}

function vipPart(
  vip: VipView,
  members: readonly MemberView[],
  trouble: Trouble | undefined,
): VipPart {
  const { owner, claim, isDrained } = vip;
  return {
    ...(owner !== undefined && { owner }),
    ...(claim !== undefined && { claim }),
    isDrained,
    row: rowOf(vip, members),
    ...(trouble !== undefined && { trouble }),
  };
}

function memberPart(member: MemberView, trouble: Trouble | undefined): MemberPart {
  const { kind, presence, health, isLeaving, isDrained, status } = member;
  const isCutOff = status?.exabgp.answers === false || status?.exabgp.isConnected === false;
  return {
    kind,
    presence,
    health,
    isLeaving,
    isDrained,
    ...(status !== undefined && { belief: status.session.belief }),
    ...(isCutOff && { isCutOff }),
    ...(trouble !== undefined && { trouble }),
  };
}

function rowOf(vip: VipView, members: readonly MemberView[]): string {
  const announced = new Map(vip.announcers.map(({ member, role }) => [member, role]));
  return members
    .map((member) => letters[lastRole(member, vip.vip, announced.get(member.member))])
    .join('');
}

/** What a member does with a VIP, as far as is known. */
export function cellRole(member: MemberView, vip: string, announcedAs?: string): CellRole {
  return member.presence === 'gone' ? 'gone' : lastRole(member, vip, announcedAs);
}

/**
 * The same, but of a member that is gone what it did last: its death is told once, by its own part, and not by every
 * row.
 */
function lastRole(member: MemberView, vip: string, announcedAs?: string): CellRole {
  const record = recordOf(member, vip);
  if (record?.refused !== undefined) return 'refused';
  const role = announcedAs ?? record?.role;
  if (role !== undefined) return isCellRole(role) ? role : 'announced';
  if (member.announces.includes(vip)) return 'announced';
  return member.status === undefined || member.status.isCut ? 'unknown' : 'absent';
}

/** What a member's record says about a VIP. Names come from ZooKeeper, so only own keys count. */
export function recordOf(member: MemberView, vip: string) {
  const vips = member.status?.vips;
  return vips !== undefined && Object.hasOwn(vips, vip) ? vips[vip] : undefined;
}

function isCellRole(role: string): role is CellRole {
  return Object.hasOwn(letters, role);
}

/** The last moves of the whole fleet; each has a key of its own, so a new one costs its own size. */
function* moveEntries({ services }: FleetView): Generator<PartEntry> {
  const all = services.flatMap(({ service, moves }) =>
    moves.slice(-movesShown).map((move) => ({ service, ...move })),
  );
  for (const { service, at, vip, member, from, to, sentence } of latest(all, movesShown)) {
    const name = `${at} ${member} ${vip} ${from} ${to}`;
    yield ['move', service, name, { at, vip, member, from, to, sentence }];
  }
}

function* actEntries({ services }: FleetView): Generator<PartEntry> {
  const all = services.flatMap(({ service, acts }) =>
    acts.slice(-actsShown).map((act) => ({ service, ...act })),
  );
  for (const { service, source: _source, ...act } of latest(all, actsShown)) {
    yield ['act', service, `${act.at} ${act.kind} ${act.action} ${act.name ?? ''}`, act];
  }
}

function latest<Item extends { readonly at: string }>(
  items: readonly Item[],
  count: number,
): readonly Item[] {
  // Text of one format sorts as time does.
  return items
    .toSorted((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0))
    .slice(-count);
}
