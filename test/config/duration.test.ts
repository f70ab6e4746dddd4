import { expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../src/config/duration.ts';

it.each([
  ['4s', 4_000],
  ['200ms', 200],
  ['1m30s', 90_000],
  ['1h', 3_600_000],
  ['1h2m3s4ms', 3_723_004],
  ['0s', 0],
  ['0', 0],
  ['090s', 90_000],
])('reads %s as %d ms', (text, durationMs) => {
  expect(parseDuration(text)).toBe(durationMs);
});

it.each(['', '5', '1.5s', '-1s', '5 s', 's', '1s1m', '1s1s', '1d', '5S', '1e3s', '99999999999s'])(
  'refuses %j',
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

it.each([
  [0, '0s'],
  [90_000, '1m30s'],
  [1_500, '1s500ms'],
  [86_400_000, '24h'],
])('writes %d ms as %s', (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text);
});
