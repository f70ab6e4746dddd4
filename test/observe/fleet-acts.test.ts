import { expect, it } from 'vitest';
import { type Act, journalWith, parseJournal } from '../../src/observe/act.ts';
import { buildFleetView } from '../../src/observe/build-fleet-view.ts';
import {
  beganMs,
  fleetReading,
  type MemberParts,
  type ServiceParts,
} from '../helpers/fleet-reading.ts';

const at = (second: number) => new Date(beganMs + second * 1_000).toISOString();
const drain = (second: number, action: Act['action'], more: Partial<Act> = {}): Act => ({
  at: at(second),
  kind: 'drain',
  name: 'lb2',
  action,
  ...more,
});
const seen = (...acts: readonly Act[]): MemberParts => ({ vips: {}, record: { acts } });

/** What was done, each in a few words. */
function toldOf(parts: ServiceParts): readonly string[] {
  const [apex] = buildFleetView(fleetReading(parts)).services;
  return (apex?.acts ?? []).map(({ at: time, kind, name, action, who, source, seenBy }) =>
    [Math.round((Date.parse(time) - beganMs) / 100) / 10, kind, name, action, who, source, seenBy]
      .filter((word) => word !== undefined)
      .join(' '),
  );
}

it.each<[string, ServiceParts, readonly string[]]>([
  [
    'by a command is told once, whoever saw it, and whosever clock is ahead',
    {
      acts: [drain(1, 'set', { who: 'jd' }), drain(9, 'lifted', { who: 'mk' })],
      members: {
        lb1: seen(drain(1.1, 'set'), drain(9.1, 'lifted')),
        lb3: seen(drain(0.4, 'set'), drain(8.4, 'lifted')),
      },
    },
    ['1 drain lb2 set jd command', '9 drain lb2 lifted mk command'],
  ],
  [
    'by zkCli is told as the first that saw it',
    {
      members: {
        lb1: seen(drain(1.1, 'set', { why: 'fan' }), drain(9.1, 'lifted')),
        lb3: seen(drain(1.2, 'set'), drain(9, 'lifted')),
      },
    },
    ['1.1 drain lb2 set member lb1', '9 drain lb2 lifted member lb3'],
  ],
  [
    'by zkCli, and is there, is told as its znode says',
    {
      members: { lb1: seen(drain(0.1, 'set')), lb3: seen() },
      drains: { lb2: { who: 'jd' }, '10.9.9.9': {} },
      maintenance: { sinceMs: undefined },
    },
    ['0 drain lb2 set jd znode'],
  ],
  [
    'by two commands is told twice, though the sense is the same',
    {
      acts: [drain(1, 'set', { who: 'jd' }), drain(2, 'changed', { who: 'mk' })],
      members: { lb1: seen(drain(1.1, 'set')) },
    },
    ['1 drain lb2 set jd command', '2 drain lb2 changed mk command'],
  ],
  [
    'for a time ends by itself',
    {
      acts: [drain(1, 'set', { who: 'jd', expires: at(60) })],
      members: { lb1: seen(drain(1.1, 'set'), drain(60, 'lifted')) },
    },
    ['1 drain lb2 set jd command', '60 drain lb2 ended member lb1'],
  ],
  [
    'for a time has ended by itself, whoever deletes the znode then',
    {
      acts: [drain(1, 'set', { who: 'jd', expires: at(60) }), drain(90, 'lifted', { who: 'mk' })],
      members: { lb1: seen(drain(1.1, 'set'), drain(60, 'lifted')) },
    },
    ['1 drain lb2 set jd command', '60 drain lb2 ended member lb1'],
  ],
  [
    'for a time may be lifted before',
    {
      acts: [drain(1, 'set', { who: 'jd', expires: at(60) })],
      members: { lb1: seen(drain(30, 'lifted')) },
    },
    ['1 drain lb2 set jd command', '30 drain lb2 lifted member lb1'],
  ],
  [
    'to several is told by time, each for itself',
    {
      acts: [
        { at: at(1), kind: 'maintenance', action: 'set', who: 'jd' },
        drain(2, 'set', { name: '10.20.255.1/32', who: 'jd' }),
        { at: at(3), kind: 'maintenance', action: 'lifted', who: 'jd' },
      ],
      members: { lb1: seen() },
    },
    [
      '1 maintenance set jd command',
      '2 drain 10.20.255.1/32 set jd command',
      '3 maintenance lifted jd command',
    ],
  ],
])('what is done %s', (_, parts, told) => {
  expect(toldOf(parts)).toEqual(told);
});

it('a journal has the last 50 acts, and replaces what it does not understand', () => {
  let data: Uint8Array | undefined = new TextEncoder().encode('jd was here');
  expect(parseJournal(data)).toEqual([]);
  for (let second = 0; second < 60; second += 1) data = journalWith(data, drain(second, 'set'));
  expect(parseJournal(data)).toHaveLength(50);
  expect(parseJournal(data).at(-1)).toEqual(drain(59, 'set'));
  const long = drain(60, 'set', { who: 'ü'.repeat(400), why: 'ü'.repeat(400) });
  for (let count = 0; count < 50; count += 1) data = journalWith(data, long);
  expect(parseJournal(data).length).toBeGreaterThan(30);
  expect(data?.length).toBeLessThanOrEqual(65_536);
});
