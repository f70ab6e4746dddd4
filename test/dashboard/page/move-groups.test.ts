import { expect, it } from 'vitest';
import type { ServiceMove } from '../../../src/dashboard/page/model.ts';
import { groupMoves } from '../../../src/dashboard/page/move-groups.ts';

function move(member: string, vip: string, more: Partial<ServiceMove> = {}): ServiceMove {
  const at = '2026-11-21T18:30:00.000Z';
  const known = { service: 'apex', at, vip, member, from: 'none', to: 'backup', sentence: 'why' };
  return { ...known, key: `${member} ${vip}`, ...more };
}

it('puts together what members did with a VIP at once', () => {
  const groups = groupMoves([
    move('lb3', '10.0.0.1/32'),
    move('lb3', '10.0.0.2/32'),
    move('lb2', '10.0.0.1/32'),
    move('lb2', '10.0.0.2/32'),
  ]);
  expect(groups.map(({ move: { vip }, members }) => [vip, ...members])).toEqual([
    ['10.0.0.1/32', 'lb2', 'lb3'],
    ['10.0.0.2/32', 'lb2', 'lb3'],
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
