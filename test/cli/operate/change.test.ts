import { expect, it } from 'vitest';
import { carryOut, type Result, resultLine, type Task } from '../../../src/cli/operate/change.ts';
import type { Problem } from '../../../src/zookeeper/refusal.ts';
import type { OnAnswer, Requests, Znode } from '../../../src/zookeeper/requests.ts';
import { createFakeClock } from '../../helpers/fake-clock.ts';

const path = '/exabgp/drain/apex/lb1';
const drain: Task = {
  action: 'set',
  service: 'apex',
  drained: 'lb1',
  path,
  journal: '/exabgp/status/apex',
  reason: undefined,
  forMs: undefined,
};
const maintenance: Task = { ...drain, drained: undefined, path: '/exabgp/maintenance/apex' };
const clock = { ...createFakeClock(), wallMs: () => Date.UTC(2026, 10, 21, 18) };

/**
 * ZooKeeper with that one znode, if any; what is not expected of a command throws.
 * @param others what somebody else makes of it after it was read, once each.
 */
function oneZnode(data: string | undefined, others: readonly (string | undefined)[] = []) {
  let content = data;
  let version = 0;
  const meanwhile = [...others];
  const refused = (problem: Problem) => ({ ok: false, problem, detail: problem }) as const;
  const done = { ok: true, value: undefined } as const;
  const requests = {
    createRecord(_: string, written: Buffer, onAnswer: OnAnswer<void>) {
      if (content !== undefined) return onAnswer(refused('nodeExists'));
      content = written.toString();
      onAnswer(done);
    },
    setData(_: string, written: Buffer, expected: number, onAnswer: OnAnswer<void>) {
      if (content === undefined) return onAnswer(refused('noNode'));
      if (expected !== version) return onAnswer(refused('badVersion'));
      content = written.toString();
      onAnswer(done);
    },
    getData(_: string, _watcher: undefined, onAnswer: OnAnswer<Znode>) {
      if (content === undefined) return onAnswer(refused('noNode'));
      const createdMs = Date.UTC(2026, 10, 21, 16);
      const znode = { owner: undefined, version, mzxid: '', createdMs };
      onAnswer({ ok: true, value: { ...znode, data: Buffer.from(content) } });
      if (meanwhile.length === 0) return;
      content = meanwhile.shift();
      version += 1;
    },
    remove(_: string, _version: number, onAnswer: OnAnswer<void>) {
      onAnswer(content === undefined ? refused('noNode') : done);
      content = undefined;
    },
  } as unknown as Requests;
  return { requests, data: () => content };
}

async function carried(task: Task, data: string | undefined) {
  const zooKeeper = oneZnode(data);
  const result = await carryOut(task, zooKeeper.requests, clock);
  return { result, line: resultLine(result), data: zooKeeper.data() };
}

it('leaves who, why, since and until when', async () => {
  const { result, line, data } = await carried(
    { ...drain, reason: 'disk', forMs: 1_800_000 },
    undefined,
  );
  const said = { reason: 'disk', since: '2026-11-21T18:00:00Z', expires: '2026-11-21T18:30:00Z' };
  expect(result).toMatchObject({
    service: 'apex',
    kind: 'drain',
    name: 'lb1',
    outcome: 'done',
    path,
    ...said,
  });
  expect(JSON.parse(data ?? '')).toMatchObject({ version: 1, ...said });
  expect(line).toBe('lb1 of apex is drained until 2026-11-21 18:30:00 UTC');
});

const before = '{"who":"ann@lb2","reason":"fan","since":"2026-11-21T17:00:00Z"}';
const until = (time: string) => before.replace('}', `,"expires":"${time}"}`);
const ann = 'since 2026-11-21 17:00:00 UTC, by ann@lb2: fan';
const annUntil = 'since 2026-11-21 17:00:00 UTC until 2026-11-21 19:00:00 UTC, by ann@lb2: fan';
const longer =
  'that is longer than what was asked for, so it stands. --force gives it the earlier end';

