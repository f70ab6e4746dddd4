import { expect, test } from 'vitest';
import type { MemberId, ServiceName } from '../../src/core/settings.ts';
import { ReadingSchedule } from '../../src/zookeeper/reading-schedule.ts';
import type { ServiceWatch } from '../../src/zookeeper/service-watch.ts';
import type { SharedParents } from '../../src/zookeeper/shared-parents.ts';
import { createFakeClock } from '../helpers/fake-clock.ts';

const services = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`);

function setUp({ share = 0, count = 1, rereadMs = 60_000 } = {}) {
  const clock = createFakeClock();
  const calls: string[] = [];
  const log = (call: string) => () => calls.push(call);
  const watches = services(count).map((name) => ({
    restart: log(`restart ${name}`),
    stop: log(`stop ${name}`),
    rereadAll: log(`reread ${name}`),
    retry: log(`retry ${name}`),
  })) as unknown as readonly ServiceWatch[];
  const parents = { restart: log('restart parents'), retry: log('retry parents') };
  const schedule = new ReadingSchedule(
    watches,
    parents as unknown as SharedParents,
    { rereadMs, share },
    clock,
  );
  const take = () => calls.splice(0).filter((call) => !call.startsWith('retry'));
  const seeMembers = (members: number, service = 's0') =>
    schedule.hear({
      kind: 'membersRead',
      connection: 1,
      service: service as ServiceName,
      members: new Map(Array.from({ length: members }, (_, i) => [`m${i}` as MemberId, undefined])),
      own: undefined,
    });
  return { clock, calls, schedule, take, seeMembers };
}

test('reads at once on the first connection, whoever we are', () => {
  const { schedule, take } = setUp({ share: 0.999 });
  schedule.established();
  expect(take()).toEqual(['restart s0', 'restart parents']);
});

test('waits its share of 2 ms per member of the largest service after a reconnect', () => {
  const { clock, schedule, take, seeMembers } = setUp({ share: 0.5, count: 2 });
  seeMembers(200, 's1');
  seeMembers(2, 's0');
  schedule.established();
  clock.advance(199);
  expect(take()).toEqual([]);
  clock.advance(1);
  expect(take()).toEqual(['restart s0', 'restart s1', 'restart parents']);
});

test('waits next to nothing among few', () => {
  const { clock, schedule, take, seeMembers } = setUp({ share: 0.999 });
  seeMembers(2);
  schedule.established();
  clock.advance(4);
  expect(take()).toHaveLength(2);
});

test('does not begin on a connection that is lost meanwhile', () => {
  const { clock, schedule, take, seeMembers } = setUp({ share: 0.5 });
  seeMembers(200);
  schedule.established();
  schedule.interrupted();
  clock.advance(1_000);
  expect(take()).toEqual(['stop s0']);
});

test('reads everything again one service after the other, from another moment on in each member', () => {
  const { clock, schedule, take } = setUp({ count: 3, share: 0.5 });
  schedule.start();
  clock.advance(14_999);
  expect(take()).toEqual([]);
  clock.advance(1);
  expect(take()).toEqual(['reread s0']);
  clock.advance(60_000);
  expect(take()).toEqual(['reread s1', 'reread s2', 'reread s0']);
});

test('tries what was refused every 3 s, later with many services, and stops when told to', () => {
  for (const [count, everyMs] of [
    [1, 3_000],
    [1_000, 20_000],
  ] as const) {
    const { clock, schedule, calls } = setUp({ count });
    schedule.start();
    clock.advance(everyMs * 2);
    expect(calls.filter((call) => call === 'retry parents')).toHaveLength(2);
    schedule.stop();
    expect(clock.timerCount).toBe(0);
  }
});
