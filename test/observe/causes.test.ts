import { expect, it } from 'vitest';
import { buildFleetView } from '../../src/observe/build-fleet-view.ts';
import { explain } from '../../src/observe/explain.ts';
import {
  fleetReading,
  type MemberParts,
  readAtMs,
  type ServiceParts,
} from '../helpers/fleet-reading.ts';

const [one, two] = ['10.20.255.1', '10.20.255.2'] as const;
const backup: MemberParts = { vips: { [one]: 'owner', [two]: 'backup' } };
/** lb1 stands in for lb2, and so is told. */
const without = (lb2: Partial<MemberParts>, more: ServiceParts = {}): ServiceParts => ({
  members: { lb1: backup, lb2: { vips: { [two]: 'none' }, ...lb2 } },
  claims: { [one]: 'lb1' },
  ...more,
});
const exabgp = { version: '4.2.22', answers: true };

function viewOf(parts: ServiceParts) {
  return buildFleetView(fleetReading(parts)).services;
}

it.each<[string, ServiceParts, string]>([
  [
    'drained',
    without({}, { drains: { lb2: { who: 'jd', why: 'kernel' } } }),
    ': lb2 is drained by jd (kernel)',
  ],
  ['drained by nobody knows whom', without({}, { drains: { lb2: {} } }), ': lb2 is drained'],
  ['drained once', without({}, { drains: { lb2: { expiresMs: readAtMs } } }), ''],
  ['dead', without({ isGone: true }), ': lb2 is gone from ZooKeeper'],
  [
    'stopped',
    without({ isGone: true, record: { leaving: 'stopping' } }),
    ': lb2 was stopped in order',
  ],
  ['on its way out', without({ record: { leaving: 'stopping' } }), ': lb2 is being stopped'],
  [
    'configured elsewhere',
    without({ record: { leaving: 'removed' } }),
    ': lb2 is not configured for it any more',
  ],
  [
    'without ExaBGP',
    without({ record: { exabgp: { ...exabgp, answers: false } } }),
    ': the ExaBGP of lb2 does not answer',
  ],
  [
    'cut off',
    without({ record: { exabgp: { ...exabgp, isConnected: false } } }),
    ': lb2 is cut off from its routers',
  ],
  ['unhealthy', without({ report: { health: 'down' } }), ': lb2 is unhealthy'],
  ['leaving', without({ report: { isLeaving: true } }), ': lb2 is leaving'],
  ['there, for all that is known', without({}), ''],
  ['not known', without({}, { owners: {} }), ''],
])('a backup says why it stands in for an owner that is %s', (_, parts, cause) => {
  const [service] = viewOf(parts);
  const announcer = service?.vips[1]?.announcers[0];
  expect(announcer?.sentence).toBe(
    `announced as backup, because its claim has been missing${cause}`,
  );
  expect(announcer?.reason).toBe('claimMissing');
});

const told = (reason: string, more: ServiceParts): string | undefined => {
  const vip = { role: 'none', reason, sentence: reason };
  const [found] = explain(
    viewOf({ members: { lb1: { vips: { [one]: vip } } }, ...more }),
    `${one}/32`,
  );
  return found?.members[0]?.sentence;
};

it.each<[string, string, ServiceParts, string]>([
  [
    'the maintenance',
    'maintenance',
    { maintenance: { who: 'jd', why: 'fire drill' } },
    'maintenance: by jd (fire drill)',
  ],
  ['a maintenance of which nothing is known', 'maintenance', { maintenance: {} }, 'maintenance'],
  ['its own drain', 'drained', { drains: { lb1: { who: 'jd' } } }, 'drained: lb1 is drained by jd'],
  [
    'the drain of the VIP',
    'drained',
    { drains: { [one]: { why: 'disk' } } },
    'drained: 10.20.255.1/32 is drained (disk)',
  ],
  [
    'the drain it leaves for',
    'leaving',
    { drains: { lb1: { who: 'jd' } } },
    'leaving: lb1 is drained by jd',
  ],
])('a member that withdraws names %s', (_, reason, more, sentence) => {
  expect(told(reason, more)).toBe(sentence);
});

it('a VIP whose member znode is ahead of the record waits for that, and says since when', () => {
  const announcerOf = (lb1: MemberParts) =>
    viewOf({ members: { lb1 } })[0]?.vips[0]?.announcers[0]?.sentence;
  const announces = { announces: ['10.20.255.1/32'] } as unknown as NonNullable<
    MemberParts['report']
  >;
  expect(announcerOf({ vips: { [one]: 'none' }, report: announces })).toBe(
    'says that it announces it; as what, and why, is not in its record yet, last written at 2026-11-21 17:00:00 UTC',
  );
  expect(announcerOf({ vips: { [one]: 'owner' }, record: undefined })).toBe(
    'says that it announces it; as what, and why, is not known: it has written no record yet, here since 2026-11-21 17:00:00 UTC',
  );
});
