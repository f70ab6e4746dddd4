import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { HttpProbe } from '../../src/core/probe.ts';
import { createAuthority, hasOpenssl } from '../helpers/certificates.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { longestPauseMs, looker, lookOnce } from './look.ts';

const patience = { timeout: 5_000, interval: 5 };
const ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A server, the connections that it got, and those of them that are still open. */
async function listen(server: Server, at: string | { path: string } = '127.0.0.1') {
  const open = new Set<Socket>();
  const places = { connections: 0, from: [] as (string | undefined)[], open, port: 0 };
  server.on('connection', (socket: Socket) => {
    places.connections += 1;
    places.from.push(socket.remoteAddress);
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
  });
  server.listen(typeof at === 'string' ? { port: 0, host: at } : at);
  await once(server, 'listening');
  ends.push(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  const address = server.address();
  if (address instanceof Object) places.port = address.port;
  return places;
}

const http = (answer: RequestListener, at?: string | { path: string }) =>
  listen(createServer(answer), at);

const ok: RequestListener = (_request, response) => void response.end('all is well\n');

function get(port: number, more: Partial<HttpProbe> = {}, host = '127.0.0.1'): HttpProbe {
  const url = `http://${host}:${port}/health?x=1`;
  return { kind: 'http', url, method: 'GET', headers: {}, status: [[200, 299]], ...more };
}

describe('the status', () => {
  it.each([
    [200, [[200, 299]], true, 'status 200'],
    [204, [[200, 299]], true, 'status 204'],
    [500, [[200, 299]], false, 'status 500'],
    [404, [[404, 404]], true, 'status 404'],
    [
      301,
      [
        [200, 299],
        [301, 301],
      ],
      true,
      'status 301, a redirect, which is not followed',
    ],
    [302, [[200, 299]], false, 'status 302, a redirect, which is not followed'],
  ] as const)('%i where %j is wanted passes: %s', async (code, status, passed, detail) => {
    let requests = 0;
    const { port } = await http((_request, response) => {
      requests += 1;
      const location = code === 301 || code === 302 ? { location: '/elsewhere' } : {};
      response.writeHead(code, location).end();
    });
    expect(await lookOnce(get(port, { status }))).toEqual({ passed, detail });
    expect(requests).toBe(1);
  });
});

describe('the request', () => {
  it('has the method, the path and the headers that were asked for', async () => {
    const seen: unknown[] = [];
    const { port } = await http((request, response) => {
      seen.push([request.method, request.url, request.headers]);
      response.end();
    });
    await lookOnce(get(port, { method: 'HEAD', headers: { Host: 'www.example', 'X-A': 'b' } }));
    await lookOnce(get(port));
    expect(seen).toMatchObject([
      ['HEAD', '/health?x=1', { host: 'www.example', 'x-a': 'b', connection: 'close' }],
      ['GET', '/health?x=1', { host: `127.0.0.1:${port}`, 'user-agent': 'vipkeeper' }],
    ]);
  });

  it('goes to IPv6 addresses in brackets, and names them so', async () => {
    let host: string | undefined;
    const { port } = await http((request, response) => {
      host = request.headers.host;
      response.end();
    }, '::1');
    expect(await lookOnce(get(port, {}, '[::1]'))).toMatchObject({ passed: true });
    expect(host).toBe(`[::1]:${port}`);
  });

  it('finds a server by its name', async () => {
    const { port } = await http(ok);
    expect(await lookOnce(get(port, {}, 'localhost'))).toMatchObject({ passed: true });
  });

  it('leaves from the source address', async () => {
    const places = await http(ok);
    const verdict = await lookOnce(get(places.port, { source: '127.0.0.77' }));
    expect(verdict).toMatchObject({ passed: true });
    expect(places.from).toEqual(['127.0.0.77']);
  });

  it('goes through a unix socket', async () => {
    const socket = `${temporaryDirectory()}/http.sock`;
    await http(ok, { path: socket });
    expect(await lookOnce(get(1, { socket }))).toMatchObject({ passed: true });
    expect(await lookOnce(get(1, { socket: `${socket}.gone` }))).toMatchObject({
      passed: false,
      detail: expect.stringContaining('ENOENT'),
    });
  });

  it('is made on a new connection each time, which is closed afterwards', async () => {
    const places = await http(ok);
    const { look } = looker(get(places.port));
    for (let count = 0; count < 3; count += 1) await look();
    expect(places.connections).toBe(3);
    await vi.waitFor(() => expect(places.open.size).toBe(0), patience);
  });
});

describe('the body', () => {
  it.each([
    [{ text: 'is well' }, true, 'status 200'],
    [{ text: 'is ill' }, false, 'status 200, but another body: all is well'],
    [{ pattern: '^all .* well$' }, true, 'status 200'],
    [{ pattern: '^well' }, false, 'status 200, but another body: all is well'],
  ])('is searched for %j', async (body, passed, detail) => {
    const { port } = await http(ok);
    expect(await lookOnce(get(port, { body }))).toEqual({ passed, detail });
  });

  it('is not waited for when it is not searched, or when it is found already', async () => {
    const places = await http((_request, response) => void response.write('all is well'));
    expect(await lookOnce(get(places.port))).toMatchObject({ passed: true });
    expect(await lookOnce(get(places.port, { body: { text: 'well' } }))).toMatchObject({
      passed: true,
    });
    await vi.waitFor(() => expect(places.open.size).toBe(0), patience);
  });

  it('is cut off where it goes on for ever', async () => {
    const places = await http((_request, response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(10_000)));
      };
      response.on('drain', more);
      more();
    });
    const verdict = await lookOnce(get(places.port, { body: { text: 'y' } }));
    expect(verdict).toMatchObject({
      passed: false,
      detail: expect.stringMatching(/^status 200, but/),
    });
    await vi.waitFor(() => expect(places.open.size).toBe(0), patience);
  });

  it.each(['(a|a)*b', '(.*a){200}x', '(.*)*x'])(
    'cannot hold the event loop by the pattern %s',
    async (pattern) => {
      const { port } = await http(
        (_request, response) => void response.end(`${'a'.repeat(60_000)}!`),
      );
      let detail = '';
      const pauseMs = await longestPauseMs(async () => {
        ({ detail } = await lookOnce(get(port, { body: { pattern } })));
      });
      expect(detail).toBe('status 200, but bodyPattern takes too long on its body');
      expect(pauseMs).toBeLessThan(1_000);
    },
  );
});

