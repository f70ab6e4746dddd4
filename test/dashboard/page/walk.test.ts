import { describe, expect, it } from 'vitest';
import { offsetFor, spanOf, walk } from '../../../src/dashboard/page/walk.ts';

const size = { rows: 301, columns: 101, pageRows: 20 };

describe('walk', () => {
  it.each<readonly [string, boolean, readonly [number, number]]>([
    ['ArrowUp', false, [9, 5]],
    ['ArrowDown', false, [11, 5]],
    ['ArrowLeft', false, [10, 4]],
    ['ArrowRight', false, [10, 6]],
    ['PageUp', false, [0, 5]],
    ['PageDown', false, [30, 5]],
    ['Home', false, [10, 0]],
    ['End', false, [10, 100]],
    ['Home', true, [0, 0]],
    ['End', true, [300, 100]],
  ])('%s (control: %s) leads to %j', (name, hasControl, [row, column]) => {
    expect(walk({ row: 10, column: 5 }, { name, hasControl }, size)).toEqual({ row, column });
  });

  it('stays inside, and leaves other keys alone', () => {
    const key = (name: string) => ({ name, hasControl: false });
    expect(walk({ row: 0, column: 0 }, key('ArrowUp'), size)).toEqual({ row: 0, column: 0 });
    expect(walk({ row: 300, column: 100 }, key('PageDown'), size)).toEqual({
      row: 300,
      column: 100,
    });
    expect(walk({ row: 1, column: 1 }, key('Tab'), size)).toBeUndefined();
  });
});

describe('spanOf', () => {
  it('covers what is in sight with a margin, whatever the offset', () => {
    for (let offset = 0; offset <= 9_000; offset += 37) {
      const { from, to } = spanOf({ offset, extent: 600 }, { size: 30, count: 300 });
      expect(from).toBeLessThanOrEqual(Math.min(300, Math.floor(offset / 30)));
      expect(to).toBeGreaterThanOrEqual(Math.min(300, Math.ceil((offset + 600) / 30)));
      expect(to - from).toBeLessThan(60);
    }
  });

  it('is whole for a small list', () => {
    expect(spanOf({ offset: 0, extent: 600 }, { size: 30, count: 4 })).toEqual({ from: 0, to: 4 });
  });
});

describe('offsetFor', () => {
  it.each([
    ['in sight', 90, 60],
    ['above', 30, 30],
    ['below', 270, 200],
  ])('scrolls no more than it must to what is %s', (_, start, offset) => {
    expect(offsetFor({ start, size: 30 }, { offset: 60, extent: 100 })).toBe(offset);
  });
});
