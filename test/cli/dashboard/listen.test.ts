import { describe, expect, it } from 'vitest';
import {
  isLoopback,
  listenFailure,
  parseListen,
  urlOf,
} from '../../../src/cli/dashboard/listen.ts';

describe('parseListen', () => {
  it.each([
    ['127.0.0.1:9469', 'http://127.0.0.1:9469/', true],
    ['[::1]:80', 'http://[::1]:80/', true],
    ['localhost:0', 'http://localhost:0/', true],
    ['0.0.0.0:9469', 'http://0.0.0.0:9469/', false],
    ['lb1.example.net:9469', 'http://lb1.example.net:9469/', false],
  ])('reads %s', (text, url, isLocal) => {
    const address = parseListen(text);
    if (address === undefined || 'fd' in address) throw new Error('it was not read');
    expect([urlOf(address), isLoopback(address.host)]).toEqual([url, isLocal]);
  });

  it('reads a socket that is handed over', () => {
    expect(parseListen('fd:3')).toEqual({ fd: 3 });
  });

  it.each([
    '9469',
    'fd:',
    'fd:x',
    '127.0.0.1',
    ':9469',
    '::1:9469',
    '[x]:9469',
    '127.0.0.1:99999',
    'a:b',
    '',
  ])('does not take %j', (text) => {
    expect(parseListen(text)).toBeUndefined();
  });
});

describe('listenFailure', () => {
  it('says what to do', () => {
    expect(listenFailure('EADDRINUSE', { host: '::1', port: 80 })).toBe(
      'cannot listen on [::1]:80: something listens there already; end it, or choose another port with --listen',
    );
    expect(listenFailure('EPIPE', { host: '127.0.0.1', port: 80 })).toMatch(
      /the system says EPIPE$/,
    );
  });
});
