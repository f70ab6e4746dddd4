import { expect, test } from 'vitest';
import { createDialer, placeOf, type Server } from '../../src/zookeeper/dialer.ts';
import { createFakeClock } from '../helpers/fake-clock.ts';

const servers: readonly Server[] = [
  { host: 'a', port: 1 },
  { host: 'b', port: 2 },
];

function setUp(first = 0) {
  const clock = createFakeClock();
  const notes: string[] = [];
  const tried: string[] = [];
  const dialer = createDialer(servers, first, {
    clock,
    note: (level, place, detail) => notes.push(`${level} ${place} ${detail}`),
  });
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
