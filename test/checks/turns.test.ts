import { expect, it } from 'vitest';
import { createTurns } from '../../src/checks/turns.ts';

/** Jobs by name, ended by hand. */
function jobs(max: number) {
  const takeTurn = createTurns(max);
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const take = (name: string) =>
    takeTurn((done) => {
      started.push(name);
      ends.set(name, done);
    });
  return { take, started, end: (name: string) => ends.get(name)?.() };
}

it('lets so many go on at once, and the others in their order', () => {
  const { take, started, end } = jobs(2);
  for (const name of ['a', 'b', 'c', 'd']) take(name);
  expect(started).toEqual(['a', 'b']);
  end('b');
  expect(started).toEqual(['a', 'b', 'c']);
  end('b');
  expect(started).toEqual(['a', 'b', 'c']);
  end('a');
  expect(started).toEqual(['a', 'b', 'c', 'd']);
});

it('forgets what was given up before its turn, and only that', () => {
  const { take, started, end } = jobs(1);
  const giveUpRunning = take('a');
  const giveUpWaiting = take('b');
  take('c');
  giveUpWaiting();
  giveUpRunning();
  expect(started).toEqual(['a']);
  end('a');
  expect(started).toEqual(['a', 'c']);
});
