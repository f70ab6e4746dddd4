import { expect, it } from 'vitest';
import { type Goal, leftDark, missing, untold } from '../../../src/cli/operate/goal.ts';
import { subjectOf } from '../../../src/cli/operate/subject.ts';
import type { MemberView, ServiceView, VipView } from '../../../src/observe/fleet-view.ts';
import type { StatusRecord } from '../../../src/observe/status-record.ts';

const [one, two] = ['10.20.255.1/32', '10.20.255.2/32'];

function member(name: string, more: Partial<MemberView> = {}): MemberView {
  return {
    member: name,
    kind: 'vipkeeper',
    presence: 'present',
    health: 'up',
    announces: [],
    isLeaving: false,
    isDrained: false,
    ...more,
  };
}

function vip(
  name: string,
  owner: string,
  announcers: Record<string, string>,
  more: Partial<VipView> = {},
): VipView {
  return {
    vip: name,
    owner,
    isDrained: false,
    announcers: Object.entries(announcers).map(([member, role]) => ({
      member,
      role,
      reason: '',
      sentence: '',
    })),
    ...more,
  };
}

function service(
  members: readonly MemberView[],
  vips: readonly VipView[],
  more: Partial<ServiceView> = {},
): ServiceView {
  return { service: 'apex', drains: [], members, vips, moves: [], acts: [], problems: [], ...more };
}

const claim = (holder: string) => ({ claim: { kind: 'member', holder } as const });
const [lb1, lb2] = [member('lb1', { announces: [one] }), member('lb2', { announces: [two] })];
const atRest = [
  vip(one, 'lb1', { lb1: 'owner', lb2: 'standby' }, claim('lb1')),
  vip(two, 'lb2', { lb2: 'owner' }, claim('lb2')),
];
const moved = [vip(one, 'lb1', { lb2: 'backup' }), vip(two, 'lb2', { lb2: 'owner' })];
const maintenance = { maintenance: {} };

/** One that went, and what it announced when it wrote last. */
function gone(name: string, roles: Readonly<Record<string, string>>): MemberView {
  const vips = Object.fromEntries(
    Object.entries(roles).map(([prefix, role]) => [
      prefix,
      { role, reason: '', sentence: '', since: '', route: '' },
    ]),
  );
  const status = { vips, writtenAt: '2026-11-21T18:00:00.000Z' } as unknown as StatusRecord;
  return member(name, { presence: 'gone', status });
}
const wroteLast = (name: string, prefix: string) =>
  `${name} is gone from ZooKeeper, announced ${prefix} when it wrote last, at 2026-11-21 18:00:00 UTC, and still does unless its ExaBGP is gone too`;
const exazkOfOne = member(one, { kind: 'exazk', announces: [one] });
const ofExazk = vip(one, 'lb1', { [one]: 'exazk' }, { claim: { kind: 'exazk' } });

