import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/dashboard/act.ts';
import { createDashboard, type Dashboard } from '../../src/dashboard/server.ts';
import type { Order } from '../../src/dashboard/wire.ts';
import { createFakeClock, type FakeClock } from '../helpers/fake-clock.ts';

const token = 'correct-horse-battery';
const order = { action: 'drain', isOn: true, service: 'apex', name: 'lb1', who: 'jd' };
const files = { script: '', relay: '', style: '' };

let clock: FakeClock;
let dashboard: Dashboard;
let port: number;
let outcome: Outcome;
let orders: { readonly order: Order; readonly who: string }[];

beforeEach(async () => {
  orders = [];
  outcome = { kind: 'done', sentence: 'lb1 of apex is drained' };
  clock = createFakeClock();
  dashboard = createDashboard({
    clock,
    files,
    names: ['page.example.net'],
    acting: {
      token,
      act: (order, who) => {
        orders.push({ order, who });
        return Promise.resolve(outcome);
      },
    },
  });
  ({ port } = await dashboard.start({ host: '127.0.0.1', port: 0 }));
});

afterEach(() => dashboard.stop());

interface Sent {
  readonly method?: string;
  /** Undefined takes a header away. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly to?: number;
}

/** As the page sends it, but for what a test changes; `fetch` would not let it. */
function send({
  method = 'POST',
  headers = {},
  body = JSON.stringify(order),
  to = port,
}: Sent = {}) {
  const all: Record<string, string | undefined> = {
    host: `127.0.0.1:${to}`,
    origin: `http://127.0.0.1:${to}`,
    'sec-fetch-site': 'same-origin',
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    ...headers,
  };
  const present = Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined),
  );
  return new Promise<{ readonly status: number | undefined; readonly text: string }>(
    (resolve, reject) => {
      const target = { host: '127.0.0.1', port: to, path: '/act', method, headers: present };
      const asked = request(target, (response) => {
        void text(response).then((said) => resolve({ status: response.statusCode, text: said }));
      });
      asked.on('error', reject).end(method === 'POST' ? body : undefined);
    },
  );
}

it('does what the page orders, and tells who it was and from where', async () => {
  const sent = { ...order, reason: 'new disk', forMs: 900_000 };
  expect(await send({ body: JSON.stringify(sent) })).toEqual({
    status: 200,
    text: 'lb1 of apex is drained\n',
  });
  expect(orders).toEqual([{ order: { ...sent, isForced: false }, who: 'jd (page, 127.0.0.1)' }]);
});

it.each<readonly [Outcome['kind'], number]>([
  ['done', 200],
  ['dark', 409],
  ['unknown', 404],
  ['failed', 503],
])('what became of it, %s, is answered with %d and the sentence', async (kind, status) => {
  outcome = { kind, sentence: 'so it is' };
  expect(await send()).toEqual({ status, text: 'so it is\n' });
});

describe('refuses, and does nothing:', () => {
  it.each<readonly [string, Sent, number]>([
    ['GET', { method: 'GET' }, 405],
    ['what a browser asks before it sends our header elsewhere', { method: 'OPTIONS' }, 405],
    ['a name that is not ours', { headers: { host: 'evil.example.net' } }, 421],
    ['a foreign Origin', { headers: { origin: 'http://evil.example.net' } }, 403],
    ['another port of this host', { headers: { origin: 'http://127.0.0.1:1' } }, 403],
    ['an opaque Origin', { headers: { origin: 'null' } }, 403],
    ['no Origin', { headers: { origin: undefined } }, 403],
    ['a page of the same site', { headers: { 'sec-fetch-site': 'same-site' } }, 403],
    ['a foreign page', { headers: { 'sec-fetch-site': 'cross-site' } }, 403],
    ['no token', { headers: { authorization: undefined } }, 401],
    ['an empty token', { headers: { authorization: 'Bearer ' } }, 401],
    ['a wrong token', { headers: { authorization: `Bearer ${token}x` } }, 401],
    ['the beginning of the token', { headers: { authorization: 'Bearer correct' } }, 401],
    ['a token of another kind', { headers: { authorization: `Basic ${token}` } }, 401],
    ['a token in a cookie', { headers: { authorization: undefined, cookie: token } }, 401],
    ['a form', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415],
    ['plain text', { headers: { 'content-type': 'text/plain' } }, 415],
    ['no type', { headers: { 'content-type': undefined } }, 415],
    [
      'a body that is too long',
      { body: JSON.stringify({ ...order, x: 'x'.repeat(200_000) }) },
      413,
    ],
    ['no JSON', { body: '{' }, 400],
    ['no order', { body: '{}' }, 400],
  ])('%s', async (_, sent, status) => {
    expect((await send(sent)).status).toBe(status);
    expect(orders).toEqual([]);
  });
});

it.each<readonly [string, Readonly<Record<string, string | undefined>>]>([
  ['a browser that says nothing of the sender’s site', { 'sec-fetch-site': undefined }],
  [
    'a proxy with TLS that passes the name on',
    { host: 'page.example.net', origin: 'https://page.example.net' },
  ],
  ['a type with a charset', { 'content-type': 'application/json; charset=utf-8' }],
])('serves %s', async (_, headers) => {
  expect((await send({ headers })).status).toBe(200);
});

it('looks at no token for a minute after five wrong ones; foreign pages do not count', async () => {
  const wrong = { headers: { authorization: 'Bearer nobody-knows-this' } };
  const foreign = { headers: { origin: 'http://evil.example.net' } };
  for (let count = 0; count < 4; count += 1) expect((await send(wrong)).status).toBe(401);
  for (let count = 0; count < 4; count += 1) expect((await send(foreign)).status).toBe(403);
  expect((await send()).status).toBe(200);
  clock.advance(30_000);
  expect((await send(wrong)).status).toBe(401);
  expect((await send()).status).toBe(429);
  clock.advance(29_999);
  expect((await send()).status).toBe(429);
  clock.advance(1);
  expect((await send()).status).toBe(200);
  for (let count = 0; count < 4; count += 1) expect((await send(wrong)).status).toBe(401);
  expect((await send()).status).toBe(429);
});

it('is not there at all without a token, and the page offers nothing', async () => {
  const readOnly = createDashboard({ clock, files, names: [] });
  const { port: to } = await readOnly.start({ host: '127.0.0.1', port: 0 });
  for (const method of ['GET', 'POST', 'OPTIONS'])
    expect((await send({ method, to })).status).toBe(404);
  const pages = [port, to].map(async (at) => (await fetch(`http://127.0.0.1:${at}/`)).text());
  const [acting, looking] = await Promise.all(pages);
  expect(acting).toContain('<html data-act ');
  expect(looking).not.toContain('data-act');
  await readOnly.stop();
});
