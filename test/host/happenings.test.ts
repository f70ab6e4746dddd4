import { expect, it } from 'vitest';
import type { Decision } from '../../src/core/ownership.ts';
import type { Report } from '../../src/core/report.ts';
import { createHappenings } from '../../src/host/happenings.ts';
import { apex, vip1 } from '../helpers/core-run.ts';

const owner: Decision = { kind: 'announce', role: 'owner', reason: 'owner' };
const backup: Decision = { kind: 'announce', role: 'backup', reason: 'claimMissing' };
const held: Decision = { kind: 'withdraw', reason: 'heldByOwner' };
const drained: Decision = { kind: 'withdraw', reason: 'drained' };
const hold: Decision = { kind: 'hold', reason: 'noView' };

const decided = (to: Decision): Report => ({
  kind: 'decisionChanged',
  service: apex,
  vip: vip1,
  from: undefined,
  to,
});
const health = (to: 'up' | 'down'): Report => ({
  kind: 'healthChanged',
  service: apex,
  to,
  detail: 'exit code 7',
});
const maintenance = (isPresent: boolean): Report => ({
  kind: 'maintenanceChanged',
  service: apex,
  isPresent,
});

/** What the last of these reports leads to, in words. */
function last(...reports: readonly Report[]): readonly string[] {
  const happeningsOf = createHappenings();
  return (reports.map(happeningsOf).at(-1) ?? []).map(
    ({ hook, from, to, reason }) => `${hook} ${from} to ${to} (${reason})`,
  );
}

it.each<[string, readonly Report[], readonly string[]]>([
  ['health at the start', [health('up')], ['onUp unknown to up (exit code 7)']],
  ['health that is lost', [health('up'), health('down')], ['onDown up to down (exit code 7)']],
  ['maintenance', [maintenance(true)], ['onMaintenance service to maintenance (maintenance)']],
  [
    'the end of maintenance',
    [maintenance(true), maintenance(false)],
    ['onMaintenance maintenance to service (maintenance)'],
  ],
  [
    'a takeover',
    [decided(held), decided(backup)],
    ['onTakeover withdrawn to backup (claimMissing)'],
  ],
  ['a release', [decided(backup), decided(held)], ['onRelease backup to withdrawn (heldByOwner)']],
  ['a drain', [decided(owner), decided(drained)], ['onDrain owner to withdrawn (drained)']],
  [
    "a drain of what is somebody else's",
    [decided(held), decided(drained)],
    ['onDrain withdrawn to withdrawn (drained)'],
  ],
  [
    'the end of a drain',
    [decided(drained), decided(owner)],
    ['onDrain withdrawn to owner (owner)'],
  ],
  ['a role that no other hook is for', [decided(owner)], []],
])('%s leads to its hook, and to onChange', (_, reports, expected) => {
  const told = last(...reports);
  expect(told.slice(0, -1)).toEqual(expected);
  expect(told.at(-1)).toMatch(/^onChange /);
});

it.each<[string, readonly Report[]]>([
  ['a VIP that is left as it is', [decided(owner), decided(hold)]],
  ['a VIP that comes out of that as it was', [decided(owner), decided(hold), decided(owner)]],
  [
    'another reason for the same role',
    [decided(held), decided({ kind: 'withdraw', reason: 'healthDown' })],
  ],
  ['what changes no role and no state', [{ kind: 'settingsChanged', detail: '' }]],
])('%s leads to nothing', (_, reports) => {
  expect(last(...reports)).toEqual([]);
});
