import { hostname } from 'node:os';
import { expect, it } from 'vitest';
import { isHostOurs } from '../../src/dashboard/guard.ts';

it.each<readonly [string | undefined, boolean]>([
  ['127.0.0.1:9469', true],
  ['192.0.2.1', true],
  ['[2001:db8::1]:9469', true],
  ['localhost:9469', true],
  ['LOCALHOST', true],
  [hostname(), true],
  ['page.example.net:443', true],
  ['evil.example.net', false],
  ['page.example.net.evil.example', false],
  ['127.0.0.1.evil.example', false],
  ['', false],
  [undefined, false],
])('a request for %s is meant for us: %s', (host, isOurs) => {
  expect(isHostOurs(host, ['page.example.net'])).toBe(isOurs);
});
