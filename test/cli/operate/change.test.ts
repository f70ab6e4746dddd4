import { expect, it } from 'vitest';
import { carryOut, resultLine, type Task } from '../../../src/cli/operate/change.ts';
import type { Problem } from '../../../src/zookeeper/refusal.ts';
import type { OnAnswer, Requests, Znode } from '../../../src/zookeeper/requests.ts';
import { createFakeClock } from '../../helpers/fake-clock.ts';

const path = '/exabgp/drain/apex/lb1';
const drain: Task = {
  action: 'set',
  service: 'apex',
  drained: 'lb1',
  path,
  reason: undefined,
  forMs: undefined,
};
const maintenance: Task = { ...drain, drained: undefined, path: '/exabgp/maintenance/apex' };
const clock = { ...createFakeClock(), wallMs: () => Date.UTC(2026, 10, 21, 18) };

/** ZooKeeper with that one znode, if any; what is not expected of a command throws. */
function oneZnode(data: string | undefined): {
  readonly requests: Requests;
  data(): string | undefined;
} {
  let content = data;
  const refused = (problem: Problem) => ({ ok: false, problem, detail: problem }) as const;
  const done = { ok: true, value: undefined } as const;
  const requests = {
    createRecord(_: string, written: Buffer, onAnswer: OnAnswer<void>) {
      if (content !== undefined) return onAnswer(refused('nodeExists'));
      content = written.toString();
      onAnswer(done);
    },
    setData(_: string, written: Buffer, onAnswer: OnAnswer<void>) {
      content = written.toString();
      onAnswer(done);
    },
    getData(_: string, _watcher: undefined, onAnswer: OnAnswer<Znode>) {
      const znode = { owner: undefined, version: 0, mzxid: '', createdMs: 0 };
      onAnswer({ ok: true, value: { ...znode, data: Buffer.from(content ?? '') } });
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

it.each<[string, Task, string | undefined, string, string | undefined]>([
  [
    'a drain that is there stands',
    { ...drain, reason: 'disk' },
    before,
    'lb1 of apex is drained already since 2026-11-21 17:00:00 UTC, by ann@lb2: fan',
    before,
  ],
  [
    'so does one that ends later',
    drain,
    until('2026-11-21T19:00:00Z'),
    'lb1 of apex is drained already since 2026-11-21 17:00:00 UTC until 2026-11-21 19:00:00 UTC, by ann@lb2: fan',
    until('2026-11-21T19:00:00Z'),
  ],
  ['and one of zkCli', drain, '', 'lb1 of apex is drained already', ''],
  [
    'a maintenance that is there stands',
    { ...maintenance, reason: 'disk' },
    'J. Doe, until noon',
    'apex is in maintenance already: J. Doe, until noon',
    'J. Doe, until noon',
  ],
  [
    'a drain is lifted',
    { ...drain, action: 'lift' },
    before,
    'lb1 of apex is not drained any more',
    undefined,
  ],
  [
    'a drain that is not there',
    { ...drain, action: 'lift' },
    undefined,
    'lb1 of apex was not drained',
    undefined,
  ],
  [
    'a maintenance is lifted',
    { ...maintenance, action: 'lift' },
    before,
    'apex is out of maintenance',
    undefined,
  ],
  [
    'a maintenance that is not there',
    { ...maintenance, action: 'lift' },
    undefined,
    'apex was not in maintenance',
    undefined,
  ],
])('says what is: %s', async (_, task, data, line, after) => {
  const carriedOut = await carried(task, data);
  expect(carriedOut.line).toBe(line);
  expect(carriedOut.data).toBe(after);
});

it('puts the end of a drain off, and keeps since when and why', async () => {
  const { result, data } = await carried({ ...drain, forMs: 3_600_000 }, before);
  expect(result.outcome).toBe('changed');
  expect(JSON.parse(data ?? '')).toMatchObject({
    reason: 'fan',
    since: '2026-11-21T17:00:00Z',
    expires: '2026-11-21T19:00:00Z',
  });
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
