import type { MemberView } from '../fleet-view.ts';
import type { StatusRecord } from '../status-record.ts';
import { memberState } from './member-state.ts';
import type { Style } from './style.ts';
import { type Cell, tableLines } from './table.ts';
import { ageText, timeText } from './times.ts';

/** More members than this are shown only where they differ from what most have in common. */
const membersMax = 20;

/** Members with what there is to know of them; many that are alike are counted. */
export function memberTable(
  members: readonly MemberView[],
  readAt: string,
  { style, isWhole }: { readonly style: Style; readonly isWhole: boolean },
): readonly string[] {
  const rows = members.map((member) => ({ member, key: keyOf(member) }));
  const usual = isWhole || members.length <= membersMax ? undefined : mostFrequent(rows);
  const shown = rows.filter(({ key }) => key !== usual).map(({ member }) => member);
  const hidden = members.length - shown.length;
  const table = tableLines(
    ['MEMBER', 'STATE', 'FOR', 'HEALTH', 'NEIGHBORS', 'EXABGP', 'VERSION', 'CONFIG', 'ANNOUNCES'],
    shown.map((member) => cellsOf(member, readAt, style)),
    style.faint,
  );
  const rest = `${hidden} members alike, not shown (--all): ${usual}`;
  return [
    ...(shown.length === 0 ? [] : table),
    ...(hidden === 0 ? [] : [rest]),
    ...shown.flatMap((member) => detailLines(member, readAt)),
  ];
}

/** All that members in order have in common. */
function keyOf(member: MemberView): string {
  const { status, health } = member;
  return [
    memberState(member),
    `health ${health}`,
    `neighbors ${neighborCount(status?.exabgp.neighbors)}`,
    `ExaBGP ${status?.exabgp.version ?? '?'}`,
    `version ${status?.version ?? '?'}`,
    `config ${status?.config.hash ?? '?'}`,
  ].join(', ');
}

function mostFrequent(rows: readonly { readonly key: string }[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { key } of rows) counts.set(key, (counts.get(key) ?? 0) + 1);
  const [first] = [...counts].sort(([, one], [, other]) => other - one);
  return first?.[0];
}

function cellsOf(member: MemberView, readAt: string, style: Style): readonly Cell[] {
  const { health, status, presence, since, announces, kind } = member;
  const state = memberState(member);
  const isGone = presence === 'gone';
  return [
    member.member,
    { text: state, paint: state === 'present' || state === 'ExaZK' ? (text) => text : style.warn },
    isGone ? goneText(status, readAt) : ageText(since, readAt),
    isGone || kind === 'exazk'
      ? '-'
      : { text: health, paint: health === 'down' ? style.bad : (text) => text },
    isGone ? '-' : neighborCount(status?.exabgp.neighbors),
    status?.exabgp.version ?? '?',
    // Without the commit, which a difference is told with.
    status?.version.split(' ')[0] ?? '?',
    status?.config.hash ?? '?',
    isGone ? '-' : announcedText(announces, status),
  ];
}

/** It wrote when something changed last, which may be long before it went. */
function goneText(status: StatusRecord | undefined, readAt: string): string {
  if (status === undefined) return '-';
  const age = ageText(status.writtenAt, readAt);
  return `<${age === '0s' ? '1s' : age}`;
}

function neighborCount(neighbors: StatusRecord['exabgp']['neighbors']): string {
  if (neighbors === undefined || neighbors === 'unknowable') return '?';
  const states = Object.values(neighbors);
  return `${states.filter((state) => state === 'up').length}/${states.length} up`;
}

/** How many VIPs it carries, by its own words, and beside how many it stands by. */
function announcedText(announces: readonly string[], status: StatusRecord | undefined): string {
  const standbys = Object.values(status?.vips ?? {}).filter(({ role }) => role === 'standby');
  return `${announces.length}${standbys.length === 0 ? '' : `, ${standbys.length} standby`}`;
}

/** What is out of the ordinary, a line each. */
function detailLines({ member, presence, status }: MemberView, readAt: string): readonly string[] {
  if (status === undefined || presence === 'gone') return [];
  const { neighbors } = status.exabgp;
  const down = Object.entries(typeof neighbors === 'object' ? neighbors : {}).filter(
    ([, state]) => state === 'down',
  );
  const failing = status.checks.filter(({ verdict }) => verdict === 'down');
  return [
    ...down.map(([neighbor]) => `${member}: neighbor ${neighbor} is down`),
    ...failing.map(
      ({ name, detail = '', since }) =>
        `${member}: check ${name} is down for ${ageText(since, readAt)}: ${detail}`,
    ),
    ...(status.session.belief === 'live'
      ? []
      : [`${member}: its ZooKeeper session is ${status.session.belief}`]),
    ...(status.settlesUntil === undefined || status.settlesUntil < readAt
      ? []
      : [`${member}: gives owners time to claim until ${timeText(status.settlesUntil)}`]),
    // That it is drained is said by its state, and by whom above.
    ...(status.leaving === undefined || status.leaving === 'drained'
      ? []
      : [`${member}: is leaving: ${status.leaving}`]),
  ];
}
