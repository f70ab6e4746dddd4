import { expect, test } from 'vitest';
import type { MemberId } from '../../src/core/settings.ts';
import { shareOf } from '../../src/zookeeper/share.ts';

const shares = (count: number, name: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => shareOf(name(index) as MemberId));

test('is the same for a member each time', () => {
  expect(shareOf('lb1' as MemberId)).toBe(shareOf('lb1' as MemberId));
});

test.each([
  ['lb1, lb2, ...', (index: number) => `lb${index + 1}`],
  ['names of hosts', (index: number) => `edge-${index + 1}.fra.example.net`],
])('spreads members named %s evenly', (_, name) => {
  const tenths = new Array<number>(10).fill(0);
  for (const share of shares(200, name))
    tenths[Math.floor(share * 10)] = (tenths[Math.floor(share * 10)] ?? 0) + 1;
  expect(tenths.reduce((sum, count) => sum + count)).toBe(200);
  expect(Math.min(...tenths)).toBeGreaterThanOrEqual(8);
  expect(Math.max(...tenths)).toBeLessThanOrEqual(35);
});
