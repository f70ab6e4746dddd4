import { expect, test } from 'vitest';
import { createStormBrake } from '../../src/zookeeper/storm-brake.ts';

test('brakes after more than five connections in one session timeout, for a quarter of it', () => {
  const brake = createStormBrake();
  for (let index = 0; index < 5; index += 1) {
    brake.connected(index, 4_000);
    expect(brake.isPulled(index, 4_000)).toBe(false);
  }
  brake.connected(5, 4_000);
  expect(brake.isPulled(6, 4_000)).toBe(true);
  expect(brake.isReleased(1_005)).toBe(false);
  expect(brake.isReleased(1_006)).toBe(true);
});

test('does not brake for connections that are lost now and then', () => {
  const brake = createStormBrake();
  for (let nowMs = 0; nowMs < 100_000; nowMs += 1_000) {
    brake.connected(nowMs, 4_000);
    expect(brake.isPulled(nowMs, 4_000)).toBe(false);
  }
});

test('counts anew after a pause', () => {
  const brake = createStormBrake();
  for (let index = 0; index < 6; index += 1) brake.connected(0, 4_000);
  expect(brake.isPulled(0, 4_000)).toBe(true);
  brake.connected(1_000, 4_000);
  expect(brake.isPulled(1_000, 4_000)).toBe(false);
});
