import { describe, expect, it } from 'vitest';
import { createLineSplitter } from '../../src/exabgp/lines.ts';

function split(chunks: readonly (string | Buffer)[], limit?: number) {
  let overlong = 0;
  const splitter = createLineSplitter(() => {
    overlong += 1;
  }, limit);
  const lines = chunks.flatMap((chunk) => splitter.push(Buffer.from(chunk)));
  return { lines, overlong };
}

describe('line splitter', () => {
  it('joins half lines and keeps the last half back', () => {
    expect(split(['do', 'ne\nerr', 'or\r\n\ndon']).lines).toEqual(['done', 'error', '']);
  });

  it('takes any number of lines from one chunk', () => {
    expect(split(['done\n'.repeat(5000)]).lines).toHaveLength(5000);
  });

  it('keeps a character whole that is cut between two chunks', () => {
    const bytes = Buffer.from('ü\n');
    expect(split([bytes.subarray(0, 1), bytes.subarray(1)]).lines).toEqual(['ü']);
  });

  it('replaces bytes that are no UTF-8', () => {
    expect(split([Buffer.from([0xff, 0x00, 0x0a])]).lines).toEqual(['\ufffd\0']);
  });

  it('drops an overlong line whole, says so once, and goes on with the next', () => {
    const { lines, overlong } = split(['x'.repeat(8), 'y'.repeat(8), 'z\ndone\n'], 10);
    expect(lines).toEqual(['done']);
    expect(overlong).toBe(1);
  });

  it('keeps a line of exactly the limit', () => {
    expect(split(['0123456789\n'], 10)).toEqual({ lines: ['0123456789'], overlong: 0 });
  });
});
