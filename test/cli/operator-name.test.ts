import { expect, it } from 'vitest';
import { userName } from '../../src/cli/operator-name.ts';

it('is the name of the user', () => {
  expect(userName(() => ({ username: 'jd' }))).toBe('jd');
});

it('is the uid where no name belongs to it', () => {
  const look = (): never => {
    throw new Error('ENOENT: no such file or directory, uv_os_get_passwd');
  };
  expect(userName(look)).toBe(`uid ${process.geteuid?.()}`);
});
