import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createClock } from '../../src/agent/clock.ts';
import { createAtomicFile } from '../../src/host/atomic-file.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { waitFor } from '../helpers/wait.ts';

function setUp() {
  const folder = temporaryDirectory();
  const path = join(folder, 'state.json');
  const told: string[] = [];
  const file = createAtomicFile(path, {
    clock: createClock(),
    failed: ({ message }) => told.push(message),
    recovered: () => told.push('recovered'),
  });
  const content = () => readFileSync(path, 'utf8');
  const has = (text: string) =>
    waitFor(() => existsSync(path) && content() === text, { what: text });
  return { folder, path, told, file, content, has };
}

it('writes a file that nobody else can read, and leaves nothing beside it', async () => {
  const { folder, path, file, has } = setUp();
  file.write(() => 'one');
  await has('one');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['state.json']);
});

it('replaces one that others could read, and what a killed life has left', async () => {
  const { path, file, has } = setUp();
  writeFileSync(path, 'old');
  chmodSync(path, 0o644);
  writeFileSync(`${path}.new`, 'a much longer half of an older text');
  chmodSync(`${path}.new`, 0o666);
  file.write(() => 'new');
  await has('new');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('never follows a link', async () => {
  const { folder, path, told, file } = setUp();
  writeFileSync(join(folder, 'precious'), 'precious');
  symlinkSync(join(folder, 'precious'), `${path}.new`);
  file.write(() => 'text');
  await waitFor(() => told.length === 1, { what: 'the failure' });
  expect(told[0]).toContain('ELOOP');
  expect(readFileSync(join(folder, 'precious'), 'utf8')).toBe('precious');
});

it('writes only the last of what came while it wrote, and the file is whole at every moment', async () => {
  const { path, file, has } = setUp();
  const written: number[] = [];
  const textOf = (count: number) => `${count}`.padStart(100_000, '.');
  for (let count = 0; count < 100; count += 1)
    file.write(() => {
      written.push(count);
      return textOf(count);
    });
  await waitFor(
    () => {
      if (existsSync(path)) expect(statSync(path).size).toBe(100_000);
      return written.length === 2;
    },
    { what: 'the last one', everyMs: 0 },
  );
  await has(textOf(99));
  expect(written).toEqual([0, 99]);
});

it('tells a failure once, tries again with the next change, and tells when it is over', async () => {
  const { path, told, file, has } = setUp();
  mkdirSync(`${path}.new`);
  for (const text of ['one', 'two']) {
    let isTried = false;
    file.write(() => {
      isTried = true;
      return text;
    });
    await waitFor(() => isTried, { what: 'another try' });
  }
  await waitFor(() => told.length === 1, { what: 'the failure' });
  expect(told[0]).toContain('EISDIR');
  rmdirSync(`${path}.new`);
  file.write(() => 'three');
  await has('three');
  await waitFor(() => told.length === 2, { what: 'the recovery' });
  expect(told[1]).toBe('recovered');
});

it('blocks nobody while the disk does, and its end waits no longer than it may', async () => {
  const { path, file, has } = setUp();
  // Opening a pipe for writing blocks until somebody reads.
  execFileSync('mkfifo', [`${path}.new`]);
  const sinceMs = performance.now();
  file.write(() => 'text');
  file.write(() => 'more');
  expect(performance.now() - sinceMs).toBeLessThan(50);
  expect(await file.stop(50)).toBe(false);
  expect(performance.now() - sinceMs).toBeLessThan(1_000);
  expect(existsSync(path)).toBe(false);
  // A reader lets it go on; what was waiting is written all the same.
  const reader = openSync(`${path}.new`, constants.O_RDWR | constants.O_NONBLOCK);
  rmSync(`${path}.new`);
  await has('more');
  closeSync(reader);
});

it('ends at once when nothing is to be written, and takes nothing more', async () => {
  const { path, told, file } = setUp();
  expect(await file.stop(60_000)).toBe(true);
  file.write(() => 'late');
  await file.stop(60_000);
  expect(existsSync(path)).toBe(false);
  expect(told).toEqual([]);
});

it('ends when the last write is done', async () => {
  const { content, file } = setUp();
  file.write(() => 'one');
  file.write(() => 'two');
  await file.stop(60_000);
  expect(content()).toBe('two');
});
