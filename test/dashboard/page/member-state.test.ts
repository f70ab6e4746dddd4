import { expect, it } from 'vitest';
import { memberStateOf } from '../../../src/dashboard/page/member-state.ts';
import type { MemberPart } from '../../../src/dashboard/wire.ts';

function stateOf(more: Partial<MemberPart>) {
  return memberStateOf(
    {
      service: 'apex',
      about: { drains: [], problemCounts: { error: 0, warning: 0, info: 0 } },
      problems: [],
      order: { members: ['lb1'], vips: [] },
      members: new Map([['lb1', { ...well, ...more }]]),
      vips: new Map(),
    },
    'lb1',
  );
}

const well: MemberPart = {
  kind: 'vipkeeper',
  presence: 'present',
  health: 'up',
  isLeaving: false,
  isDrained: false,
  belief: 'live',
};

it.each<readonly [string, Partial<MemberPart>]>([
  ['up', {}],
  ['gone', { presence: 'gone', health: 'down' }],
  ['ExaZK', { kind: 'exazk', health: 'unknown' }],
  ['down', { health: 'down', isDrained: true }],
  ['cut off', { isCutOff: true }],
  ['blind', { belief: 'blind' }],
  ['drained', { isDrained: true, isLeaving: true }],
  ['leaving', { isLeaving: true }],
  ['unknown', { health: 'unknown' }],
  ['suspended', { belief: 'suspended' }],
])('a member is %s', (word, more) => {
  expect(stateOf(more).word).toBe(word);
});

it('has a sign of its own for every state, so that colour is not needed', () => {
  const parts: readonly Partial<MemberPart>[] = [
    {},
    { presence: 'gone' },
    { kind: 'exazk' },
    { health: 'down' },
    { isCutOff: true },
    { belief: 'blind' },
    { isDrained: true },
    { isLeaving: true },
    { health: 'unknown' },
    { belief: 'suspended' },
  ];
  const symbols = parts.map((more) => stateOf(more).symbol);
  expect(new Set(symbols).size).toBe(parts.length);
});

it('does not raise an alarm for a member that left in order', () => {
  expect(stateOf({ presence: 'gone' }).tone).toBe('aside');
  expect(stateOf({ presence: 'gone', trouble: 'warning' }).tone).toBe('bad');
});
