import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createAsker } from '../../../src/cli/init/asker.ts';

it('has an answer for each question though all of them are pasted at once', async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const asker = createAsker(input, output);
  const first = asker.ask('one? ');
  input.write('1\n2\n3\n');
  expect([await first, await asker.ask('two? '), await asker.ask('three? ')]).toEqual([
    '1',
    '2',
    '3',
  ]);
  const fourth = asker.ask('four? ');
  input.write('4\n');
  expect(await fourth).toBe('4');
  expect(String(output.read())).toBe('one? two? 2\nthree? 3\nfour? ');
  asker.close();
});
