import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createEndpoint, type Page, plain } from '../../src/observe/endpoint.ts';
import { createFakeClock } from '../helpers/fake-clock.ts';
import { waitFor } from '../helpers/wait.ts';

const host = '127.0.0.1';

async function setUp(pages: readonly (readonly [string, () => Page | Promise<Page>])[] = []) {
  const clock = createFakeClock();
  const notes: string[] = [];
  const note = (level: string, place: string, detail: string) =>
    void notes.push(`${level} ${place} ${detail}`);
  const endpoint = createEndpoint({ clock, pages: new Map(pages), note });
  onTestFinished(() => endpoint.listen(undefined));
  const port = await freePort();
  const listen = async () => {
    endpoint.listen({ host, port });
    await waitFor(() => notes.some((line) => line.startsWith('info')), { what: 'the port' });
  };
  const get = (path: string, options?: RequestInit) =>
    fetch(`http://${host}:${port}${path}`, options);
  return { clock, notes, endpoint, port, listen, get };
}

async function occupy(port = 0): Promise<Server> {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  return server;
}

async function freePort(): Promise<number> {
  const server = await occupy();
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('the endpoint', () => {
  it('answers its paths, and says what others there are', async () => {
    const { listen, get } = await setUp([
      ['/healthz', () => plain(200, 'ok')],
      ['/readyz', () => plain(503, 'not yet')],
    ]);
    await listen();
    const healthy = await get('/healthz?x=1');
    expect([healthy.status, await healthy.text()]).toEqual([200, 'ok\n']);
    expect(healthy.headers.get('cache-control')).toBe('no-store');
    expect((await get('/readyz')).status).toBe(503);
    const other = await get('/');
    expect([other.status, await other.text()]).toEqual([404, 'there is /healthz, /readyz\n']);
    expect((await get('/healthz', { method: 'POST' })).status).toBe(405);
    expect(await (await get('/healthz', { method: 'HEAD' })).text()).toBe('');
  });

  it('makes a page once for all who ask at the same time', async () => {
    let made = 0;
    const count = () => {
      made += 1;
      return plain(200, `${made}`);
    };
    const { clock, listen, get } = await setUp([['/metrics', count]]);
    await listen();
    const pages = await Promise.all(Array.from({ length: 20 }, () => get('/metrics')));
    expect(new Set(await Promise.all(pages.map((page) => page.text())))).toEqual(new Set(['1\n']));
    clock.advance(600);
    expect(await (await get('/metrics')).text()).toBe('2\n');
  });

  it('a bug in a page is told, and answered with 500', async () => {
    const { listen, get, notes } = await setUp([
      ['/state', () => Promise.reject(new Error('lost count'))],
    ]);
    await listen();
    expect((await get('/state')).status).toBe(500);
    expect(notes.at(-1)).toMatch(/^error listen bug: Error: lost count/);
  });

  it('says once that its port is taken, and takes it when it is free', async () => {
    const { clock, endpoint, port, notes, get } = await setUp([
      ['/healthz', () => plain(200, 'ok')],
    ]);
    const other = await occupy(port);
    endpoint.listen({ host, port });
    await waitFor(() => notes.length === 1 && clock.timerCount === 1, { what: 'the complaint' });
    expect(notes[0]).toContain(`error listen ${host}:${port} cannot be listened on`);
    expect(notes[0]).toContain('another process has this port');
    clock.advance(10_000);
    await waitFor(() => clock.timerCount === 1, { what: 'the second attempt' });
    expect(notes).toHaveLength(1);
    await new Promise((resolve) => other.close(resolve));
    clock.advance(10_000);
    await waitFor(async () => (await get('/healthz')).status === 200, { what: 'an answer' });
    expect(notes).toHaveLength(2);
  });

  it('an address that no interface has is told with what to do', async () => {
    const { endpoint, notes } = await setUp();
    endpoint.listen({ host: '192.0.2.1', port: 9_468 });
    await waitFor(() => notes[0], { what: 'the complaint' });
    expect(notes[0]).toContain('no interface of this host has this address; correct listen');
  });

  it('goes to another place, or nowhere, when it is told', async () => {
    const { endpoint, listen, get, notes } = await setUp([['/healthz', () => plain(200, 'ok')]]);
    await listen();
    const next = await freePort();
    endpoint.listen({ host, port: next });
    await waitFor(() => notes.length === 2, { what: 'the other port' });
    await expect(get('/healthz')).rejects.toThrow();
    expect((await fetch(`http://${host}:${next}/healthz`)).status).toBe(200);
    endpoint.listen(undefined);
    await expect(fetch(`http://${host}:${next}/healthz`)).rejects.toThrow();
  });
});
