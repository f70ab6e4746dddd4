import { describe, expect, it } from 'vitest';
import { ageOf, momentOf } from '../../../src/dashboard/page/times.ts';

const nowMs = Date.parse('2026-11-21T18:30:00.000Z');
const ago = (seconds: number) => new Date(nowMs - seconds * 1000).toISOString();

describe('momentOf', () => {
  it('is the time of day in UTC, and the date when it was another', () => {
    expect(momentOf(ago(65), nowMs)).toBe('18:28:55 UTC');
    expect(momentOf(ago(86_400), nowMs)).toBe('2026-11-20 18:30:00 UTC');
    expect(momentOf(nowMs, nowMs)).toBe('18:30:00 UTC');
    expect(momentOf('2026-11-21T19:28:55+01:00', nowMs)).toBe('18:28:55 UTC');
  });

  it('says so when it is not known', () => {
    expect(momentOf(undefined, nowMs)).toBe('not known');
    expect(momentOf('soon', nowMs)).toBe('not known');
  });
});

describe('ageOf', () => {
  it.each([
    [0, '0 s'],
    [-30, '0 s'],
    [99, '99 s'],
    [120, '2 min'],
    [7_200, '2 h'],
    [3 * 86_400, '3 d'],
  ])('%d s are %s', (seconds, words) => {
    expect(ageOf(ago(seconds), nowMs)).toBe(words);
  });

  it('is empty when it is not known', () => {
    expect(ageOf(undefined, nowMs)).toBe('');
  });
});
