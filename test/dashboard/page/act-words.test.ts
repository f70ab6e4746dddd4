import { expect, it } from 'vitest';
import { whatWasDone, whyItWasDone } from '../../../src/dashboard/page/act-words.ts';
import type { ActPart } from '../../../src/dashboard/wire.ts';

const at = '2026-11-21T18:30:00.000Z';
const nowMs = Date.parse(at);
const expires = '2026-11-21T19:00:00.000Z';

it.each<readonly [Omit<ActPart, 'at'>, string, string]>([
  [
    { kind: 'drain', name: 'lb1', action: 'set', who: 'jd', why: 'new disk', expires },
    'lb1 drained',
    'by jd: new disk, until 19:00:00 UTC',
  ],
  [
    { kind: 'drain', name: 'lb1', action: 'lifted', seenBy: 'lb2' },
    'lb1 undrained',
    'by whom is not on record, as lb2 saw',
  ],
  [
    { kind: 'drain', name: '10.0.0.1/32', action: 'changed', who: 'jd' },
    '10.0.0.1/32 drain changed',
    'by jd',
  ],
  [
    { kind: 'drain', name: 'lb1', action: 'ended', expires, seenBy: 'lb2' },
    'lb1 drain is over',
    'at the time it named, as lb2 saw',
  ],
  [{ kind: 'maintenance', action: 'set', who: 'jd' }, 'maintenance on', 'by jd'],
  [{ kind: 'maintenance', action: 'lifted', who: 'jd' }, 'maintenance off', 'by jd'],
])('%j is told', (act, what, why) => {
  expect([whatWasDone({ at, ...act }), whyItWasDone({ at, ...act }, nowMs)]).toEqual([what, why]);
});