it.each<[string, Task, string | undefined, string]>([
  ['a drain that is there stands', drain, before, `lb1 of apex is drained already ${ann}`],
  ['and one of zkCli', drain, '', 'lb1 of apex is drained already since 2026-11-21 16:00:00 UTC'],
  [
    'one that is to end earlier stands, and so does its reason',
    { ...drain, forMs: 1_800_000, reason: 'the pod ends' },
    until('2026-11-21T19:00:00Z'),
    `lb1 of apex is drained already ${annUntil}; ${longer}`,
  ],
  [
    'even more so one without an end',
    { ...drain, forMs: 1_800_000 },
    before,
    `lb1 of apex is drained already ${ann}; ${longer}`,
  ],
  [
    'a maintenance that is there stands',
    maintenance,
    'J. Doe, until noon',
    'apex is in maintenance already since 2026-11-21 16:00:00 UTC: J. Doe, until noon',
  ],
])('leaves what is there: %s', async (_, task, data, line) => {
  const carriedOut = await carried(task, data);
  expect(carriedOut.line).toBe(line);
  expect(carriedOut.data).toBe(data);
});

const since = '2026-11-21T17:00:00Z';

it.each<[string, Task, string, string, Readonly<Record<string, unknown>>]>([
  [
    'a drain gets the new reason, and the old one is told',
    { ...drain, reason: 'disk' },
    before,
    `lb1 of apex is drained until it is undrained (before: ${ann})`,
    { reason: 'disk', since },
  ],
  [
    'one that ends by itself lasts until it is undrained',
    drain,
    until('2026-11-21T19:00:00Z'),
    `lb1 of apex is drained until it is undrained (before: ${annUntil})`,
    { reason: 'fan', since, expires: undefined },
  ],
  [
    'its end is put off',
    { ...drain, forMs: 7_200_000 },
    until('2026-11-21T19:00:00Z'),
    `lb1 of apex is drained until 2026-11-21 20:00:00 UTC (before: ${annUntil})`,
    { reason: 'fan', since, expires: '2026-11-21T20:00:00Z' },
  ],
  [
    'an earlier end by force',
    { ...drain, forMs: 1_800_000, isForced: true },
    before,
    `lb1 of apex is drained until 2026-11-21 18:30:00 UTC (before: ${ann})`,
    { reason: 'fan', since, expires: '2026-11-21T18:30:00Z' },
  ],
  [
    'a maintenance gets the new reason',
    { ...maintenance, reason: 'disk' },
    'J. Doe, until noon',
    'apex is in maintenance (before: since 2026-11-21 16:00:00 UTC: J. Doe, until noon)',
    { reason: 'disk', since: '2026-11-21T16:00:00Z' },
  ],
])('changes what is there: %s', async (_, task, data, line, after) => {
  const carriedOut = await carried({ ...task, who: 'jd@lb1' }, data);
  expect(carriedOut.result.outcome).toBe('changed');
  expect(carriedOut.line).toBe(line);
  expect(JSON.parse(carriedOut.data ?? '')).toEqual({ version: 1, who: 'jd@lb1', ...after });
});

it.each<[string, Task, string | undefined, string]>([
  ['a drain', drain, before, `lb1 of apex is not drained any more (before: ${ann})`],
  ['a drain that is not there', drain, undefined, 'lb1 of apex was not drained'],
  ['a maintenance', maintenance, before, `apex is out of maintenance (before: ${ann})`],
  ['a maintenance that is not there', maintenance, undefined, 'apex was not in maintenance'],
])('lifts %s, and says whose it was', async (_, task, data, line) => {
  const carriedOut = await carried({ ...task, action: 'lift' }, data);
  expect(carriedOut.line).toBe(line);
  expect(carriedOut.data).toBeUndefined();
});

it('begins anew where a drain is over', async () => {
  const { result, data } = await carried(
    { ...drain, reason: 'disk' },
    until('2026-11-21T17:30:00Z'),
  );
  expect(result.outcome).toBe('done');
  expect(JSON.parse(data ?? '')).toEqual({
    version: 1,
    who: expect.any(String),
    reason: 'disk',
    since: '2026-11-21T18:00:00Z',
  });
});

const short = { ...drain, forMs: 1_800_000 };
const late = until('2026-11-21T18:10:00Z');

it.each<[string, readonly (string | undefined)[], Result['outcome']]>([
  ['a longer drain that somebody else made meanwhile stands', [before], 'kept'],
  ['one that was lifted meanwhile is made again', [undefined], 'done'],
  ['where others never stop, it gives up', [late, late, late, late, late], 'failed'],
])('is not overtaken: %s', async (_, others, outcome) => {
  const zooKeeper = oneZnode(late, others);
  const result = await carryOut(short, zooKeeper.requests, clock);
  expect(result.outcome).toBe(outcome);
  const left = JSON.parse(zooKeeper.data() ?? '');
  if (outcome === 'done') expect(left.expires).toBe('2026-11-21T18:30:00Z');
  else expect(left).toEqual(JSON.parse(others[0] ?? ''));
});
