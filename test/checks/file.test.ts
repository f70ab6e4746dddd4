import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { looker, lookOnce } from './look.ts';

const file = (path: string, mustExist: boolean) => ({ kind: 'file', path, mustExist }) as const;

it.each([true, false])('follows a file that comes and goes (must exist: %s)', async (mustExist) => {
  const path = join(temporaryDirectory(), 'ready');
  const { look } = looker(file(path, mustExist));
  expect(await look()).toEqual({ passed: !mustExist, detail: `${path} is absent` });
  writeFileSync(path, '');
  expect(await look()).toEqual({ passed: mustExist, detail: `${path} exists` });
  rmSync(path);
  expect(await look()).toEqual({ passed: !mustExist, detail: `${path} is absent` });
});

it('takes a directory for a file, and a link for what it leads to', async () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'd'));
  symlinkSync('d', join(directory, 'good'));
  symlinkSync('nowhere', join(directory, 'broken'));
  expect(await lookOnce(file(join(directory, 'd'), true))).toMatchObject({ passed: true });
  expect(await lookOnce(file(join(directory, 'good'), true))).toMatchObject({ passed: true });
  expect(await lookOnce(file(join(directory, 'broken'), true))).toMatchObject({ passed: false });
});

it('is absent where its directory is a file', async () => {
  const path = join(temporaryDirectory(), 'plain');
  writeFileSync(path, '');
  expect(await lookOnce(file(join(path, 'x'), false))).toMatchObject({ passed: true });
});

it.each([true, false])('fails where nobody can tell (must exist: %s)', async (mustExist) => {
  const path = join(temporaryDirectory(), 'loop');
  symlinkSync('loop', path);
  const verdict = await lookOnce(file(path, mustExist));
  expect(verdict).toEqual({ passed: false, detail: `${path} cannot be looked at: ELOOP` });
});
