import type { ServiceReading } from '../core/fleet.ts';
import { vipOfClaimName } from '../core/vip.ts';
import { few } from './few.ts';
import { configProblems } from './fleet-config-problems.ts';
import { memberProblems } from './fleet-member-problems.ts';
import { isExazk, statusContent } from './fleet-members.ts';
import {
  type Announcer,
  type MemberView,
  type Problem,
  type ProblemKind,
  problemSeverities,
  type ServiceView,
  type VipView,
} from './fleet-view.ts';
import { ownersOf } from './fleet-vips.ts';
import { timeText } from './text/times.ts';

/** What is found wrong with one subject, before it is put in order. */
export type Found = readonly [kind: ProblemKind, subject: string, sentence: string];

/** A service without its problems. */
export type PlainService = Omit<ServiceView, 'problems'>;

const order = Object.keys(problemSeverities);

/** Everything about a service that a person should look at, the worst first. */
export function problemsOf(
  reading: ServiceReading,
  service: PlainService,
  readAtMs: number,
): readonly Problem[] {
  const found = [
    ...service.vips.flatMap((vip) => reachProblems(service, vip)),
    ...service.vips.flatMap((vip) => claimProblems(reading, service, vip)),
    ...memberProblems(service, readAtMs),
    ...configProblems(service),
    ...drainProblems(reading, service),
    ...unreadables(reading),
  ];
  const problems = found.map(([kind, subject, sentence]) => ({
    kind,
    severity: problemSeverities[kind],
    subject: printable(subject),
    sentence: printable(sentence),
  }));
  return problems.sort((one, other) => order.indexOf(one.kind) - order.indexOf(other.kind));
}

/** Names come from anybody, and reach terminals. */
function printable(text: string): string {
  return text.slice(0, 1_000).replace(/\p{C}/gu, '?');
}

/** Whether routers have a route where they should, and none where they should not. */
function reachProblems(service: PlainService, { vip, ...about }: VipView): readonly Found[] {
  const { announcers, isDrained } = about;
  const { maintenance, members } = service;
  if (maintenance !== undefined || isDrained) {
    const still = announcers.filter(({ reason }) => !['leaving', 'handedOver'].includes(reason));
    const why = isDrained ? 'drained' : 'in maintenance';
    const sentence = `is ${why}, and still announced by ${namesOf(still)}`;
    return still.length === 0 ? [] : [['stillAnnounced', vip, sentence]];
  }
  if (announcers.length === 0)
    return [['nobody', vip, `is announced by nobody${doubt(vip, members)}`]];
  if (!announcers.every(({ role }) => role === 'standby' || role === 'disabled')) return [];
  return [
    [
      'standbyOnly',
      vip,
      `is announced as standby only, by ${namesOf(announcers)}${doubt(vip, members)}`,
    ],
  ];
}

/** A member that is cut off from ZooKeeper, and from nothing else, goes on with what it announced. */
function doubt(vip: string, members: readonly MemberView[]): string {
  const before = members.filter(
    ({ presence, status }) =>
      presence === 'gone' && ['owner', 'backup'].includes(status?.vips[vip]?.role ?? ''),
  );
  return before.length === 0
    ? ''
    : `; ${namesOf(before)}, gone from ZooKeeper, announced it, and still does if it only lost ZooKeeper`;
}

function claimProblems(
  reading: ServiceReading,
  { members }: PlainService,
  { vip, owner, claim, announcers }: VipView,
): readonly Found[] {
  const owners = ownersOf(vip, members);
  const contesting = reading.members
    .filter(({ report }) => report?.contests?.some((contested) => contested === vip))
    .map(({ name }) => name);
  const asOwner = announcers.filter(({ role }) => role === 'owner');
  const conflict = (sentence: string): readonly Found[] => [['conflict', vip, sentence]];
  if (owners.length > 1)
    return conflict(`is owned by ${owners.join(' and ')}, each by its own configuration`);
  if (asOwner.length > 1) return conflict(`is announced as owner by ${namesOf(asOwner)}`);
  if (contesting.length > 0 && claim?.holder !== undefined)
    return conflict(`is claimed by ${claim.holder}, and owned by ${contesting.join(' and ')} too`);
  if (claim?.kind === 'exazk' && isPresent(members, owner))
    return conflict(`is claimed by a member of ExaZK, and owned by ${owner}, which is there too`);
  const persistent =
    'is claimed by a znode that no session holds, so that it stays, and nobody takes over, until somebody deletes it';
  return claim?.kind === 'persistent' ? [['persistentClaim', vip, persistent]] : [];
}

function isPresent(members: readonly MemberView[], name: string | undefined): boolean {
  return members.some(({ member, presence }) => member === name && presence === 'present');
}

function drainProblems(reading: ServiceReading, { drains }: PlainService): readonly Found[] {
  const mistakes = new Map(
    reading.drains.map(({ name, mistake }) => [vipOfClaimName(name) ?? name, mistake]),
  );
  return drains.flatMap(({ name, kind, isExpired, expires }): readonly Found[] => {
    const mistake = mistakes.get(name);
    const place = 'has a drain that';
    if (isExpired) {
      const end = expires === undefined ? '' : ` at ${timeText(expires)}`;
      return [['drain', name, `${place} ended${end}, and is still there`]];
    }
    if (kind === 'unknown')
      return [
        ['drain', name, `${place} takes nothing out: no member id, nor a VIP of the service`],
      ];
    if (mistake === undefined) return [];
    return [['drain', name, `${place} is in effect, but not understood: ${mistake}`]];
  });
}

function unreadables({ claims, members, statuses }: ServiceReading): readonly Found[] {
  const strayClaims = claims
    .filter((claim) => vipOfClaimName(claim.name) === undefined)
    .map(({ name }): Found => ['unreadable', name, 'is no VIP, and no claim to anybody']);
  const foreignClaims = claims
    .filter((claim) => claim.mistake !== undefined && !isExazk(claim))
    .map(
      ({ name, mistake }): Found => [
        'unreadable',
        name,
        `is claimed with foreign data: ${mistake}`,
      ],
    );
  const foreignMembers = members
    .filter(({ report }) => report === undefined)
    .map(
      ({ name, mistake = 'it does not say how it is' }): Found => [
        'unreadable',
        name,
        `is there, but its member znode is not understood: ${mistake}`,
      ],
    );
  const foreignRecords = statuses.flatMap(({ member, data }): readonly Found[] => {
    const content = statusContent(data);
    const why = content.kind === 'unreadable' ? content.why : undefined;
    return why === undefined
      ? []
      : [['unreadable', `record of ${member}`, `is not understood: ${why}`]];
  });
  return [...strayClaims, ...foreignClaims, ...foreignMembers, ...foreignRecords];
}

function namesOf(list: readonly (Announcer | MemberView)[]): string {
  return few(
    list.map((one) => ('role' in one && one.role === 'exazk' ? 'a member of ExaZK' : one.member)),
  );
}
