import { expect, test } from 'vitest';
import type { ZnodeNote } from '../../src/core/event.ts';
import type { ServiceName } from '../../src/core/settings.ts';
import { createComplaints } from '../../src/zookeeper/complaints.ts';
import { Drains } from '../../src/zookeeper/drains.ts';
import { createFakeClock } from '../helpers/fake-clock.ts';

const minuteMs = 60_000;

function setUp() {
  const fake = createFakeClock();
  let jumpMs = 0;
  const clock = { ...fake, wallMs: () => fake.wallMs() + jumpMs };
  const told: string[] = [];
  let details: ReadonlyMap<string, ZnodeNote> = new Map();
  const notes: string[] = [];
  const drains = new Drains({
    path: '/d',
    clock,
    complaints: createComplaints((level, place, detail) =>
      notes.push(`${level} ${place} ${detail}`),
    ),
    service: 'apex' as ServiceName,
    isVip: (vip) => vip.startsWith('10.20.255.'),
    told: (drained) => {
      told.push([...drained.keys()].join(' '));
      details = drained;
    },
  });
  const read = (children: Readonly<Record<string, object | string | undefined>>, refusals = {}) => {
    const contents = new Map(
      Object.entries(children).flatMap(([name, data]) => {
        if (data === undefined) return [];
        const bytes = Buffer.from(typeof data === 'string' ? data : JSON.stringify(data));
        return [[name, { owner: '0', version: 0, mzxid: '1', createdMs: 0, data: bytes }] as const];
      }),
    );
    drains.read({
      names: Object.keys(children),
      contents,
      refusals: new Map(Object.entries(refusals)),
    });
  };
  return {
    fake,
    drains,
    told,
    details: () => Object.fromEntries(details),
    notes,
    read,
    /** The wall clock's time in so many milliseconds, as a drain has it. */
    inMs: (ms: number) => new Date(clock.wallMs() + ms).toISOString(),
    jump: (ms: number) => {
      jumpMs += ms;
    },
  };
}

test('a drain without data, or with data that nobody understands, has no end', () => {
  const { fake, told, notes, read } = setUp();
  read({ lb1: '', 'lb-2': 'until noon', '10.20.255.1': undefined });
  expect(told).toEqual(['lb1 lb-2 10.20.255.1/32']);
  expect(notes).toEqual([
    'info /d/lb1 in effect until it is deleted',
    'info /d/lb-2 in effect until it is deleted',
    'warn /d/lb-2 data is unreadable (not JSON)',
    'info /d/10.20.255.1 in effect until it is deleted',
  ]);
  expect(fake.timerCount).toBe(0);
});

test('says once who drains, why and until when, and again after it was lifted', () => {
  const { told, details, notes, read, inMs } = setUp();
  const drain = { version: 1, who: 'jd', reason: 'disk swap', expires: inMs(minuteMs) };
  read({ lb1: drain });
  read({ lb1: drain });
  expect(notes).toEqual(['info /d/lb1 in effect until 2026-01-01 00:01:00 UTC, by jd: disk swap']);
  expect(details()).toEqual({
    lb1: { who: 'jd', why: 'disk swap', expiresMs: Date.parse(drain.expires) },
  });
  read({});
  read({ lb1: drain });
  expect(notes).toHaveLength(2);
  expect(told).toEqual(['lb1', 'lb1', '', 'lb1']);
});

test('ignores a drain that has expired, and says so once', () => {
  const { told, notes, read, inMs } = setUp();
  const drain = { expires: inMs(0), who: 'jd' };
  read({ lb1: drain, lb2: '' });
  read({ lb1: drain, lb2: '' });
  expect(told).toEqual(['lb2', 'lb2']);
  expect(notes.filter((note) => note.includes('lb1'))).toEqual([
    'warn /d/lb1 expired at 2026-01-01 00:00:00 UTC and ignored, delete it, by jd',
  ]);
});

test('tells of an end that comes while nothing is read, at that moment', () => {
  const { fake, told, notes, read, inMs } = setUp();
  read({ lb1: { expires: inMs(1_500) }, lb2: { expires: inMs(150_000) } });
  fake.advance(1_499);
  expect(told).toEqual(['lb1 lb2']);
  fake.advance(1);
  expect(told).toEqual(['lb1 lb2', 'lb2']);
  fake.advance(150_000);
  expect(told).toEqual(['lb1 lb2', 'lb2', '']);
  expect(notes.filter((note) => note.includes('expired'))).toHaveLength(2);
});

test('notices within a minute that the wall clock has jumped, in both directions', () => {
  const { fake, told, read, inMs, jump } = setUp();
  read({ lb1: { expires: inMs(60 * minuteMs) } });
  jump(61 * minuteMs);
  fake.advance(minuteMs);
  expect(told).toEqual(['lb1', '']);
  jump(-61 * minuteMs);
  fake.advance(minuteMs);
  expect(told).toEqual(['lb1', '', 'lb1']);
});

test('lets nothing expire while ZooKeeper cannot be read', () => {
  const { fake, drains, told, read, inMs } = setUp();
  read({ lb1: { expires: inMs(1_000) } });
  drains.stop();
  expect(fake.timerCount).toBe(0);
  fake.advance(minuteMs);
  expect(told).toEqual(['lb1']);
});

test('one VIP drained under two spellings is drained until both are over', () => {
  const { told, read, inMs, fake } = setUp();
  read({ '10.20.255.1': { expires: inMs(1_000) }, '10.20.255.1_32': { expires: inMs(2_000) } });
  fake.advance(1_000);
  expect(told).toEqual(['10.20.255.1/32']);
  fake.advance(1_000);
  expect(told).toEqual(['10.20.255.1/32', '']);
});

test('wants the data of members and of our VIPs alone, and drains those it may not read', () => {
  const { drains, told, notes, read } = setUp();
  const names = ['lb1', '10.20.255.1', '10.99.0.1', 'what is this'];
  expect(names.map((name) => drains.wants(name))).toEqual([true, true, false, false]);
  read(Object.fromEntries(names.map((name) => [name, undefined])), { lb1: 'no right to read' });
  expect(told).toEqual(['lb1 10.20.255.1/32']);
  expect(notes).toEqual([
    'error /d/lb1 not readable: no right to read',
    'info /d/lb1 in effect until it is deleted',
    'info /d/10.20.255.1 in effect until it is deleted',
    'warn /d/10.99.0.1 ignored: not a VIP of service apex',
    'warn /d/what is this ignored: neither a member id nor a VIP',
  ]);
});
