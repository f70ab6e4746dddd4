import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readPrivateFile } from '../../src/host/private-file.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

function file(mode = 0o600): string {
  const path = join(temporaryDirectory(), 'file');
  writeFileSync(path, 'secret', { mode });
  chmodSync(path, mode);
  return path;
}

it.each([0o600, 0o400, 0o700])('reads a file of mode %o', (mode) => {
  expect(readPrivateFile(file(mode))).toEqual({ kind: 'read', text: 'secret' });
});

it('tells that there is none', () => {
  expect(readPrivateFile(join(temporaryDirectory(), 'none'))).toEqual({ kind: 'absent' });
});

it.each([0o644, 0o640, 0o620, 0o604, 0o601])('does not use a file of mode %o', (mode) => {
  expect(readPrivateFile(file(mode))).toEqual({
    kind: 'unusable',
    why: `others may read it (mode ${mode.toString(8)}), and it holds a password`,
  });
});

it('does not follow a link', () => {
  const path = join(temporaryDirectory(), 'link');
  symlinkSync(file(), path);
  expect(readPrivateFile(path)).toMatchObject({ why: expect.stringContaining('ELOOP') });
});

it('neither uses nor waits for a pipe or a directory', () => {
  const folder = temporaryDirectory();
  execFileSync('mkfifo', ['-m', '600', join(folder, 'pipe')]);
  mkdirSync(join(folder, 'directory'));
  const useless = { kind: 'unusable', why: 'it is no plain file' };
  expect(readPrivateFile(join(folder, 'pipe'))).toEqual(useless);
  expect(readPrivateFile(join(folder, 'directory'))).toEqual(useless);
});

it('does not read what cannot be ours for its size', () => {
  const path = file();
  truncateSync(path, 8 * 1024 * 1024 + 1);
  expect(readPrivateFile(path)).toEqual({
    kind: 'unusable',
    why: 'it has more than 8388608 bytes',
  });
});

it.skipIf(process.geteuid?.() !== 0)('does not use a file of another user', () => {
  const path = file();
  chownSync(path, 12_345, 12_345);
  expect(readPrivateFile(path)).toEqual({
    kind: 'unusable',
    why: 'it belongs to another user (uid 12345)',
  });
});
