import { describe, expect, it } from 'vitest';
import { isMemberName, isZnodeName } from '../../src/core/settings.ts';

describe('isZnodeName', () => {
  it.each(['lb1', 'LB-1.example.net', 'a', '9', 'a_b', 'x'.repeat(63)])('takes %s', (text) => {
    expect(isZnodeName(text)).toBe(true);
  });

  it.each([
    '',
    '.',
    '..',
    '-lb1',
    '_lb1',
    '.lb1',
    'lb/1',
    'lb 1',
    'lb1\n',
    'lb1\0',
    'lb:1',
    'lbé',
    'x'.repeat(64),
  ])('refuses %j', (text) => {
    expect(isZnodeName(text)).toBe(false);
  });
});

describe('isMemberName', () => {
  it.each([
    ['lb1', true],
    ['10.20.255.1.example', true],
    ['10.20.255.1', false],
    ['lb 1', false],
  ])('%s: %s', (text, isMember) => {
    expect(isMemberName(text)).toBe(isMember);
  });
});
