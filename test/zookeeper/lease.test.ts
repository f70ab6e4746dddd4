import { expect, test } from 'vitest';
import {
  attemptDeadlineMs,
  heartbeatEveryMs,
  isPresumedLost,
  isProven,
  leaseTickMs,
  requestDeadlineMs,
} from '../../src/zookeeper/lease.ts';

test('believes for less than half a session timeout', () => {
  expect(isProven(1_000, 6_000, 3_999)).toBe(true);
  expect(isProven(1_000, 6_000, 4_000)).toBe(false);
  expect(isProven(Number.NEGATIVE_INFINITY, 6_000, 0)).toBe(false);
});

test('presumes the session lost after 4/3 of its timeout', () => {
  expect(isPresumedLost(1_000, 6_000, 8_999)).toBe(false);
  expect(isPresumedLost(1_000, 6_000, 9_000)).toBe(true);
});

test('sends heartbeats and looks at the lease often enough to lose one and still stop in time', () => {
  const timeoutMs = 6_000;
  expect(2 * heartbeatEveryMs(timeoutMs) + leaseTickMs(timeoutMs)).toBeLessThan(timeoutMs / 2);
  expect(requestDeadlineMs(timeoutMs)).toBe(2_000);
});

test('gives a host more time with every round in vain, but never more than half a timeout', () => {
  expect(attemptDeadlineMs(6_000, 0)).toBe(1_000);
  expect(attemptDeadlineMs(6_000, 1)).toBe(2_000);
  expect(attemptDeadlineMs(6_000, 100)).toBe(3_000);
});
