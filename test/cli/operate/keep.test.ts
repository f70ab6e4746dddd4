import { expect, it } from 'vitest';
import type { Task } from '../../../src/cli/operate/change.ts';
import { carryOutAndKeep } from '../../../src/cli/operate/keep.ts';
import { parseJournal } from '../../../src/observe/act.ts';
import type { Problem } from '../../../src/zookeeper/refusal.ts';
import type { OnAnswer, Requests, Znode } from '../../../src/zookeeper/requests.ts';
import { createFakeClock } from '../../helpers/fake-clock.ts';

const journal = '/exabgp/status/apex';
const clock = { ...createFakeClock(), wallMs: () => Date.UTC(2026, 10, 21, 18) };
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
  const done = { ok: true, value: undefined } as const;
  const refused = (problem: Problem) =>
    ({ ok: false, problem, detail: `said ${problem}` }) as const;
  const requests = {
    createRecord: (_: string, _data: Buffer, onAnswer: OnAnswer<void>) => onAnswer(done),
    remove: (_: string, _version: number, onAnswer: OnAnswer<void>) => onAnswer(done),
    getData(path: string, _watcher: undefined, onAnswer: OnAnswer<Znode>) {
      if (path !== journal) return onAnswer(refused('noNode'));
      if (reads !== undefined) return onAnswer(refused(reads));
      const znode = { owner: undefined, version: written.length, mzxid: '', createdMs: 0 };
      onAnswer({ ok: true, value: { ...znode, data } });
    },
    setData(path: string, next: Buffer, version: number, onAnswer: OnAnswer<void>) {
      const problem = refusals.shift();
      written.push(`${path} ${version}`);
      if (problem !== undefined) return onAnswer(refused(problem));
      data = next;
      onAnswer(done);
    },
  } as unknown as Requests;
  return { requests, written, acts: () => parseJournal(data) };
}

it('keeps who set, and who lifted, with why and until when', async () => {
  const zooKeeper = withJournal();
  for (const task of [vip, lifted, maintenance])
    expect(await carryOutAndKeep(task, zooKeeper.requests, clock)).not.toHaveProperty('unkept');
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
  ['not for ever', { writes: Array(9).fill('badVersion') }, 5, `${journal}: said badVersion`],
  ['and says when it may not', { writes: ['noAuth'] }, 1, `${journal}: said noAuth`],
  ['and says when it may not read', { reads: 'noAuth' }, 0, `${journal}: said noAuth`],
  ['only where members have made a journal', { reads: 'noNode' }, 0, undefined],
])('keeps it %s, and what was asked for is done', async (_, refusals, writes, unkept) => {
  const { requests, written } = withJournal(refusals);
  const result = await carryOutAndKeep(vip, requests, clock);
  expect(result.outcome).toBe('done');
  expect(result.unkept).toBe(unkept);
  expect(written).toHaveLength(writes);
});