describe('a server that misbehaves', () => {
  /** Sends a text on each connection, and ends it or does not. */
  const raw = (text: string, isEnded: boolean) =>
    listen(
      createTcpServer((socket) => {
        socket.on('data', () => (isEnded ? socket.end(text) : socket.write(text)));
      }),
    );

  it.each([
    ['hangs up', '', true, /closed by the server without an answer|socket hang up/],
    ['speaks another protocol', 'SSH-2.0-x\r\n', true, /Parse Error/],
    [
      'ends in the middle of the body',
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab',
      true,
      /^status 200, but cut off/,
    ],
    ['says nothing', '', false, /timed out after 300 ms, waiting for the answer/],
    ['stops after the headers', 'HTTP/1.1 200 OK\r\n\r\n', false, /waiting for the body/],
  ])(
    'and %s fails within the timeout, and keeps no connection',
    async (_, text, isEnded, detail) => {
      const places = await raw(text, isEnded);
      const verdict = await lookOnce(get(places.port, { body: { text: 'z' } }), 300);
      expect(verdict).toMatchObject({ passed: false, detail: expect.stringMatching(detail) });
      await vi.waitFor(() => expect(places.open.size).toBe(0), patience);
    },
  );

  it('and drips its headers byte by byte is not waited for', async () => {
    const places = await listen(
      createTcpServer((socket) => {
        const timer = setInterval(() => socket.write('x'), 20);
        socket.write('HTTP/1.1 200 OK\r\n');
        socket.on('close', () => clearInterval(timer));
      }),
    );
    const verdict = await lookOnce(get(places.port), 200);
    expect(verdict.detail).toBe('timed out after 200 ms, waiting for the answer');
    await vi.waitFor(() => expect(places.open.size).toBe(0), patience);
  });

  it('and refuses connections fails with the address', async () => {
    const verdict = await lookOnce(get(1));
    expect(verdict).toEqual({ passed: false, detail: 'connect ECONNREFUSED 127.0.0.1:1' });
  });

  it.each(['stop', 'removeCheck'] as const)('is left alone at once by %s', async (how) => {
    const places = await raw('', false);
    const checker = looker(get(places.port));
    void checker.look();
    await vi.waitFor(() => expect(places.open.size).toBe(1), patience);
    checker[how]();
    await vi.waitFor(() => expect(places.open.size).toBe(0), patience);
    expect(checker.events).toEqual([]);
  });

  it('never sees its credentials in our words', async () => {
    const places = await raw('HTTP/1.1 401 No\r\n\r\n', true);
    const verdict = await lookOnce(get(places.port, { headers: { Authorization: 'hunter2' } }));
    expect(verdict.detail).toBe('status 401');
  });
});

