import { describe, expect, it } from 'vitest';
import { unlessSame } from '../../src/core/same.ts';

describe('unlessSame', () => {
  it.each<[string, () => unknown]>([
    ['plain values', () => 7],
    ['lists', () => [1, [2, 'a']]],
    ['objects', () => ({ a: 1, b: { c: undefined } })],
    ['sets', () => new Set(['a', 'b'])],
    ['maps', () => new Map([['a', { b: [1] }]])],
  ])('keeps what it was where equal %s are new', (_, make) => {
    const [before, after] = [make(), make()];
    expect(unlessSame(before, after)).toBe(before);
  });

  it.each<[string, unknown, unknown]>([
    ['a value', 7, 8],
    ['a kind', 7, { a: 7 }],
    ['nothing', { a: 7 }, undefined],
    ['null', { a: 7 }, null],
    ['a length', [1], [1, 2]],
    ['an item', [1, 2], [1, 3]],
    ['a key', { a: undefined }, { b: undefined }],
    ['a deep value', { a: { b: 1 } }, { a: { b: 2 } }],
    ['a member of a set', new Set(['a']), new Set(['b'])],
    ['the size of a set', new Set(['a']), new Set(['a', 'b'])],
    ['a set and a list', new Set(['a']), ['a']],
    ['a key of a map', new Map([['a', undefined]]), new Map([['b', undefined]])],
    ['a value of a map', new Map([['a', [1]]]), new Map([['a', [2]]])],
    ['the size of a map', new Map([['a', 1]]), new Map()],
    ['a map and an object', new Map([['a', 1]]), { a: 1 }],
  ])('takes what is new where %s makes the difference', (_, before, after) => {
    expect(unlessSame(before, after)).toBe(after);
    expect(unlessSame(after, before)).toBe(before);
  });
});
