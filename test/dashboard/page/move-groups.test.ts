import { expect, it } from 'vitest';
import type { ServiceMove } from '../../../src/dashboard/page/model.ts';
import { groupMoves } from '../../../src/dashboard/page/move-groups.ts';

function move(member: string, vip: string, more: Partial<ServiceMove> = {}): ServiceMove {
  const at = '2026-11-21T18:30:00.000Z';
  const known = { service: 'apex', at, vip, member, from: 'none', to: 'backup', sentence: 'why' };
  return { ...known, key: `${member} ${vip}`, ...more };
}

it('puts together what members did with a VIP at once, and then VIPs of which the same is told', () => {
  const groups = groupMoves([
    move('lb3', '10.0.0.10/32'),
    move('lb3', '10.0.0.2/32'),
    move('lb3', '10.0.0.4/32'),
    move('lb2', '10.0.0.10/32'),
    move('lb2', '10.0.0.2/32'),
  ]);
  expect(groups.map(({ members, vips }) => [members, vips])).toEqual([
    [
      ['lb2', 'lb3'],
      ['10.0.0.2/32', '10.0.0.10/32'],
    ],
    [['lb3'], ['10.0.0.4/32']],
  ]);
});

it('joins any number of VIPs, in whatever order members tell them', () => {
  const vips = Array.from({ length: 100 }, (_, index) => `10.0.0.${index}/32`);
  const moves = ['lb2', 'lb3'].flatMap((member) => vips.map((vip) => move(member, vip)));
  expect(groupMoves(moves).map((group) => [group.members, group.vips.length])).toEqual([
    [['lb2', 'lb3'], 100],
  ]);
});

it.each<readonly [string, Partial<ServiceMove>]>([
  ['time', { at: '2026-11-21T18:30:03.000Z' }],
  ['role', { to: 'standby' }],
  ['reason', { sentence: 'another' }],
  ['service', { service: 'web' }],
])('keeps moves of another %s apart', (_, more) => {
  expect(groupMoves([move('lb1', '10.0.0.1/32'), move('lb2', '10.0.0.1/32', more)])).toHaveLength(
    2,
  );
});
