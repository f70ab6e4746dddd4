import { expect, it } from 'vitest';
import { happeningsOf } from '../../../src/dashboard/page/happenings.ts';
import type { ServiceAct, ServiceMove } from '../../../src/dashboard/page/model.ts';

function moveAt(at: string): ServiceMove {
  const known = { service: 'apex', vip: '10.0.0.1/32', member: 'lb1', sentence: 'why', key: at };
  return { ...known, at, from: 'owner', to: 'none' };
}

function actAt(at: string): ServiceAct {
  return { service: 'apex', at, kind: 'drain', name: 'lb1', action: 'set', key: at };
}

it('puts what somebody did among what VIPs did, the latest first', () => {
  const [first, second, third] = [
    '2026-11-21T18:30:00.000Z',
    '2026-11-21T18:30:10.000Z',
    '2026-11-21T18:30:20.000Z',
  ];
  const happenings = happeningsOf([moveAt(third), moveAt(first)], [actAt(second)]);
  expect(happenings.map(({ kind, atMs }) => [kind, new Date(atMs).toISOString()])).toEqual([
    ['moves', third],
    ['act', second],
    ['moves', first],
  ]);
});
