import { expect, test } from 'vitest';
import { createChildrenReader } from '../../src/zookeeper/children-reader.ts';
import { nodeDeleted, type Watcher } from '../../src/zookeeper/library.ts';
import type { Problem } from '../../src/zookeeper/refusal.ts';
import type { Answer, OnAnswer, Requests, Znode } from '../../src/zookeeper/requests.ts';
import { createFakeClock } from '../helpers/fake-clock.ts';

interface Open {
  readonly call: string;
  readonly watcher: Watcher | undefined;
  answer(value: unknown): void;
  fail(problem: Problem): void;
}

/** Requests that the test answers by hand, in order. */
function scriptedRequests() {
  const open: Open[] = [];
  const add = <Value>(call: string, watcher: Watcher | undefined, onAnswer: OnAnswer<Value>) => {
    open.push({
      call,
      watcher,
      answer: (value) => onAnswer({ ok: true, value: value as Value }),
      fail: (problem) => onAnswer({ ok: false, problem, detail: problem } as Answer<Value>),
    });
  };
  const unused = () => {
    throw new Error('not a reading');
  };
  const requests: Requests = {
    getChildren: (path, watcher, onAnswer) => add(`list ${path}`, watcher, onAnswer),
    getData: (path, watcher, onAnswer) => add(`get ${path}`, watcher, onAnswer),
    exists: (path, watcher, onAnswer) => add(`exists ${path}`, watcher, onAnswer),
    createPersistent: (path, _users, onAnswer) => add(`create ${path}`, undefined, onAnswer),
    createEphemeral: unused,
    createRecord: unused,
    rehearse: unused,
    setData: unused,
    remove: unused,
    replace: unused,
    check: unused,
  };
  return { requests, open };
}

function setUp(wanted: readonly string[] = ['own']) {
  const { requests, open } = scriptedRequests();
  const told: string[] = [];
  const failures: string[] = [];
  const clock = createFakeClock();
  const reader = createChildrenReader(
    {
      path: '/p',
      users: 'us',
      wants: (name) => wanted.includes(name),
      read: ({ names, contents, refusals }) => {
        told.push(names.map((name) => name + (contents.get(name)?.mzxid ?? '')).join(' '));
        for (const [name, detail] of refusals) failures.push(`${name || 'parent'} ${detail}`);
      },
      failed: (detail) => failures.push(`list ${detail}`),
    },
    requests,
    clock,
  );
  /** The next open request, which must be that one. */
  const next = (call: string): Open => {
    const request = open.shift();
    expect(request?.call).toBe(call);
    if (request === undefined) throw new Error('no open request');
    return request;
  };
  const list = (...names: string[]) => {
    const request = next('list /p');
    request.answer(names);
    return request.watcher;
  };
  const get = (name: string, mzxid: string) => {
    const request = next(`get /p/${name}`);
    request.answer({
      owner: '01',
      version: 0,
      mzxid,
      createdMs: 0,
      data: undefined,
    } satisfies Znode);
    return request.watcher;
  };
  return { clock, reader, open, told, failures, next, list, get };
}

/** Fires a watch and waits until the reader has left the watcher's stack. */
async function fire(watcher: Watcher | undefined, type = 4): Promise<void> {
  watcher?.({ type });
  await new Promise((resolve) => process.nextTick(resolve));
}

test('tells a list with the content of the wanted names', () => {
  const { reader, told, list, get } = setUp();
  reader.restart();
  list('other', 'own');
  expect(told).toEqual([]);
  get('own', '#1');
  expect(told).toEqual(['other own#1']);
});

test('tells a vanished name after the list alone, while known content is current', async () => {
  const { reader, open, told, list, get } = setUp();
  reader.restart();
  const watcher = list('other', 'own');
  get('own', '#1');
  await fire(watcher);
  list('own');
  expect(told.at(-1)).toBe('own#1');
  expect(open).toEqual([]);
});

