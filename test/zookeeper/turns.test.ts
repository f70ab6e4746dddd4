import { expect, test } from 'vitest';
import { createTurns } from '../../src/zookeeper/turns.ts';

test('lets so many go at a time, the others in their order', () => {
  const turns = createTurns(2);
  const gone: number[] = [];
  const ends: (() => void)[] = [];
  const take = (number: number) =>
    turns.take((done) => {
      gone.push(number);
      ends.push(done);
    });
  for (const number of [1, 2, 3, 4, 5]) take(number);
  expect(gone).toEqual([1, 2]);
  ends[1]?.();
  expect(gone).toEqual([1, 2, 3]);
  // The same one again makes no room.
  ends[1]?.();
  expect(gone).toEqual([1, 2, 3]);
  ends[0]?.();
  ends[2]?.();
  expect(gone).toEqual([1, 2, 3, 4, 5]);
  ends[3]?.();
  take(6);
  take(7);
  expect(gone).toEqual([1, 2, 3, 4, 5, 6]);
  ends[4]?.();
  expect(gone).toEqual([1, 2, 3, 4, 5, 6, 7]);
});
