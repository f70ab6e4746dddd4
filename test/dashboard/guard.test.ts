import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { hasToken, isSameOrigin } from '../../src/dashboard/guard.ts';

function asked(headers: Readonly<Record<string, string>>): IncomingMessage {
  return { headers: { host: 'lb1:9469', ...headers } } as unknown as IncomingMessage;
}

describe('isSameOrigin', () => {
  it.each<readonly [string, Readonly<Record<string, string>>, boolean]>([
    ['our own page', { origin: 'http://lb1:9469', 'sec-fetch-site': 'same-origin' }, true],
    ['our own page behind TLS', { origin: 'https://lb1:9469' }, true],
    ['a program', {}, true],
    ['another page', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, false],
    ['another port of the host', { origin: 'http://lb1:80', 'sec-fetch-site': 'same-site' }, false],
    ['a page that hides where it is from', { origin: 'null' }, false],
    ['a link that somebody followed', { 'sec-fetch-site': 'none' }, false],
    ['another page, by an old browser', { origin: 'http://lb1:9469.evil.example' }, false],
  ])('tells %s', (_, headers, isOurs) => {
    expect(isSameOrigin(asked(headers))).toBe(isOurs);
  });
});

describe('hasToken', () => {
  it.each<readonly [string | undefined, boolean]>([
    ['Bearer secret', true],
    ['Bearer secret2', false],
    ['Bearer ', false],
    ['Basic secret', false],
    ['secret', false],
    [undefined, false],
  ])('%s: %s', (authorization, isRight) => {
    const headers: Readonly<Record<string, string>> =
      authorization === undefined ? {} : { authorization };
    expect(hasToken(asked(headers), 'secret')).toBe(isRight);
  });
});