it.each<[string, Goal, ServiceView, readonly string[]]>([
  [
    'nothing was done yet',
    { kind: 'dark' },
    service([lb1, lb2], atRest, maintenance),
    [
      `lb1 still announces ${one}`,
      `lb2 still announces ${one}, ${two}`,
      `${one}, ${two} still claimed`,
    ],
  ],
  ['all is dark', { kind: 'dark' }, service([lb1], [vip(one, 'lb1', {})], maintenance), []],
  [
    'nobody came back',
    { kind: 'lit' },
    service([lb1, lb2], [vip(one, 'lb1', {})]),
    [`${one} is not announced by lb1 yet`],
  ],
  [
    'the owner is ill, and a backup is there',
    { kind: 'lit' },
    service([member('lb1', { health: 'down' }), lb2], moved),
    [],
  ],
  [
    'the owner is gone, and only a standby is there',
    { kind: 'lit' },
    service([lb2], [vip(one, 'lb1', { lb2: 'standby' })]),
    [`${one} is announced by nobody`],
  ],
  [
    'somebody began it again',
    { kind: 'lit' },
    service([lb1, lb2], atRest, maintenance),
    ['apex is in maintenance again'],
  ],
  [
    'a drained VIP is no part of it',
    { kind: 'lit' },
    service([lb1], [vip(one, 'lb1', {}, { isDrained: true })]),
    [],
  ],
  [
    'the member has not heard',
    { kind: 'memberOut', member: 'lb1' },
    service([{ ...lb1, isDrained: true }, lb2], atRest),
    ['lb1 has not heard of it yet', `lb1 still announces ${one}`, `lb1 still claims ${one}`],
  ],
  [
    'the member idles, and has not heard',
    { kind: 'memberOut', member: 'lb1' },
    service([member('lb1', { isDrained: true }), lb2], moved),
    ['lb1 has not heard of it yet'],
  ],
  [
    'the drain has ended before the member was out',
    { kind: 'memberOut', member: 'lb1' },
    service([lb1, lb2], atRest),
    ['no drain of lb1 is in effect', `lb1 still announces ${one}`, `lb1 still claims ${one}`],
  ],
  [
    'the member is out',
    { kind: 'memberOut', member: 'lb1' },
    service([member('lb1', { isLeaving: true, isDrained: true }), lb2], moved),
    [],
  ],
  [
    'the member is not there',
    { kind: 'memberOut', member: 'lb1' },
    service([member('lb1', { presence: 'gone', announces: [one] }), lb2], moved),
    [],
  ],
  [
    'the member is gone, and took nothing back',
    { kind: 'memberOut', member: 'lb1' },
    service([gone('lb1', { [one]: 'owner', [two]: 'none' }), lb2], moved),
    [wroteLast('lb1', one)],
  ],
  [
    'the member is gone, after it withdrew',
    { kind: 'memberOut', member: 'lb1' },
    service([gone('lb1', { [one]: 'none', [two]: 'down' }), lb2], moved),
    [],
  ],
  [
    'a member of ExaZK carries the VIP',
    { kind: 'vipOut', vip: one },
    service([exazkOfOne], [ofExazk]),
    [`a member of ExaZK still announces ${one}, which knows no drains: stop it there`],
  ],
  [
    'a member of ExaZK has not heard of a maintenance',
    { kind: 'dark' },
    service([exazkOfOne], [ofExazk], maintenance),
    [`a member of ExaZK still announces ${one}`],
  ],
  ['the member is back', { kind: 'memberBack', member: 'lb1' }, service([lb1, lb2], atRest), []],
  [
    'the member is not back',
    { kind: 'memberBack', member: 'lb1' },
    service([lb1, lb2], moved),
    [`${one} is not announced by lb1 yet`],
  ],
  [
    'the member is ill',
    { kind: 'memberBack', member: 'lb1' },
    service([member('lb1', { health: 'down' })], moved),
    ['the checks of lb1 say down'],
  ],
  [
    'the member leaves still',
    { kind: 'memberBack', member: 'lb1' },
    service([member('lb1', { isLeaving: true })], moved),
    ['lb1 has not heard of it yet'],
  ],
  [
    'the member is drained anew',
    { kind: 'memberBack', member: 'lb1' },
    service([member('lb1', { isDrained: true })], moved),
    ['lb1 is drained again'],
  ],
  [
    'the member is gone',
    { kind: 'memberBack', member: 'lb1' },
    service([lb2], moved),
    ['lb1 is gone from ZooKeeper'],
  ],
  [
    'the member is back in a service that is dark',
    { kind: 'memberBack', member: 'lb1' },
    service([lb1], [vip(one, 'lb1', {})], maintenance),
    [],
  ],
  [
    'the VIP is there',
    { kind: 'vipOut', vip: two },
    service([lb1, lb2], atRest),
    [`lb2 still announces ${two}`, `${two} still claimed`],
  ],
  [
    'the VIP is announced out of the way',
    { kind: 'vipOut', vip: one },
    service([lb1], [vip(one, 'lb1', { lb1: 'disabled' })]),
    [],
  ],
  ['the VIP is back', { kind: 'vipBack', vip: one }, service([lb1, lb2], atRest), []],
  [
    'the VIP is not back',
    { kind: 'vipBack', vip: one },
    service([lb1, lb2], moved),
    [`${one} is not announced by lb1 yet`],
  ],
])('knows what is missing when %s', (_, goal, view, expected) => {
  expect(missing(goal, view)).toEqual(expected);
});