test('has one read in flight, and reads once more for any number of events meanwhile', async () => {
  const { reader, open, told, next, list } = setUp();
  reader.restart();
  const watcher = list('a');
  await fire(watcher);
  await fire(watcher);
  await fire(watcher);
  expect(open).toHaveLength(1);
  next('list /p').answer(['b']);
  expect(told.at(-1)).toBe('b');
  next('list /p').answer(['c']);
  expect(told.at(-1)).toBe('c');
  expect(open).toEqual([]);
});

test('reads content again when its watch fired, and only that', async () => {
  const { reader, open, told, list, get } = setUp(['own', 'two']);
  reader.restart();
  list('own', 'two');
  const watcher = get('own', '#1');
  get('two', '#1');
  await fire(watcher);
  get('own', '#2');
  expect(told.at(-1)).toBe('own#2 two#1');
  expect(open).toEqual([]);
});

test('leaves a deletion to the list, which tells it sooner', async () => {
  const { reader, open, told, list, get } = setUp();
  reader.restart();
  const listWatcher = list('own');
  const watcher = get('own', '#1');
  await fire(watcher, nodeDeleted);
  expect(open).toEqual([]);
  await fire(listWatcher);
  list();
  expect(told.at(-1)).toBe('');
});

test('reads a name anew that was deleted and made again between two lists', async () => {
  const { reader, told, list, get } = setUp();
  reader.restart();
  const listWatcher = list('own');
  const watcher = get('own', '#1');
  await fire(watcher, nodeDeleted);
  await fire(listWatcher);
  list('own');
  get('own', '#2');
  expect(told).toEqual(['own#1', 'own#2']);
});

test('tells a loss at once though new content is not read yet', async () => {
  const { reader, told, list, get } = setUp();
  reader.restart();
  const watcher = list('other');
  await fire(watcher);
  list('own');
  expect(told).toEqual(['other', '']);
  get('own', '#1');
  expect(told.at(-1)).toBe('own#1');
});

test('waits for content when nothing was lost, and on the first reading of a connection', async () => {
  const { reader, told, list, get } = setUp();
  reader.restart();
  const watcher = list('other');
  await fire(watcher);
  list('other', 'own');
  expect(told).toEqual(['other']);
  get('own', '#1');
  reader.restart();
  list('own');
  expect(told).toEqual(['other', 'other own#1']);
});

test('tells nothing read before a write after the write’s answer', async () => {
  const { reader, told, list, get } = setUp();
  reader.restart();
  const watcher = list('other');
  await fire(watcher);
  list('own', 'other');
  reader.writeAnswered();
  get('own', '#1');
  expect(told).toEqual(['other']);
  list('own', 'other', 'written');
  expect(told.at(-1)).toBe('own#1 other written');
});

test('tells no half view after a write of ours', async () => {
  const { reader, told, list, get } = setUp();
  reader.restart();
  const watcher = list('other');
  reader.writeAnswered();
  await fire(watcher);
  list('own');
  expect(told).toEqual(['other']);
  get('own', '#1');
  expect(told.at(-1)).toBe('own#1');
});

test('ignores answers from before a new connection', () => {
  const { reader, told, next, list } = setUp();
  reader.restart();
  const old = next('list /p');
  reader.stop();
  reader.restart();
  old.answer(['old']);
  expect(told).toEqual([]);
  list('new');
  expect(told).toEqual(['new']);
});

test('knows content only while it is current', async () => {
  const { reader, list, get } = setUp();
  reader.restart();
  list('own');
  const watcher = get('own', '#1');
  expect(reader.current('own')?.mzxid).toBe('#1');
  await fire(watcher);
  expect(reader.current('own')).toBeUndefined();
  get('own', '#2');
  reader.stop();
  expect(reader.current('own')).toBeUndefined();
});

test('drops a name that went between the list and its content', () => {
  const { reader, told, next, list } = setUp();
  reader.restart();
  list('own', 'other');
  next('get /p/own').fail('noNode');
  expect(told).toEqual(['other']);
});

test('tells a name without content that it may not read, and says so', () => {
  const { reader, told, failures, next, list } = setUp();
  reader.restart();
  list('own');
  next('get /p/own').fail('noAuth');
  expect(told).toEqual(['own']);
  expect(failures).toEqual(['own noAuth']);
});

