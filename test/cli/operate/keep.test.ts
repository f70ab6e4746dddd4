import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Task } from '../../../src/cli/operate/change.ts';
import { carryOutAndKeep } from '../../../src/cli/operate/keep.ts';
import type { Clock } from '../../../src/core/clock.ts';
import { parseJournal } from '../../../src/observe/act.ts';
import type { Problem } from '../../../src/zookeeper/refusal.ts';
import type { OnAnswer, Requests, Znode } from '../../../src/zookeeper/requests.ts';
import { createFakeClock } from '../../helpers/fake-clock.ts';

const journal = '/exabgp/status/apex';
const wallMs = () => Date.UTC(2026, 10, 21, 18);

/** A clock by which every wait is over as soon as it began. */
function createHastyClock() {
  const fake = createFakeClock();
  const setTimer: Clock['setTimer'] = (delayMs, fire) => {
    const cancel = fake.setTimer(delayMs, fire);
    fake.defer(() => fake.advance(delayMs));
    return cancel;
  };
  return { ...fake, wallMs, setTimer };
}
const at = '2026-11-21T18:00:00.000Z';
const vip: Task = {
  action: 'set',
  service: 'apex',
  drained: '10.30.0.0_24',
  path: '/exabgp/drain/apex/10.30.0.0_24',
  journal,
  reason: 'disk',
  forMs: 60_000,
  who: 'jd@lb1',
};
const lifted: Task = { ...vip, action: 'lift', drained: 'lb1', reason: 'done' };
const maintenance: Task = { ...vip, drained: undefined, reason: undefined, forMs: undefined };

interface Refusals {
  /** How each write of the journal ends; then it is done. */
  readonly writes?: readonly Problem[];
  readonly reads?: Problem;
}

/** ZooKeeper in which every drain and maintenance can be made and deleted, and a journal. */
function withJournal({ writes = [], reads }: Refusals = {}) {
  const refusals = [...writes];
  const written: string[] = [];
  let data: Buffer | undefined;
  let current = 0;
  const done = { ok: true, value: undefined } as const;
  const refused = (problem: Problem) =>
    ({ ok: false, problem, detail: `said ${problem}` }) as const;
  const requests = {
    createRecord: (_: string, _data: Buffer, onAnswer: OnAnswer<void>) => onAnswer(done),
    remove: (_: string, _version: number, onAnswer: OnAnswer<void>) => onAnswer(done),
    getData(path: string, _watcher: undefined, onAnswer: OnAnswer<Znode>) {
      if (path !== journal) return onAnswer(refused('noNode'));
      if (reads !== undefined) return onAnswer(refused(reads));
      const znode = { owner: undefined, version: current, mzxid: '', createdMs: 0 };
      onAnswer({ ok: true, value: { ...znode, data } });
    },
    setData(path: string, next: Buffer, version: number, onAnswer: OnAnswer<void>) {
      const problem = refusals.shift();
      written.push(`${path} ${version}`);
      if (problem !== undefined) return onAnswer(refused(problem));
      if (version !== current) return onAnswer(refused('badVersion'));
      current += 1;
      data = next;
      onAnswer(done);
    },
  } as unknown as Requests;
  return { requests, written, acts: () => parseJournal(data) };
}

it('keeps who set, and who lifted, with why and until when', async () => {
  const zooKeeper = withJournal();
  for (const task of [vip, lifted, maintenance])
    expect(await carryOutAndKeep(task, zooKeeper.requests, createHastyClock())).not.toHaveProperty(
      'unkept',
    );
  const who = 'jd@lb1';
  const expires = '2026-11-21T18:01:00Z';
  expect(zooKeeper.acts()).toEqual([
    { at, kind: 'drain', name: '10.30.0.0/24', action: 'set', who, why: 'disk', expires },
    { at, kind: 'drain', name: 'lb1', action: 'lifted', who, why: 'done' },
    { at, kind: 'maintenance', action: 'set', who },
  ]);
});

it.each<[string, Refusals, number, string | undefined]>([
  ['again when another was quicker', { writes: ['badVersion', 'badVersion'] }, 3, undefined],
  ['and says when it may not', { writes: ['noAuth'] }, 1, `${journal}: said noAuth`],
  ['and says when it may not read', { reads: 'noAuth' }, 0, `${journal}: said noAuth`],
  ['only where members have made a journal', { reads: 'noNode' }, 0, undefined],
])('keeps it %s, and what was asked for is done', async (_, refusals, writes, unkept) => {
  const { requests, written } = withJournal(refusals);
  const result = await carryOutAndKeep(vip, requests, createHastyClock());
  expect(result.outcome).toBe('done');
  expect(result.unkept).toBe(unkept);
  expect(written).toHaveLength(writes);
});

it('keeps what was there, however long a text comes', async () => {
  const { requests, acts } = withJournal();
  const long = 'x'.repeat(70_000);
  for (const task of [vip, { ...vip, reason: long, who: long }])
    await carryOutAndKeep(task, requests, createHastyClock());
  expect(acts().map(({ why, who }) => [why, who?.length])).toEqual([
    ['disk', 'jd@lb1'.length],
    ['x'.repeat(200), 200],
  ]);
});

it('does not try to keep it for ever, and says why', async () => {
  const { requests, written } = withJournal({ writes: Array(5_000).fill('badVersion') });
  const clock = createHastyClock();
  const { outcome, unkept } = await carryOutAndKeep(vip, requests, clock);
  expect([outcome, unkept]).toEqual(['done', `${journal}: others write it all the time`]);
  expect(written.length).toBeGreaterThan(10);
  expect(clock.nowMs()).toBeLessThan(5_000);
});

it('keeps what twenty do at once', async () => {
  const { requests, acts } = withJournal();
  const fake = createFakeClock();
  const people = Array.from({ length: 20 }, (_, index) => `jd@lb${index}`);
  let isOver = false;
  const all = Promise.all(
    people.map((who) => carryOutAndKeep({ ...vip, who }, requests, { ...fake, wallMs })),
  ).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await setImmediate();
    fake.advance(1);
  }
  expect((await all).filter(({ unkept }) => unkept !== undefined)).toEqual([]);
  expect(new Set(acts().map(({ who }) => who))).toEqual(new Set(people));
});