const exazk = member(two, { kind: 'exazk', health: 'unknown', announces: [two] });
const other = member('lb2', {
  status: { vips: {} } as unknown as NonNullable<MemberView['status']>,
});

it.each<[string, ServiceView, readonly string[]]>([
  ['somebody is there', service([lb1, lb2], atRest), []],
  ['an ExaZK is there', service([lb1, exazk], atRest), []],
  ['the other one is ill', service([lb1, member('lb2', { health: 'down' })], atRest), [one]],
  ['the other one is drained', service([lb1, member('lb2', { isDrained: true })], atRest), [one]],
  ['the other one leaves', service([lb1, member('lb2', { isLeaving: true })], atRest), [one]],
  ['the other one is gone', service([lb1, member('lb2', { presence: 'gone' })], atRest), [one]],
  ['the other one is not configured for it', service([lb1, other], atRest), [one]],
  ['it serves nothing', service([member('lb1')], moved), []],
  ['the service is dark anyway', service([lb1], atRest, maintenance), []],
  [
    'the VIP is drained anyway',
    service([lb1], [vip(one, 'lb1', { lb1: 'owner' }, { isDrained: true })]),
    [],
  ],
])('knows what a drain of lb1 leaves dark when %s', (_, view, expected) => {
  expect(leftDark(view, 'lb1')).toEqual(expected);
});

const known = service([lb1, lb2, exazk], atRest, {
  drains: [{ name: 'lb9', kind: 'member', isExpired: true }],
});

it.each<readonly [string, boolean | 'unavailable', unknown]>([
  ['lb1', false, { kind: 'member', name: 'lb1', znode: 'lb1' }],
  ['10.20.255.1', false, { kind: 'vip', name: one, znode: '10.20.255.1' }],
  ['10.20.255.1/32', false, { kind: 'vip', name: one, znode: '10.20.255.1' }],
  ['lb9', false, { kind: 'member', name: 'lb9', znode: 'lb9' }],
  ['lb8', 'unavailable', 'no member lb8 in apex; there are lb1, lb2'],
  ['lb8', false, 'no member lb8 in apex; there are lb1, lb2; --force takes it all the same'],
  ['lb8', true, { kind: 'member', name: 'lb8', znode: 'lb8' }],
  [
    '10.30.0.0/24',
    false,
    `no VIP 10.30.0.0/24 in apex; there are ${one}, ${two}; --force takes it all the same`,
  ],
  ['10.30.0.0/24', true, { kind: 'vip', name: '10.30.0.0/24', znode: '10.30.0.0_24' }],
  ['a/b', true, '"a/b" is neither a VIP nor the name of a member'],
])('takes %s for what it is (forced: %s)', (text, force, expected) => {
  expect(subjectOf(text, known, force)).toEqual(expected);
});

it.each<[string, Goal, readonly string[]]>([
  ['a maintenance', { kind: 'dark' }, [wroteLast('lb1', one), wroteLast('lb3', two)]],
  ['a VIP', { kind: 'vipOut', vip: two }, [wroteLast('lb3', two)]],
  ['a member, whose own part is missing', { kind: 'memberOut', member: 'lb1' }, []],
  ['what came back', { kind: 'lit' }, []],
])('says what nobody can know about members that are gone: %s', (_, goal, expected) => {
  const members = [gone('lb1', { [one]: 'owner' }), lb2, gone('lb3', { [two]: 'standby' })];
  const vips = [vip(one, 'lb1', {}), vip(two, 'lb2', {})];
  expect(untold(goal, service(members, vips))).toEqual(expected);
});
