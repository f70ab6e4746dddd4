import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseWallTime, writeWallTime } from '../../src/zookeeper/wall-time.ts';

test('writes a time for people', () => {
  expect(writeWallTime(Date.UTC(2026, 10, 21, 18, 0, 7))).toBe('2026-11-21 18:00:07 UTC');
});

test.each([
  ['2026-11-21T18:00:00Z', Date.UTC(2026, 10, 21, 18)],
  ['2026-11-21T18:00Z', Date.UTC(2026, 10, 21, 18)],
  ['2026-11-21T18:00:00.123956789Z', Date.UTC(2026, 10, 21, 18, 0, 0, 123)],
  ['2026-11-21T18:00:00.5Z', Date.UTC(2026, 10, 21, 18, 0, 0, 500)],
  ['2026-11-21T18:00:00+02:00', Date.UTC(2026, 10, 21, 16)],
  ['2026-11-21T22:30:00-03:30', Date.UTC(2026, 10, 22, 2)],
  ['2024-02-29T23:59:59Z', Date.UTC(2024, 1, 29, 23, 59, 59)],
  ['2000-02-29T00:00Z', Date.UTC(2000, 1, 29)],
  ['1970-01-01T00:00Z', 0],
])('reads %s', (text, wallMs) => {
  expect(parseWallTime(text)).toBe(wallMs);
});

test.each([
  ['2026-11-21', 'it is no time'],
  ['2026-11-21T18:00:00', 'it has no zone'],
  ['2026-11-21 18:00:00Z', 'it has a space'],
  ['2026-11-21T18:00:00z', 'the zone is a small letter'],
  ['2026-13-01T00:00Z', 'there is no such month'],
  ['2026-00-01T00:00Z', 'there is no such month'],
  ['2026-11-31T00:00Z', 'there is no such day'],
  ['2026-11-00T00:00Z', 'there is no such day'],
  ['2025-02-29T00:00Z', 'it is no leap year'],
  ['2100-02-29T00:00Z', 'it is no leap year'],
  ['2026-11-21T24:00Z', 'there is no such hour'],
  ['2026-11-21T23:60Z', 'there is no such minute'],
  ['2026-11-21T23:59:60Z', 'there is no such second'],
  ['2026-11-21T18:00+24:00', 'there is no such zone'],
  ['tomorrow', 'it is a word'],
  ['1795284000', 'it is a number'],
  ['', 'it is empty'],
])('refuses %j: %s', (text) => {
  expect(parseWallTime(text)).toBeUndefined();
});

test('reads every time that JavaScript writes', () => {
  const times = fc.date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(times, (date) => {
      expect(parseWallTime(date.toISOString())).toBe(date.getTime());
    }),
  );
});