describe.skipIf(!hasOpenssl())('https', () => {
  const authority = createAuthority();
  const other = createAuthority();
  const server = authority.issue('www.example', { names: 'DNS:www.example,IP:127.0.0.1' });
  const named = authority.issue('named.example');
  const expired = authority.issue('127.0.0.1', { names: 'IP:127.0.0.1', days: -1 });
  const client = authority.issue('client');
  afterAll(() => {
    authority.remove();
    other.remove();
  });

  const https = ({ cert, key }: { cert: string; key: string }, more: ServerOptions = {}) =>
    listen(createTlsServer({ cert, key, ...more }, ok));
  const getTls = (port: number, tls: HttpProbe['tls']): HttpProbe => ({
    ...get(port),
    url: `https://127.0.0.1:${port}/`,
    ...(tls === undefined ? {} : { tls }),
  });
  const ca = authority.certFile;

  it.each([
    ['a CA that vouches for it', server, { ca }, true, /^status 200$/],
    ['a CA that does not', server, { ca: other.certFile }, false, /certificate/],
    ['the CAs of the system', server, undefined, false, /certificate/],
    ['no wish to know', server, { insecure: true }, true, /^status 200$/],
    ['another name', named, { ca }, false, /altnames/],
    ['that name', named, { ca, serverName: 'named.example' }, true, /^status 200$/],
    ['an old certificate', expired, { ca }, false, /expired/],
  ] as const)('is judged by %s', async (_, certificate, tls, passed, detail) => {
    const { port } = await https(certificate);
    const verdict = await lookOnce(getTls(port, tls));
    expect(verdict).toMatchObject({ passed, detail: expect.stringMatching(detail) });
  });

  it('shows our certificate', async () => {
    const { port } = await https(server, { ca: authority.cert, requestCert: true });
    const keys = { cert: client.certFile, key: client.keyFile };
    expect(await lookOnce(getTls(port, { ca, ...keys }))).toMatchObject({ passed: true });
    expect(await lookOnce(getTls(port, { ca }))).toMatchObject({ passed: false });
  });

  it('reads its files anew for each run', async () => {
    const { port } = await https(server);
    const file = `${temporaryDirectory()}/ca.pem`;
    const { look } = looker(getTls(port, { ca: file }));
    expect(await look()).toEqual({ passed: false, detail: `${file} cannot be read: ENOENT` });
    writeFileSync(file, other.cert);
    expect(await look()).toMatchObject({ passed: false });
    writeFileSync(file, authority.cert);
    expect(await look()).toMatchObject({ passed: true });
  });

  it('fails, and no more than that, by a file that was damaged', async () => {
    const { port } = await https(server);
    const file = `${temporaryDirectory()}/key.pem`;
    writeFileSync(file, 'no key');
    const verdict = await lookOnce(getTls(port, { ca, cert: client.certFile, key: file }));
    expect(verdict).toMatchObject({
      passed: false,
      detail: expect.stringMatching(/^cannot be sent/),
    });
  });
});
