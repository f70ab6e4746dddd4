import { byWhom } from '../by-whom.ts';
import type {
  DrainView,
  FleetView,
  Problem,
  ServiceView,
  Severity,
  VipView,
} from '../fleet-view.ts';
import { announcersText } from './announcers.ts';
import { memberTable } from './member-table.ts';
import type { Style } from './style.ts';
import { type Cell, tableLines } from './table.ts';
import { ageText, timeText } from './times.ts';

/** How a status is written. */
export interface StatusTextOptions {
  readonly style: Style;
  /** Every VIP and member by name, however many there are. */
  readonly isWhole: boolean;
}

/** A service with more VIPs than this shows only those that are not simply carried by their owners. */
const vipsMax = 40;
/** Problems of one kind that are shown. */
const alikeMax = 5;

/** A whole fleet: first what a person should look at, then maintenance and drains, VIPs, members. */
export function statusLines(view: FleetView, options: StatusTextOptions): readonly string[] {
  const { style } = options;
  const unread = view.refusals.map(
    ({ path, why }) => `${style.warn('?')} ${path} could not be read: ${why}`,
  );
  if (view.services.length === 0) return [...unread, `no service in ${view.root}`];
  const blocks = view.services.map((service) => serviceLines(service, view.readAt, options));
  return [...unread, ...blocks.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]))];
}

function serviceLines(
  service: ServiceView,
  readAt: string,
  { style, isWhole }: StatusTextOptions,
): readonly string[] {
  const { vips, members, drains, problems } = service;
  const isShort = !isWhole && vips.length > vipsMax;
  const shown = isShort ? vips.filter((vip) => !isInOrder(vip)) : vips;
  const hidden = vips.length - shown.length;
  return [
    headline(service, style),
    ...problemLines(problems, { style, isWhole }),
    ...maintenanceLines(service, readAt, style),
    ...drains.map((drain) => drainLine(service.service, drain, readAt, style)),
    '',
    ...(shown.length === 0 ? [] : vipTable(shown, service, readAt, style)),
    ...(hidden === 0
      ? []
      : [
          `${counted(hidden, 'VIP')} announced by ${hidden === 1 ? 'its owner' : 'their owners'}, not shown (--all)`,
        ]),
    '',
    ...(members.length === 0 ? ['no member'] : memberTable(members, readAt, { style, isWhole })),
  ];
}

function headline({ service, vips, members, problems }: ServiceView, style: Style): string {
  const present = members.filter(({ presence }) => presence === 'present').length;
  const gone = members.length - present;
  const what = [
    counted(vips.length, 'VIP'),
    `${counted(present, 'member')}${gone === 0 ? '' : ` and ${gone} gone`}`,
  ];
  const worst = problems[0]?.severity;
  const count = problems.filter(({ severity }) => severity !== 'info').length;
  const verdict =
    worst === undefined || count === 0
      ? style.good('no problem')
      : paintOf(worst, style)(counted(count, 'problem'));
  return `${style.bold(service)}: ${what.join(', ')}; ${verdict}`;
}

/** Of many that are alike the first ones. */
function problemLines(
  problems: readonly Problem[],
  { style, isWhole }: StatusTextOptions,
): readonly string[] {
  const kinds = [...new Set(problems.map(({ kind }) => kind))];
  return kinds.flatMap((kind) => {
    const alike = problems.filter((problem) => problem.kind === kind);
    const shown = isWhole ? alike : alike.slice(0, alikeMax);
    const more = alike.length - shown.length;
    const [{ severity } = { severity: 'info' as const }] = alike;
    return [
      ...shown.map(({ subject, sentence }) => `${mark(severity, style)} ${subject} ${sentence}`),
      ...(more === 0 ? [] : [`${mark(severity, style)} and ${more} more like that (--all)`]),
    ];
  });
}

/** A count and its noun, in the plural where it takes one. */
function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

const marks: Readonly<Record<Severity, string>> = { error: '!!', warning: '! ', info: '- ' };

function mark(severity: Severity, style: Style): string {
  return paintOf(severity, style)(marks[severity]);
}

function paintOf(severity: Severity, style: Style): (text: string) => string {
  return { error: style.bad, warning: style.warn, info: style.faint }[severity];
}

function maintenanceLines(
  { maintenance }: ServiceView,
  readAt: string,
  style: Style,
): readonly string[] {
  if (maintenance === undefined) return [];
  const { since } = maintenance;
  const text = `MAINTENANCE for ${ageText(since, readAt)}${byWhom(maintenance)}`;
  return [`${style.warn(text)}: every member withdraws everything`];
}

function drainLine(service: string, drain: DrainView, readAt: string, style: Style): string {
  const { name, kind, since, expires, isExpired } = drain;
  const until = expires === undefined ? '' : `, until ${timeText(expires)}`;
  const subject = { vip: `VIP ${name}`, member: `member ${name}`, unknown: name }[kind];
  const text = `${subject} for ${ageText(since, readAt)}${byWhom(drain)}${until}`;
  if (isExpired)
    return style.faint(
      `drain of ${text} (expired, not in effect): vipkeeper undrain ${service} ${name} removes it`,
    );
  return kind === 'unknown'
    ? style.faint(`drain of ${text} (not in effect)`)
    : style.warn(`DRAINED: ${text}`);
}

/** Carried by its owner, who claims it too, and by nobody else. */
function isInOrder({ owner, claim, announcers, isDrained }: VipView): boolean {
  const serving = announcers.filter(({ role }) => role !== 'standby');
  const [only] = serving;
  return (
    !isDrained &&
    serving.length === 1 &&
    only?.role === 'owner' &&
    only.member === owner &&
    claim?.holder === owner
  );
}

function vipTable(
  vips: readonly VipView[],
  service: ServiceView,
  readAt: string,
  style: Style,
): readonly string[] {
  const rows = vips.map((vip): readonly Cell[] => {
    const [first] = vip.announcers;
    const by = announcersText(vip.announcers);
    return [
      vip.vip,
      vip.owner ?? '?',
      claimText(vip.claim, vip.owner),
      first === undefined ? { text: by, paint: style.bad } : by,
      ageText(first?.since, readAt),
      whyText(vip, service),
    ];
  });
  return tableLines(['VIP', 'OWNER', 'CLAIM', 'ANNOUNCED BY', 'FOR', 'WHY'], rows, style.faint);
}

function claimText(claim: VipView['claim'], owner: string | undefined): string {
  switch (claim?.kind) {
    case undefined:
      return 'none';
    case 'member':
      return claim.holder === owner ? 'owner' : (claim.holder ?? '?');
    case 'exazk':
      return 'ExaZK';
    case 'persistent':
    case 'unreadable':
      return claim.kind;
  }
}

/** What the first announcer says after "because"; the rest is in the other columns. */
function whyText({ vip, announcers }: VipView, { drains, maintenance }: ServiceView): string {
  const [first] = announcers;
  if (first !== undefined) return reasonText(first.sentence);
  if (maintenance !== undefined) return `maintenance${byWhom(maintenance)}`;
  const drain = drains.find(({ name, isExpired }) => name === vip && !isExpired);
  return drain === undefined ? '-' : `it is drained${byWhom(drain)}`;
}

/** The part of a sentence that gives the reason. */
function reasonText(sentence: string): string {
  const [, reason] = /because (.*)$/.exec(sentence) ?? [];
  return reason ?? sentence;
}
