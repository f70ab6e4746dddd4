import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { watchForChanges } from '../../src/host/file-watch.ts';
import { createFakeClock } from '../helpers/fake-clock.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { waitFor } from '../helpers/wait.ts';

/** A file that is watched, and how often it was said to have changed. */
function watched() {
  const file = join(temporaryDirectory(), 'vipkeeper.yaml');
  writeFileSync(file, 'one');
  const clock = createFakeClock();
  let count = 0;
  const stop = watchForChanges(file, clock, () => {
    count += 1;
  });
  onTestFinished(stop);
  const look = async () => {
    clock.advance(1_000);
    await waitFor(() => clock.timerCount === 1, { what: 'the look to end' });
  };
  return { file, clock, stop, look, count: () => count };
}

it('tells a change once, when a second look finds the file as it was', async () => {
  const { file, look, count } = watched();
  await look();
  writeFileSync(file, 'half of');
  await look();
  writeFileSync(file, 'half of what is written');
  await look();
  expect(count()).toBe(0);
  await look();
  expect(count()).toBe(1);
  await look();
  expect(count()).toBe(1);
});

it('sees another file of the same size in its place', async () => {
  const { file, look, count } = watched();
  writeFileSync(`${file}.new`, 'two');
  renameSync(`${file}.new`, file);
  await look();
  await look();
  expect(count()).toBe(1);
});

it('says nothing of a file that is only away for a moment, and something of one that is gone', async () => {
  const { file, look, count } = watched();
  renameSync(file, `${file}.old`);
  await look();
  renameSync(`${file}.old`, file);
  await look();
  rmSync(file);
  await look();
  expect(count()).toBe(0);
  await look();
  expect(count()).toBe(1);
});

it('waits for a file that is not there yet', async () => {
  const { file, clock, stop } = watched();
  stop();
  rmSync(file);
  let count = 0;
  onTestFinished(watchForChanges(file, clock, () => (count += 1)));
  writeFileSync(file, 'one');
  for (let looks = 0; looks < 2; looks += 1) {
    clock.advance(1_000);
    await waitFor(() => clock.timerCount === 1, { what: 'the look to end' });
  }
  expect(count).toBe(1);
});

it('says nothing after its end, which may come during a look', async () => {
  const { file, clock, look, stop, count } = watched();
  writeFileSync(file, 'two');
  await look();
  clock.advance(1_000);
  stop();
  stop();
  await waitFor(() => true, { what: 'a turn of the event loop' });
  expect([count(), clock.timerCount]).toEqual([0, 0]);
});
