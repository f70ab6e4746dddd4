import { expect, it } from 'vitest';
import { buildFleetView } from '../../src/observe/build-fleet-view.ts';
import { type PastOptions, pastOf } from '../../src/observe/past.ts';
import { historyLines } from '../../src/observe/text/history-text.ts';
import { plain } from '../../src/observe/text/style.ts';
import { fleetReading, type ServiceParts } from '../helpers/fleet-reading.ts';

const [one, three] = ['10.20.255.1', '10.20.255.3'] as const;
const at = (second: number) => `2026-11-21T17:00:0${second}.000Z`;
const move = (second: number, vip: string, to: string) => ({
  at: at(second),
  vip: `${vip}/32`,
  from: 'none',
  to,
  reason: 'claimMissing',
  sentence: 'announced as backup, because its claim has been missing',
});
const apex: ServiceParts = {
  members: {
    lb1: {
      vips: { [one]: 'owner' },
      moves: [move(1, one, 'owner'), move(4, three, 'backup')],
      record: {
        acts: [
          { at: at(5), kind: 'maintenance', action: 'set' },
          { at: at(6), kind: 'maintenance', action: 'lifted' },
          { at: at(7), kind: 'drain', name: `${three}/32`, action: 'lifted' },
        ],
      },
    },
    lb3: { vips: {}, isGone: true, moves: [move(2, one, 'backup'), move(3, one, 'backup')] },
  },
  acts: [
    {
      at: at(0),
      kind: 'drain',
      name: 'lb2',
      action: 'set',
      who: 'jd@lb1',
      why: 'kernel',
      expires: at(8),
    },
    { at: at(9), kind: 'drain', name: 'lb2', action: 'lifted', who: 'mk@lb2' },
    { at: at(1), kind: 'drain', name: `${three}/32`, action: 'set', who: 'jd@lb1' },
  ],
};
const web: ServiceParts = {
  service: 'web',
  members: { lb9: { vips: {}, moves: [move(2, one, 'owner')] } },
};
const { services } = buildFleetView(fleetReading(apex, web));
const all: PastOptions = { vip: undefined, sinceMs: undefined, lastOfEach: 10 };

function linesOf(options: Partial<PastOptions>, namesService = false): readonly string[] {
  const shown = namesService ? services : services.slice(0, 1);
  return historyLines(pastOf(shown, { ...all, ...options }), { style: plain, namesService });
}

it('a history is that of all members, and of what was done, by time', () => {
  expect(`\n${linesOf({}).join('\n')}\n`).toMatchSnapshot();
});

it('of all services names each', () => {
  const lines = linesOf({ sinceMs: Date.parse(at(2)), lastOfEach: 1 }, true);
  expect(`\n${lines.join('\n')}\n`).toMatchSnapshot();
});

it.each<[string, Partial<PastOptions>, string, number]>([
  ['the last of each', { lastOfEach: 1 }, '3 4 6 7 9', 5],
  ['those of one VIP', { vip: `${one}/32` }, '1 2 3 5 6', 0],
  ['those of a VIP that was drained', { vip: `${three}/32` }, '1 4 5 6 7', 0],
  ['those since then', { sinceMs: Date.parse(at(4)) }, '4 5 6 7 9', 5],
])('has %s', (_, options, seconds, olderCount) => {
  const past = pastOf(services.slice(0, 1), { ...all, ...options });
  const times = [...past.moves, ...past.acts].map((item) => item.at.slice(18, 19));
  expect(times.sort().join(' ')).toBe(seconds);
  expect(past.olderCount).toBe(olderCount);
});

it('may be empty, and says so', () => {
  const nothing = pastOf([], all);
  expect(historyLines(nothing, { style: plain, namesService: true })).toEqual([
    'nothing of that is on record',
  ]);
  expect(linesOf({ sinceMs: Date.parse('2026-11-22T00:00:00Z') })).toEqual([
    'nothing of that is on record, but 10 older ones',
  ]);
});
