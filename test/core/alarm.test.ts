import { describe, expect, it } from 'vitest';
import { createAlarm } from '../../src/core/alarm.ts';

describe('an alarm', () => {
  it.each<[string, readonly (number | undefined)[], number | undefined]>([
    ['nothing', [], undefined],
    ['one moment', [1_500], 1_500],
    ['the earliest of several', [1_500, 1_200, 1_900], 1_200],
    ['no moment that has passed or is now', [999, 1_000], undefined],
    ['nothing for an unknown moment', [undefined, 1_500, undefined], 1_500],
    ['a fraction of a millisecond ahead', [1_000.25], 1_000.25],
    ['never for a moment that does not come', [Infinity, 1_500], 1_500],
  ])('at 1000 ms rings for %s', (_, moments, earliestMs) => {
    const alarm = createAlarm(1_000);
    for (const atMs of moments) alarm.at(atMs);
    expect(alarm.earliestMs()).toBe(earliestMs);
  });
});
