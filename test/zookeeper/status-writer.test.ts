import { describe, expect, it } from 'vitest';
import type { ServiceName } from '../../src/core/settings.ts';
import { createComplaints } from '../../src/zookeeper/complaints.ts';
import type { Problem } from '../../src/zookeeper/refusal.ts';
import type { Answer, Requests } from '../../src/zookeeper/requests.ts';
import { StatusWriter } from '../../src/zookeeper/status-writer.ts';
import { createFakeClock } from '../helpers/fake-clock.ts';

const ok: Answer<void> = { ok: true, value: undefined };
const failed = (problem: Problem): Answer<never> => ({ ok: false, problem, detail: problem });

/** A writer on a tree that answers at once, as `answer` says. */
function setUp() {
  const clock = createFakeClock();
  const writes: { readonly atMs: number; readonly path: string; readonly text: string }[] = [];
  const notes: string[] = [];
  const earlier: string[] = [];
  const texts = new Map<string, string | undefined>();
  let answer: Answer<void> = ok;
  let found: Answer<never> | string = failed('noNode');
  const requests = {
    getData(_path, _watcher, onAnswer) {
      const data = Buffer.from(typeof found === 'string' ? found : '');
      if (typeof found !== 'string') onAnswer(found);
      else
        onAnswer({
          ok: true,
          value: { owner: undefined, version: 0, mzxid: '0', createdMs: 0, data },
        });
    },
    setData(path, data, _version, onAnswer) {
      writes.push({ atMs: clock.nowMs(), path, text: data.toString() });
      onAnswer(answer);
    },
    createPersistent: (_path, _users, onAnswer) => onAnswer(answer),
  } as Partial<Requests> as Requests;
  const writer = new StatusWriter(
    {
      pathOf: (service) => `/status/${service}`,
      compose(service) {
        const text = texts.get(service);
        return text === undefined ? undefined : { data: Buffer.from(text), content: text };
      },
      earlier: (service, data) => earlier.push(`${service} ${Buffer.from(data).toString()}`),
    },
    {
      clock,
      requests,
      complaints: createComplaints((level, place, detail) =>
        notes.push(`${level} ${place} ${detail}`),
      ),
    },
  );
  return {
    clock,
    writer,
    writes,
    notes,
    earlier,
    say(service: string, text: string) {
      texts.set(service, text);
      writer.changed(service as ServiceName);
    },
    answerWith(next: Answer<void>, earlierData: Answer<never> | string = failed('noNode')) {
      answer = next;
      found = earlierData;
    },
  };
}

describe('the writer of records for people', () => {
  it('writes a while after a change, once for all that changed meanwhile', () => {
    const { clock, writer, writes, say } = setUp();
    writer.established();
    say('apex', 'one');
    clock.advance(200);
    say('apex', 'two');
    expect(writes).toEqual([]);
    clock.advance(100);
    expect(writes.map(({ text }) => text)).toEqual(['two']);
  });

  it('writes a service once a second at most, and not what is written already', () => {
    const { clock, writer, writes, say } = setUp();
    writer.established();
    for (let count = 0; count < 100; count += 1) {
      say('apex', `${count}`);
      clock.advance(50);
    }
    expect(writes.length).toBeLessThanOrEqual(6);
    clock.advance(2_000);
    const { length } = writes;
    expect(writes.at(-1)?.text).toBe('99');
    say('apex', '99');
    clock.advance(5_000);
    expect(writes).toHaveLength(length);
  });

  it('writes 50 a second at most of a thousand services, and every one in the end', () => {
    const { clock, writer, writes, say } = setUp();
    writer.established();
    for (let count = 0; count < 1_000; count += 1) say(`s${count}`, 'up');
    clock.advance(1_250);
    expect(writes.length).toBeGreaterThan(40);
    expect(writes.length).toBeLessThanOrEqual(52);
    clock.advance(20_000);
    expect(new Set(writes.map(({ path }) => path)).size).toBe(1_000);
  });

  it('reads once what an earlier life left', () => {
    const { clock, writer, earlier, say, answerWith } = setUp();
    answerWith(ok, 'before');
    writer.established();
    say('apex', 'one');
    clock.advance(2_000);
    say('apex', 'two');
    clock.advance(2_000);
    expect(earlier).toEqual(['apex before']);
  });

  it('waits for a connection, and takes up again what a lost one left open', () => {
    const { clock, writer, writes, say, answerWith } = setUp();
    say('apex', 'one');
    clock.advance(5_000);
    expect(writes).toEqual([]);
    writer.established();
    answerWith(failed('lost'));
    clock.advance(300);
    writer.interrupted();
    expect(writes).toHaveLength(1);
    clock.advance(5_000);
    answerWith(ok);
    writer.established();
    clock.advance(1_500);
    expect(writes.map(({ text }) => text)).toEqual(['one', 'one']);
  });

  it('tells a refusal once for all services, and tries again after a minute', () => {
    const { clock, writer, writes, notes, say, answerWith } = setUp();
    answerWith(failed('noAuth'));
    writer.established();
    for (const service of ['a', 'b', 'c']) say(service, 'one');
    clock.advance(30_000);
    expect(writes).toHaveLength(3);
    expect(notes).toEqual([
      expect.stringMatching(/^warn \/status\/a cannot be written, .*noAuth$/),
    ]);
    answerWith(ok);
    clock.advance(40_000);
    expect(writes).toHaveLength(6);
    answerWith(failed('noAuth'));
    say('b', 'two');
    clock.advance(2_000);
    expect(notes).toHaveLength(2);
  });

  it('says the last before the end without waiting, of services that it has written before', () => {
    const { clock, writer, writes, say } = setUp();
    writer.established();
    say('apex', 'one');
    clock.advance(300);
    say('apex', 'two');
    say('late', 'one');
    writer.writeLast();
    expect(writes.map(({ text }) => text)).toEqual(['one', 'two']);
    clock.advance(5_000);
    expect(writes).toHaveLength(2);
  });
});
