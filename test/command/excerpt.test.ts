import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createExcerpt, printable } from '../../src/command/excerpt.ts';

it('keeps the first line across chunks and forgets the rest', async () => {
  const stream = new PassThrough();
  const excerpt = createExcerpt(stream);
  for (const chunk of ['\n ', 'no rou', 'te\nse', 'x'.repeat(2_000)]) stream.write(chunk);
  await new Promise((resolve) => stream.end(resolve));
  expect(excerpt.firstLine()).toBe('no route');
});

it('keeps no more than 512 bytes of an endless line', async () => {
  const stream = new PassThrough();
  const excerpt = createExcerpt(stream);
  for (let index = 0; index < 10; index += 1) stream.write('y'.repeat(100));
  await new Promise((resolve) => stream.end(resolve));
  expect(excerpt.firstLine()).toBe('y'.repeat(512));
});

it('has no line of blanks or nothing, and survives a broken pipe', () => {
  const stream = new PassThrough();
  const excerpt = createExcerpt(stream);
  stream.write(' \n\t\r\n');
  stream.destroy(new Error('EIO'));
  expect(excerpt.firstLine()).toBe('');
});

it('stops reading when closed', () => {
  const stream = new PassThrough();
  createExcerpt(stream).close();
  expect(stream.destroyed).toBe(true);
});

it.each([
  ['plain ~', 'plain ~'],
  ['a\tb', 'a b'],
  ['\u001b[2J\r\n', '?[2J??'],
  ['\u00e9\u2603', '??'],
])('prints %j as %j', (text, shown) => {
  expect(printable(text)).toBe(shown);
});
