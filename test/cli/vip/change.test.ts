import { expect, it } from 'vitest';
import type { Result } from '../../../src/cli/operate/change.ts';
import { outcomeText } from '../../../src/cli/vip/change.ts';

const head = { service: 'vip-1', kind: 'drain', name: '192.0.2.1', path: '/drain' } as const;
const eve = { who: 'eve@lvs1', reason: 'disk', since: '2026-11-21T17:00:00Z' };
const words = ' since 2026-11-21 17:00:00 UTC, by eve@lvs1: disk';

it.each<[Pick<Result, 'action' | 'outcome'> & Partial<Result>, string]>([
  [{ action: 'set', outcome: 'done', who: 'jd' }, 'withdrawn from now on'],
  [{ action: 'set', outcome: 'already', ...eve }, `was withdrawn already${words}`],
  [{ action: 'set', outcome: 'already' }, 'was withdrawn already'],
  [
    { action: 'set', outcome: 'kept', ...eve },
    `was withdrawn already${words}; that is longer than what was asked for, so it stands`,
  ],
  [
    { action: 'set', outcome: 'changed', who: 'jd', reason: 'switch', before: eve },
    `stays withdrawn, by jd: switch (before:${words})`,
  ],
  [{ action: 'lift', outcome: 'done', before: eve }, `restored (before:${words})`],
  [{ action: 'lift', outcome: 'already' }, 'was not withdrawn'],
  [{ action: 'lift', outcome: 'failed', detail: '/drain: no' }, 'FAILED: /drain: no'],
])('says of a route what became of it: %j', (result, text) => {
  expect(outcomeText({ ...head, ...result })).toBe(text);
});
