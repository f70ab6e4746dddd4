import { describe, expect, it } from 'vitest';
import type { CheckSettings, ServiceName } from '../../src/core/settings.ts';
import { countChecks, firstDelayMs, nextSteadyRunMs } from '../../src/core/splay.ts';
import { apex, check, settings } from '../helpers/core-run.ts';

const numbers = Array.from({ length: 200 }, (_, index) => index);
const tenSeconds: CheckSettings = { ...check, intervalMs: 10_000, fastIntervalMs: 1_000 };

/** How many values lie in each of ten equal parts of a range. */
function histogram(values: readonly number[], range: number): readonly number[] {
  const counts = new Array<number>(10).fill(0);
  for (const value of values) {
    const part = Math.floor((value / range) * 10);
    counts[part] = (counts[part] ?? 0) + 1;
  }
  return counts;
}

describe('the first run', () => {
  it('of the only check is at once', () => {
    const count = countChecks(settings({ checks: [check] }));
    expect(firstDelayMs(apex, 0, check, count)).toBe(0);
  });

  it('of one among three comes within 20 ms', () => {
    for (const index of [0, 1, 2]) expect(firstDelayMs(apex, index, check, 3)).toBeLessThan(20);
  });

  it.each([
    ['one service', (index: number) => firstDelayMs(apex, index, tenSeconds, 200)],
    [
      'as many services',
      (index: number) => firstDelayMs(`s${index}` as ServiceName, 0, tenSeconds, 200),
    ],
  ])('of 200 in %s is spread over one fast interval, and never later', (_, delayOf) => {
    const delays = numbers.map(delayOf);
    expect(Math.max(...delays)).toBeLessThan(1_000);
    const counts = histogram(delays, 1_000);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(8);
    expect(Math.max(...counts)).toBeLessThanOrEqual(35);
  });
});

describe('steady runs', () => {
  it('of 200 checks are spread over the whole interval, however they started', () => {
    const runs = numbers.map((index) => nextSteadyRunMs(apex, index, tenSeconds, 77_000));
    for (const atMs of runs) {
      expect(atMs).toBeGreaterThan(77_000);
      expect(atMs).toBeLessThanOrEqual(87_005);
    }
    const counts = histogram(
      runs.map((atMs) => (atMs - 77_000) % 10_000),
      10_000,
    );
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(8);
    expect(Math.max(...counts)).toBeLessThanOrEqual(35);
  });

  it.each([
    ['in time', 0],
    ['a millisecond early', -1],
    ['a little late', 40],
  ])('stay where they are after one that came %s', (_, lateMs) => {
    const onceMs = nextSteadyRunMs(apex, 3, tenSeconds, 50_000);
    expect(nextSteadyRunMs(apex, 3, tenSeconds, onceMs + lateMs)).toBe(onceMs + 10_000);
  });

  it('come within an interval of any other run', () => {
    const onceMs = nextSteadyRunMs(apex, 3, tenSeconds, 50_000);
    expect(nextSteadyRunMs(apex, 3, tenSeconds, onceMs - 6)).toBe(onceMs);
    expect(nextSteadyRunMs(apex, 3, tenSeconds, onceMs - 5)).toBe(onceMs + 10_000);
  });
});
