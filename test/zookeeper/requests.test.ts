import { expect, test } from 'vitest';
import { createAcls } from '../../src/zookeeper/acl.ts';
import type { LibraryError, LibraryRequests } from '../../src/zookeeper/library.ts';
import type { Problem } from '../../src/zookeeper/refusal.ts';
import { anyVersion, createRequests } from '../../src/zookeeper/requests.ts';
import { createFakeClock } from '../helpers/fake-clock.ts';

const readingsMax = 100;
const loss: LibraryError = { code: -4, name: 'CONNECTION_LOSS', message: 'CONNECTION_LOSS' };

function setUp() {
  const clock = createFakeClock();
  const sent: { readonly call: string; readonly done: (error: LibraryError | null) => void }[] = [];
  const send = (call: string, done: unknown) =>
    sent.push({ call, done: done as (error: LibraryError | null) => void });
  const transaction = { check: () => transaction, commit: (done: unknown) => send('check', done) };
  const client = {
    getChildren: (path: string, _watcher: unknown, done: unknown) => send(`list ${path}`, done),
    getData: (path: string, done: unknown) => send(`get ${path}`, done),
    setData: (path: string, _data: unknown, _version: unknown, done: unknown) =>
      send(`set ${path}`, done),
    transaction: () => transaction,
  } as unknown as LibraryRequests;
  let isLive = true;
  const requests = createRequests({
    clock,
    acls: createAcls(false),
    liveClient: () => (isLive ? client : undefined),
    deadlineMs: () => 1_000,
  });
  const answers: string[] = [];
  const answered = (name: string) => (answer: { ok: boolean; problem?: Problem }) =>
    answers.push(`${name} ${answer.ok ? 'ok' : answer.problem}`);
  const list = (count: number) => {
    for (let index = 0; index < count; index += 1)
      requests.getChildren(`/${index}`, () => {}, answered(`${index}`));
  };
  const deferred = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    clock,
    sent,
    requests,
    answers,
    answered,
    list,
    deferred,
    disconnect: () => {
      isLive = false;
    },
  };
}

test('lets a hundred readings go, and each of the others when one was answered, in order', async () => {
  const { sent, answers, list, deferred } = setUp();
  list(250);
  expect(sent).toHaveLength(readingsMax);
  for (const index of [3, 1]) sent[index]?.done(null);
  await deferred();
  expect(sent.slice(readingsMax).map(({ call }) => call)).toEqual(['list /100', 'list /101']);
  for (let index = 0; index < 250; index += 1) {
    sent[index]?.done(null);
    await deferred();
  }
  expect(sent.map(({ call }) => call)).toEqual(
    Array.from({ length: 250 }, (_, index) => `list /${index}`),
  );
  expect(answers).toHaveLength(250);
});

test('lets heartbeats, writes and what these read pass all readings', () => {
  const { sent, requests, answered, list } = setUp();
  list(5_000);
  requests.check('/', answered('check'));
  requests.getData('/claim', undefined, answered('get'));
  requests.setData('/claim', Buffer.alloc(0), anyVersion, answered('set'));
  expect(sent.slice(readingsMax).map(({ call }) => call)).toEqual([
    'check',
    'get /claim',
    'set /claim',
  ]);
});

test('keeps no reading that waits when the connection is lost, and answers each', async () => {
  const { sent, answers, list, deferred, disconnect, clock } = setUp();
  list(5_000);
  disconnect();
  for (const { done } of [...sent]) done(loss);
  await deferred();
  expect(sent).toHaveLength(readingsMax);
  expect(answers).toHaveLength(5_000);
  expect(answers.slice(0, readingsMax).every((answer) => answer.endsWith(' lost'))).toBe(true);
  expect(answers.slice(readingsMax).every((answer) => answer.endsWith(' notConnected'))).toBe(true);
  expect(clock.timerCount).toBe(0);
});

test('counts a reading’s deadline from when it was sent', async () => {
  const { sent, answers, list, deferred, clock } = setUp();
  list(readingsMax + 1);
  clock.advance(900);
  sent[0]?.done(null);
  await deferred();
  expect(sent).toHaveLength(readingsMax + 1);
  clock.advance(100);
  await deferred();
  // All that were sent first; the last one has its own second.
  expect(answers.filter((answer) => answer.endsWith(' lost'))).toHaveLength(readingsMax - 1);
  clock.advance(899);
  await deferred();
  expect(answers).toHaveLength(readingsMax);
  clock.advance(1);
  await deferred();
  expect(answers.at(-1)).toBe(`${readingsMax} lost`);
});
