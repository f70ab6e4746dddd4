import { describe, expect, it } from 'vitest';
import { announce, withdraw } from '../../../src/cli/vip/change.ts';
import type { Written } from '../../../src/zookeeper/operator-writes.ts';
import type { Requests } from '../../../src/zookeeper/requests.ts';

const note = { who: 'jd', reason: 'switch', sinceMs: 1_000_000, expiresMs: undefined };
const refused: Written = { kind: 'failed', detail: '/drain: not allowed' };

/** Writes that answer as told, and data that is there already. */
function portsOf(answers: { create?: Written; rewrite?: Written; remove?: Written }, data = '') {
  const written: string[] = [];
  const answer = (name: 'create' | 'rewrite' | 'remove') => () => {
    written.push(name);
    const told = answers[name];
    if (told === undefined) throw new Error(`${name} is not expected`);
    return Promise.resolve(told);
  };
  const writes = {
    create: answer('create'),
    rewrite: answer('rewrite'),
    remove: answer('remove'),
  };
  const requests = {
    getData: (_path: string, _watcher: undefined, done: (answer: unknown) => void) =>
      done({ ok: true, value: { data: Buffer.from(data) } }),
  } as unknown as Requests;
  return { writes, requests, written };
}

describe('a drain', () => {
  it('is made', async () => {
    const outcome = await withdraw('/drain', note, portsOf({ create: { kind: 'done' } }));
    expect(outcome).toEqual({ text: 'withdrawn from now on', isAsAsked: true });
  });

  it.each([
    ['', 'was withdrawn already'],
    ['{"who":"eve","reason":"disk"}', 'was withdrawn already by eve: disk'],
    ['{"who":"eve","expires":"2030-01-01T00:00:00Z"}', 'was withdrawn already by eve'],
  ])('that is there with %s stays as it is', async (data, text) => {
    const ports = portsOf({ create: { kind: 'already' } }, data);
    expect(await withdraw('/drain', note, ports)).toEqual({ text, isAsAsked: true });
  });

  it('that has expired is written anew, because agents ignore it', async () => {
    const ports = portsOf(
      { create: { kind: 'already' }, rewrite: { kind: 'done' } },
      '{"expires":"1970-01-01T00:16:40Z"}',
    );
    const outcome = await withdraw('/drain', note, ports);
    expect(outcome).toEqual({ text: 'withdrawn from now on', isAsAsked: true });
    expect(ports.written).toEqual(['create', 'rewrite']);
  });

  it.each<[Written, string, boolean]>([
    [{ kind: 'done' }, 'restored', true],
    [{ kind: 'already' }, 'was not withdrawn', true],
    [refused, 'FAILED: /drain: not allowed', false],
  ])('is lifted: %j', async (remove, text, isAsAsked) => {
    expect(await announce('/drain', portsOf({ remove }))).toEqual({ text, isAsAsked });
  });

  it('that is refused is said to be', async () => {
    const outcome = await withdraw('/drain', note, portsOf({ create: refused }));
    expect(outcome).toEqual({ text: 'FAILED: /drain: not allowed', isAsAsked: false });
  });
});
