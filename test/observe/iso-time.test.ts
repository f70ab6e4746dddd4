import { expect, it } from 'vitest';
import { isoTime } from '../../src/observe/iso-time.ts';

it('writes a wall time in UTC, to the millisecond', () => {
  expect(isoTime(0)).toBe('1970-01-01T00:00:00.000Z');
  expect(isoTime(1_795_284_000_123)).toBe('2026-11-21T18:00:00.123Z');
});
