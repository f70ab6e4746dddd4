import { request } from 'node:http';
import { hostname } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClock } from '../../src/agent/clock.ts';
import { createDashboard, type Dashboard } from '../../src/dashboard/server.ts';
import type { SourceState } from '../../src/dashboard/wire.ts';
import { listenToEvents } from '../helpers/event-stream.ts';
import { failOver, generateFleet, generateService } from '../helpers/generated-fleet.ts';

const service = generateService({ members: 3, vips: 4 });
const calm = { ...generateFleet(), services: [service] };
const failed = { ...calm, services: [failOver(service, 'lb1', '2026-11-21T18:30:00.000Z')] };
const live: SourceState = { isLive: true, readAt: '2026-11-21T18:00:00.000Z' };

let dashboard: Dashboard;
let port: number;

beforeEach(async () => {
  dashboard = createDashboard({
    clock: createClock(),
    files: { script: '"script"', relay: '"relay"', style: 'a{}' },
    names: ['page.example.net'],
  });
  ({ port } = await dashboard.start({ host: '127.0.0.1', port: 0 }));
});

afterEach(() => dashboard.stop());

function at(path: string): string {
  return `http://127.0.0.1:${port}${path}`;
}

/** As `fetch`, which does not let a test choose the host. */
function statusFor(host: string, path = '/'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject).end();
  });
}

describe('files', () => {
  it.each([
    ['/', 'text/html; charset=utf-8'],
    ['/page.js', 'text/javascript; charset=utf-8'],
    ['/relay.js', 'text/javascript; charset=utf-8'],
    ['/page.css', 'text/css; charset=utf-8'],
    ['/icon.svg', 'image/svg+xml'],
  ])('%s is sent as %s, with a policy that lets nothing else in', async (path, type) => {
    const response = await fetch(at(path));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('set-cookie')).toBeNull();
  });

  it('are not sent twice to a browser that has them', async () => {
    const etag = (await fetch(at('/page.js'))).headers.get('etag') ?? '';
    const again = await fetch(at('/page.js'), { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
  });

  it('name nothing on another host', async () => {
    expect(await (await fetch(at('/'))).text()).not.toMatch(/(src|href)="(https?:)?\/\//);
  });
});

describe('requests', () => {
  it.each([
    ['GET', '/nothing', 404],
    ['GET', '/../../etc/passwd', 404],
    ['GET', '/why?service=apex', 404],
    ['POST', '/', 405],
    ['PUT', '/why', 405],
    ['DELETE', '/events', 405],
  ])('%s %s is answered with %d', async (method, path, status) => {
    expect((await fetch(at(path), { method })).status).toBe(status);
  });

  it('for no path at all are answered with 404, and the server goes on', async () => {
    expect(await statusFor('localhost', '//')).toBe(404);
    expect(await statusFor('localhost', 'http://')).toBe(404);
    expect(await statusFor('localhost')).toBe(200);
  });

  it.each([
    ['127.0.0.1:9469', 200],
    ['[::1]:9469', 200],
    ['localhost', 200],
    [hostname(), 200],
    ['page.example.net', 200],
    ['evil.example.net', 421],
    ['localhost.evil.example.net', 421],
    ['127.0.0.1.evil.example.net', 421],
  ])('for %s are answered with %d', async (host, status) => {
    expect(await statusFor(host)).toBe(status);
    dashboard.update({ state: live, view: calm });
    expect(await statusFor(host, '/why?service=apex')).toBe(status);
  });
});

describe('/why', () => {
  it('tells why a member does what it does', async () => {
    dashboard.update({ state: live, view: failed });
    const query = new URLSearchParams({ service: 'apex', vip: '10.20.255.1/32', member: 'lb2' });
    expect(await (await fetch(at(`/why?${query}`))).json()).toMatchObject({
      cell: { role: 'backup', record: { reason: 'claimMissing', route: 'self med 200' } },
      ofVip: { owner: 'lb1', carriers: ['lb2', 'lb3'] },
      moves: [{ member: 'lb2', to: 'backup' }],
    });
  });
});

describe('/events', () => {
  it('begins with everything, then tells what has changed', async () => {
    dashboard.update({ state: live, view: calm });
    const events = await listenToEvents(at('/events'));
    const whole = await events.next();
    expect(whole).toMatchObject({ name: 'whole', message: { state: live, removed: [] } });
    dashboard.update({ state: live, view: failed });
    const change = await events.next();
    expect(change.name).toBe('change');
    expect(change.message.set.map(([kind, , name]) => `${kind} ${name}`).slice(0, 4)).toEqual([
      'service ',
      'member lb1',
      'vip 10.20.255.1/32',
      'vip 10.20.255.4/32',
    ]);
    events.close();
  });

  it('tells that what is shown is stale, and keeps showing it', async () => {
    dashboard.update({ state: live, view: calm });
    const events = await listenToEvents(at('/events'));
    await events.next();
    const stale = { isLive: false, detail: 'connection lost' };
    dashboard.update({ state: stale, view: calm });
    expect(await events.next()).toMatchObject({
      name: 'change',
      message: { state: stale, set: [], removed: [] },
    });
    events.close();
  });

  it('tells a burst as one change, and nothing when nothing has changed', async () => {
    dashboard.update({ state: live, view: calm });
    const events = await listenToEvents(at('/events'));
    await events.next();
    for (let burst = 0; burst < 50; burst += 1) {
      dashboard.update({ state: live, view: burst % 2 === 0 ? failed : calm });
    }
    dashboard.update({ state: live, view: { ...calm, root: '/other' } });
    const change = await events.next();
    expect(change.message.set).toEqual([['fleet', '', '', { root: '/other', refusals: [] }]]);
    events.close();
  });

  it('tells a page that comes later the same as one that heard every change', async () => {
    dashboard.update({ state: live, view: calm });
    const first = await listenToEvents(at('/events'));
    await first.next();
    dashboard.update({ state: live, view: failed });
    const second = await listenToEvents(at('/events'));
    const { message } = await second.next();
    const change = await first.next();
    expect(message.set).toEqual(expect.arrayContaining([...change.message.set]));
    for (const events of [first, second]) events.close();
  });

  it('ends with the server', async () => {
    const events = await listenToEvents(at('/events'));
    await events.next();
    await dashboard.stop();
    await expect(events.next()).rejects.toThrow();
  });
});