test('asks again after a lost answer, and not while there is no connection', () => {
  const { reader, open, next, list } = setUp();
  reader.restart();
  next('list /p').fail('lost');
  list('own');
  next('get /p/own').fail('lost');
  next('list /p').fail('notConnected');
  expect(open).toEqual([]);
});

test('makes a missing parent, and without the right to it awaits that somebody does', async () => {
  const { reader, told, failures, next, list } = setUp();
  reader.restart();
  next('list /p').fail('noNode');
  next('create /p').answer(undefined);
  next('list /p').fail('noNode');
  next('create /p').fail('noAuth');
  const awaited = next('exists /p');
  awaited.answer(false);
  expect(told).toEqual(['']);
  expect(failures).toEqual(['parent noAuth']);
  await fire(awaited.watcher);
  list('a');
  expect(told).toEqual(['', 'a']);
});

test('tries what it may not read again when it is told to', () => {
  const { reader, open, failures, next, list, told } = setUp();
  reader.restart();
  next('list /p').fail('noAuth');
  expect(failures).toEqual(['list noAuth']);
  expect(open).toEqual([]);
  reader.retry();
  list('a');
  expect(told).toEqual(['a']);
  reader.retry();
  expect(open).toEqual([]);
});

test('tries again a name whose content it may not read, and only that', () => {
  const { reader, open, told, next, list, get } = setUp(['own', 'two']);
  reader.restart();
  list('own', 'two');
  next('get /p/own').fail('noAuth');
  get('two', '#1');
  reader.retry();
  list('own', 'two');
  get('own', '#2');
  expect(told).toEqual(['own two#1', 'own#2 two#1']);
  reader.retry();
  expect(open).toEqual([]);
});

test('tries again to make a parent that it might not make', () => {
  const { reader, told, next, list } = setUp();
  reader.restart();
  next('list /p').fail('noNode');
  next('create /p').fail('noAuth');
  next('exists /p').answer(false);
  reader.retry();
  next('list /p').fail('noNode');
  next('create /p').answer(undefined);
  list();
  expect(told).toEqual(['', '']);
});

const names = (count: number) => Array.from({ length: count }, (_, index) => `n${index}`);

test.each([
  ['of twenty', 20, 5],
  ['of a hundred', 100, 25],
  ['of two hundred', 200, 50],
  ['of a thousand', 1_000, 50],
])(
  'reads a list %s that has changed a moment later, with all that changed by then',
  async (_, count, pauseMs) => {
    const { clock, reader, open, told, list } = setUp();
    reader.restart();
    const watcher = list(...names(count));
    await fire(watcher);
    clock.advance(pauseMs - 1);
    expect(open).toEqual([]);
    clock.advance(1);
    list();
    expect(told).toHaveLength(2);
    expect(clock.timerCount).toBe(0);
  },
);

test('reads a list of few names at once when it has changed', async () => {
  const { reader, told, list } = setUp();
  reader.restart();
  let watcher = list(...names(19));
  await fire(watcher);
  watcher = list(...names(18));
  await fire(watcher);
  list(...names(17));
  expect(told).toHaveLength(3);
});

test('waits for a long list that changes again while it is read', async () => {
  const { clock, reader, open, told, next } = setUp();
  reader.restart();
  const first = next('list /p');
  first.answer(names(200));
  await fire(first.watcher);
  clock.advance(50);
  const second = next('list /p');
  await fire(second.watcher);
  second.answer(names(190));
  expect(told).toHaveLength(2);
  expect(open).toEqual([]);
  clock.advance(50);
  next('list /p').answer([]);
  expect(told).toHaveLength(3);
});

test('does not wait on a new connection', async () => {
  const { clock, reader, told, list } = setUp();
  reader.restart();
  const watcher = list(...names(200));
  await fire(watcher);
  reader.stop();
  clock.advance(1_000);
  reader.restart();
  list(...names(50));
  expect(told).toHaveLength(2);
  expect(clock.timerCount).toBe(0);
});
