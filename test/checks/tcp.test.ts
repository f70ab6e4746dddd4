import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { looker, lookOnce } from './look.ts';

const patience = { timeout: 5_000, interval: 5 };
const ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

async function listen(speak: (socket: Socket) => void, host = '127.0.0.1') {
  const open = new Set<Socket>();
  const from: (string | undefined)[] = [];
  const server = createServer((socket) => {
    open.add(socket);
    from.push(socket.remoteAddress);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
    speak(socket);
    socket.resume();
  }).listen(0, host);
  await once(server, 'listening');
  ends.push(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return { port: (server.address() as AddressInfo).port, open, from };
}

const tcp = (port: number, more: object = {}) =>
  ({ kind: 'tcp', host: '127.0.0.1', port, ...more }) as const;

it('passes when the connection is made, and closes it', async () => {
  const { port, open } = await listen(() => undefined);
  expect(await lookOnce(tcp(port))).toEqual({ passed: true, detail: 'connected' });
  await vi.waitFor(() => expect(open.size).toBe(0), patience);
});

it('connects over IPv6', async () => {
  const { port } = await listen(() => undefined, '::1');
  expect(await lookOnce(tcp(port, { host: '::1' }))).toMatchObject({ passed: true });
});

it('connects from the source address', async () => {
  const { port, from } = await listen(() => undefined);
  expect(await lookOnce(tcp(port, { source: '127.0.0.9' }))).toMatchObject({ passed: true });
  expect(from).toEqual(['127.0.0.9']);
});

it('fails from an address that is not ours', async () => {
  const { port } = await listen(() => undefined);
  const verdict = await lookOnce(tcp(port, { source: '192.0.2.1' }));
  expect(verdict).toMatchObject({ passed: false, detail: expect.stringMatching(/EADDRNOTAVAIL/) });
});

it.each([
  [1, '127.0.0.1', 'connect ECONNREFUSED 127.0.0.1:1'],
  [1, 'localhost', 'ECONNREFUSED'],
  [1, 'no.such.name.invalid', 'getaddrinfo'],
])('fails on port %i of %s: %s', async (port, host, detail) => {
  const verdict = await lookOnce(tcp(port, { host }), 10_000);
  expect(verdict).toMatchObject({ passed: false, detail: expect.stringContaining(detail) });
});

describe('with a banner', () => {
  it.each([
    ['220 ', ['220 mail ready\r\n'], true, 'connected: 220 mail ready'],
    ['220 ', ['2', '2', '0 late\r\n'], true, 'connected: 220 late'],
    ['220 ', ['554 no\r\n'], false, 'another banner: 554 no'],
  ])('%j and %j passes: %s', async (banner, parts, passed, detail) => {
    const { port } = await listen((socket) => {
      socket.setNoDelay(true);
      const next = (): void => {
        const part = parts.shift();
        if (part !== undefined) socket.write(part, () => setImmediate(next));
      };
      next();
    });
    const verdict = await lookOnce(tcp(port, { banner }));
    expect(verdict.passed).toBe(passed);
    expect(verdict.detail.startsWith(detail.slice(0, 14))).toBe(true);
  });

  it('fails when the server ends before it', async () => {
    const { port } = await listen((socket) => void socket.end('22'));
    expect(await lookOnce(tcp(port, { banner: '220' }))).toEqual({
      passed: false,
      detail: 'closed by the server before its banner',
    });
  });

  it.each(['timeout', 'stop', 'removeCheck'] as const)(
    'lets go of a silent server at %s',
    async (how) => {
      const { port, open } = await listen(() => undefined);
      const checker = looker(tcp(port, { banner: '220' }), 200);
      const verdict = checker.look();
      await vi.waitFor(() => expect(open.size).toBe(1), patience);
      if (how === 'timeout')
        expect((await verdict).detail).toBe('timed out after 200 ms, waiting for the banner');
      else checker[how]();
      await vi.waitFor(() => expect(open.size).toBe(0), patience);
      expect(checker.events).toHaveLength(how === 'timeout' ? 1 : 0);
    },
  );
});
