import { renameSync, writeFileSync } from 'node:fs';
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
  return { file, clock, stop, count: () => count };
}

it('tells a change once, when the file has been quiet for a moment', async () => {
  const { file, clock, count } = watched();
  writeFileSync(file, 'two');
  await waitFor(() => clock.timerCount === 1, { what: 'the change to be seen' });
  clock.advance(1_499);
  expect(count()).toBe(0);
  clock.advance(1);
  expect(count()).toBe(1);
});

it('sees another file of the same size in its place', async () => {
  const { file, clock, count } = watched();
  writeFileSync(`${file}.new`, 'two');
  renameSync(`${file}.new`, file);
  await waitFor(() => clock.timerCount === 1, { what: 'the change to be seen' });
  clock.advance(1_500);
  expect(count()).toBe(1);
});

it('says nothing after its end', async () => {
  const { file, clock, stop, count } = watched();
  writeFileSync(file, 'two');
  await waitFor(() => clock.timerCount === 1, { what: 'the change to be seen' });
  stop();
  stop();
  clock.advance(1_500);
  expect(count()).toBe(0);
});
