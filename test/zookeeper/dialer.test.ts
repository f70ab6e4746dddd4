import { expect, test } from 'vitest';
import {
  createDialer,
  type DialerOptions,
  placeOf,
  type Server,
} from '../../src/zookeeper/dialer.ts';
import { createFakeClock } from '../helpers/fake-clock.ts';

const servers: readonly Server[] = [
  { host: 'a', port: 1 },
  { host: 'b', port: 2 },
];

function setUp(firstServer = 0, more: Partial<DialerOptions> = {}) {
  const clock = createFakeClock();
  const notes: string[] = [];
  const tried: string[] = [];
  const dialer = createDialer(
    { servers, firstServer, share: 0.5, ...more },
    { clock, note: (level, place, detail) => notes.push(`${level} ${place} ${detail}`) },
  );
  const dial = () => dialer.next((server) => tried.push(server.host));
  return { clock, notes, tried, dialer, dial };
}

test('tries all servers at once, then pauses before each next round', () => {
  const { clock, tried, dial } = setUp(1);
  dial();
  clock.advance(0);
  dial();
  clock.advance(0);
  expect(tried).toEqual(['b', 'a']);
  dial();
  clock.advance(199);
  expect(tried).toHaveLength(2);
  clock.advance(1);
  expect(tried).toEqual(['b', 'a', 'b']);
});

test('goes on with the next server at once after one that gave a session', () => {
  const { clock, tried, dialer, dial } = setUp();
  for (let index = 0; index < 2; index += 1) {
    dial();
    clock.advance(0);
  }
  dialer.succeeded({ host: 'b', port: 2 });
  dial();
  clock.advance(0);
  expect(tried).toEqual(['a', 'b', 'a']);
});

test('dials no more once cancelled', () => {
  const { clock, tried, dial } = setUp();
  dial()();
  clock.advance(1_000);
  expect(tried).toEqual([]);
});

test('gives more time from the second round on', () => {
  const { clock, dialer, dial } = setUp();
  const deadlines = Array.from({ length: 5 }, () => {
    dial();
    clock.advance(1_000);
    return dialer.deadlineMs(6_000);
  });
  expect(deadlines).toEqual([1_000, 1_000, 2_000, 2_000, 3_000]);
  dialer.succeeded({ host: 'a', port: 1 });
  dial();
  expect(dialer.deadlineMs(6_000)).toBe(1_000);
});

test('says a failure once, again when it changes, and again after a success', () => {
  const { dialer, notes } = setUp();
  const [a, b] = [
    { host: 'a', port: 1 },
    { host: '::1', port: 2 },
  ];
  for (const detail of ['ECONNREFUSED', 'ECONNREFUSED', 'ENOTFOUND']) dialer.failed(a, detail);
  // By turns it is not news either.
  dialer.failed(a, 'ECONNREFUSED');
  dialer.failed(b, 'ECONNREFUSED');
  dialer.succeeded(a);
  dialer.failed(a, 'ENOTFOUND');
  expect(notes).toEqual([
    'warn a:1 ECONNREFUSED',
    'warn a:1 ENOTFOUND',
    'warn [::1]:2 ECONNREFUSED',
    'warn a:1 ENOTFOUND',
  ]);
  expect(placeOf(b)).toBe('[::1]:2');
});

test('holds only so many failures of a server for said, as a server may word them', () => {
  const { dialer, notes } = setUp();
  const details = Array.from({ length: 21 }, (_, index) => `failure ${index}`);
  for (const detail of [...details, ...details.slice(0, 1)])
    dialer.failed({ host: 'a', port: 1 }, detail);
  expect(notes).toHaveLength(22);
});

test('pauses between 100 and 300 ms, as the member stands in its fleet', () => {
  for (const [share, pauseMs] of [
    [0, 100],
    [0.25, 150],
    [0.999, 300],
  ] as const) {
    const { clock, tried, dial } = setUp(0, { share, servers: [{ host: 'a', port: 1 }] });
    dial();
    clock.advance(0);
    dial();
    clock.advance(pauseMs - 1);
    expect(tried).toHaveLength(1);
    clock.advance(1);
    expect(tried).toHaveLength(2);
  }
});

test('takes a name for as many servers as it has addresses', () => {
  const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((address) => ({ address, family: 4 }));
  const { clock, tried, dialer, dial } = setUp(0, {
    servers: [{ host: 'zk', port: 1 }],
    resolve: (_host, found) => found(null, addresses),
  });
  const deadlines: number[] = [];
  for (let attempt = 0; attempt < 3; attempt += 1) {
    dial();
    clock.advance(0);
    dialer.lookup('zk', { all: true }, () => undefined);
    deadlines.push(dialer.deadlineMs(6_000));
  }
  expect(tried).toHaveLength(3);
  expect(deadlines).toEqual([1_000, 1_000, 1_000]);
  dial();
  clock.advance(199);
  expect(tried).toHaveLength(3);
  clock.advance(1);
  expect(tried).toHaveLength(4);
  expect(dialer.deadlineMs(6_000)).toBe(2_000);
});
