import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createBench, startedBench, summaryHeader, summaryRow, vip } from './harness.ts';

const state = (peer: string, word: string) =>
  `{ "exabgp": "4.0.1", "type": "state", "neighbor": { "address": { "local": "10.66.0.1", "peer": "${peer}" }, "state": "${word}" } }`;

describe('identification', () => {
  it('asks for the version first, and knows acks by the done', async () => {
    const bench = createBench();
    bench.speaker.start();
    expect(bench.sent()).toEqual(['system version']);
    await bench.says('exabgp 4.2.21');
    expect(bench.events()).toEqual([]);
    await bench.says('done');
    expect(bench.events()).toEqual([{ kind: 'speakerIdentified', version: '4.2.21', acks: true }]);
    expect(bench.sent()).toEqual(['show neighbor summary']);
  });

  it('knows that acks are off when no done follows the version', async () => {
    const bench = createBench();
    bench.speaker.start();
    await bench.says('exabgp 3.4.28', '');
    await bench.passes(499);
    expect(bench.events()).toEqual([]);
    await bench.passes(1);
    expect(bench.events()).toEqual([
      { kind: 'speakerIdentified', version: '3.4.28', acks: false },
      { kind: 'neighborsListed', established: undefined },
    ]);
  });

  it('goes on without a version, expecting acks, when nothing comes', async () => {
    const bench = createBench();
    bench.speaker.start();
    await bench.passes(2100);
    expect(bench.events()).toEqual([{ kind: 'speakerIdentified', version: undefined, acks: true }]);
    await bench.passes(3000);
    expect(bench.events()).toEqual([{ kind: 'speakerSilent' }]);
  });

  it('says it again when the late answer is another one', async () => {
    const bench = createBench();
    bench.speaker.start();
    await bench.passes(2100);
    bench.events();
    bench.announce(7);
    await bench.says('exabgp 3.4.28');
    await bench.passes(500);
    await bench.passes(250);
    expect(bench.events()).toEqual([
      { kind: 'speakerIdentified', version: '3.4.28', acks: false },
      { kind: 'neighborsListed', established: undefined },
      { kind: 'commandAnswered', command: 7, outcome: 'accepted', detail: 'acks are off' },
    ]);
  });

  it('understands the JSON answer of main, and speaks as main wants it', async () => {
    const bench = createBench();
    bench.speaker.start();
    await bench.says('{"version": "6.0.0-4460078e", "application": "exabgp"}', 'done');
    expect(bench.events()).toEqual([
      { kind: 'speakerIdentified', version: '6.0.0-4460078e', acks: true },
    ]);
    expect(bench.sent()).toEqual(['system version', 'peer show summary']);
  });

  it('is overridden by the config', async () => {
    const off = createBench({ acks: 'off' });
    off.speaker.start();
    await off.says('exabgp 4.2.21');
    expect(off.events()).toEqual([{ kind: 'speakerIdentified', version: '4.2.21', acks: false }]);
    const on = createBench({ acks: 'on' });
    on.speaker.start();
    await on.says('exabgp 4.2.21');
    expect(on.events()).toEqual([{ kind: 'speakerIdentified', version: '4.2.21', acks: true }]);
  });
});

describe('acks that were thought to be off', () => {
  async function misjudged() {
    const bench = createBench();
    bench.speaker.start();
    await bench.says('exabgp 4.2.21');
    await bench.passes(500);
    await bench.says('done');
    bench.events();
    return bench;
  }

  it('are found out by the done of the next list, which is told once', async () => {
    const bench = await misjudged();
    await bench.says(summaryHeader, summaryRow('10.66.0.2'), 'done');
    await bench.passes(500);
    expect(bench.events()).toEqual([
      { kind: 'speakerIdentified', version: '4.2.21', acks: true },
      { kind: 'neighborsListed', established: ['10.66.0.2'] },
    ]);
    bench.announce(1);
    await bench.says('error');
    expect(bench.events()).toMatchObject([{ command: 1, outcome: 'refused' }]);
  });

  it('stay off as long as an answer to an earlier command may be under way', async () => {
    const bench = await misjudged();
    bench.announce(1);
    await bench.says(summaryHeader, 'done', 'done');
    await bench.passes(250);
    expect(bench.events()).toMatchObject([
      { kind: 'neighborsListed', established: [] },
      { kind: 'commandAnswered', command: 1, outcome: 'accepted' },
    ]);
  });
});

describe('commands', () => {
  it('writes one line each and matches answers in order, between state lines', async () => {
    const bench = await startedBench();
    bench.speaker.announce(1, vip('192.0.2.1'), { nextHop: 'self' as never });
    bench.speaker.withdraw(2, vip('192.0.2.2'));
    expect(bench.sent()).toEqual([
      'announce route 192.0.2.1/32 next-hop self',
      'withdraw route 192.0.2.2/32',
    ]);
    await bench.says('done', state('10.66.0.2', 'down'), 'error');
    expect(bench.events()).toEqual([
      { kind: 'commandAnswered', command: 1, outcome: 'accepted', detail: '' },
      { kind: 'neighborChanged', neighbor: '10.66.0.2', isEstablished: false, detail: '' },
      {
        kind: 'commandAnswered',
        command: 2,
        outcome: 'refused',
        detail: 'error; sent "withdraw route 192.0.2.2/32"',
      },
    ]);
  });

  it('flushes right behind a fresh list of neighbors', async () => {
    const bench = await startedBench();
    bench.speaker.flush(1);
    expect(bench.sent()).toEqual(['show neighbor summary']);
    await bench.says(summaryHeader, summaryRow('10.66.0.2'), 'done');
    expect(bench.sent()).toEqual(['flush adj-rib out']);
    await bench.says('done');
    expect(bench.events()).toEqual([
      { kind: 'commandAnswered', command: 1, outcome: 'accepted', detail: '' },
    ]);
  });

  it('never flushes while no neighbor is established, which ends ExaBGP 4.2.21', async () => {
    const bench = await startedBench();
    bench.speaker.flush(1);
    bench.sent();
    await bench.says(summaryHeader, state('10.66.0.2', 'down'), 'done');
    expect(bench.sent()).toEqual([]);
    expect(bench.events()).toContainEqual({
      kind: 'commandAnswered',
      command: 1,
      outcome: 'accepted',
      detail: 'no neighbor is established',
    });
  });

  it('flushes at once when the speaker cannot list its neighbors', async () => {
    const bench = createBench();
    bench.speaker.start();
    await bench.says('exabgp 4.1.0', 'done', 'error');
    bench.sent();
    bench.speaker.flush(1);
    expect(bench.sent()).toEqual(['flush adj-rib out']);
  });

  it("makes one refusal of main's two lines, with the reason and the line", async () => {
    const bench = await startedBench();
    bench.announce(1);
    bench.announce(2);
    await bench.says('error: Could not parse route', 'error', 'error');
    expect(bench.events()).toEqual([
      {
        kind: 'commandAnswered',
        command: 1,
        outcome: 'refused',
        detail: 'Could not parse route; sent "announce route 192.0.2.1/32 next-hop self"',
      },
      {
        kind: 'commandAnswered',
        command: 2,
        outcome: 'refused',
        detail: 'error; sent "announce route 192.0.2.1/32 next-hop self"',
      },
    ]);
  });

  it('takes a done that comes in halves', async () => {
    const bench = await startedBench();
    bench.announce(1);
    bench.input.write('do');
    await bench.passes(0);
    expect(bench.events()).toEqual([]);
    await bench.says('ne');
    expect(bench.events()).toHaveLength(1);
  });

  it('accepts by itself 250 ms after writing when acks are off, and never calls that silence', async () => {
    const bench = createBench({ acks: 'off' });
    bench.speaker.start();
    await bench.says('exabgp 4.2.21', summaryHeader);
    await bench.passes(100);
    bench.events();
    bench.announce(1);
    await bench.passes(249);
    expect(bench.events()).toEqual([]);
    await bench.passes(1);
    expect(bench.events()).toEqual([
      { kind: 'commandAnswered', command: 1, outcome: 'accepted', detail: 'acks are off' },
    ]);
  });

  it('sends no more than 1000 lines that nobody reads, and says so', async () => {
    const stuck = new Writable({ write: () => undefined });
    const bench = createBench({ output: stuck });
    bench.speaker.start();
    for (let command = 1; command <= 1000; command += 1) bench.announce(command);
    expect(bench.notes.join()).toContain('1000 lines wait');
    await bench.passes(2000);
    expect(bench.events()).toContainEqual({
      kind: 'commandAnswered',
      command: 1000,
      outcome: 'lost',
      detail: '1000 lines wait for ExaBGP to read; not sent',
    });
  });
});

describe('silence', () => {
  it('is said once, and everything is answered in order when ExaBGP goes on', async () => {
    const bench = await startedBench();
    bench.announce(1);
    bench.announce(2, '192.0.2.2');
    await bench.passes(2000);
    expect(bench.events()).toEqual([]);
    await bench.passes(25);
    await bench.passes(60_000);
    expect(bench.events()).toEqual([{ kind: 'speakerSilent' }]);
    // One query was sent, and no second one before it is answered.
    expect(bench.sent().slice(2)).toEqual(['show neighbor summary']);
    await bench.says('done', 'error', summaryHeader, summaryRow('10.66.0.2'), 'done');
    expect(bench.events()).toMatchObject([
      { kind: 'speakerResponsive' },
      { kind: 'commandAnswered', command: 1, outcome: 'accepted' },
      { kind: 'commandAnswered', command: 2, outcome: 'refused' },
    ]);
  });

  it('is found by the poll when no command is open', async () => {
    const bench = await startedBench();
    await bench.passes(1000);
    await bench.passes(4999);
    expect(bench.events()).toEqual([]);
    await bench.passes(26);
    expect(bench.events()).toEqual([{ kind: 'speakerSilent' }]);
    await bench.says(summaryHeader, summaryRow('10.66.0.2'), 'done');
    expect(bench.events()).toEqual([{ kind: 'speakerResponsive' }]);
  });

  it('is not said while answers keep coming, however old the oldest open command is', async () => {
    const bench = await startedBench();
    for (let command = 1; command <= 10; command += 1) bench.announce(command);
    for (let command = 1; command <= 10; command += 1) {
      await bench.passes(1500);
      await bench.says('done');
    }
    expect(bench.events().map(({ kind }) => kind)).toEqual(Array(10).fill('commandAnswered'));
  });

  it('is not said for answers that wait in the pipe after this process itself stood still', async () => {
    const bench = await startedBench();
    bench.announce(1);
    bench.clock.advance(2000);
    await bench.says('done');
    await bench.passes(900);
    expect(bench.events()).toMatchObject([{ kind: 'commandAnswered', outcome: 'accepted' }]);
  });

  it('is not said for a swallowed command, which is lost once two queries were answered and it was not', async () => {
    const bench = await startedBench();
    bench.announce(1);
    await bench.passes(2025);
    await bench.says(summaryHeader, summaryRow('10.66.0.2'), 'done');
    expect(bench.events()).toEqual([]);
    bench.announce(2, '192.0.2.2');
    await bench.passes(2025);
    expect(bench.events()).toEqual([]);
    await bench.says(summaryHeader, summaryRow('10.66.0.2'), 'done');
    expect(bench.events()).toMatchObject([
      {
        kind: 'commandAnswered',
        command: 1,
        outcome: 'lost',
        detail: 'never answered; sent "announce route 192.0.2.1/32 next-hop self"',
      },
    ]);
    expect(bench.notes.join()).toContain('never answered 1');
    await bench.says('done');
    expect(bench.events()).toMatchObject([{ command: 2, outcome: 'accepted' }]);
  });

  it('loses nothing when ExaBGP was only slow', async () => {
    const bench = await startedBench();
    bench.announce(1);
    await bench.passes(2025);
    await bench.says(summaryHeader, 'done');
    await bench.passes(1999);
    bench.events();
    await bench.says('done');
    await bench.passes(500);
    expect(bench.events()).toMatchObject([{ command: 1, outcome: 'accepted' }]);
  });

  it('keeps commands when ExaBGP falls silent before it has answered the second query', async () => {
    const bench = await startedBench();
    bench.announce(1);
    await bench.passes(2025);
    await bench.says(summaryHeader, summaryRow('10.66.0.2'), 'done');
    await bench.passes(2025);
    expect(bench.events()).toEqual([]);
    await bench.passes(3000);
    expect(bench.events()).toEqual([{ kind: 'speakerSilent' }]);
    await bench.says('done');
    expect(bench.events()).toMatchObject([
      { kind: 'speakerResponsive' },
      { command: 1, outcome: 'accepted' },
    ]);
  });

  it('does not take the done of a version that overtook a command for that command', async () => {
    const bench = createBench();
    bench.speaker.start();
    await bench.says('exabgp 4.2.21', 'done', 'error');
    bench.events();
    bench.announce(1);
    await bench.passes(2025);
    await bench.says('exabgp 4.2.21', 'done');
    expect(bench.events()).toEqual([]);
    await bench.says('done');
    expect(bench.events()).toMatchObject([{ command: 1, outcome: 'accepted' }]);
  });
});

describe('odd lines', () => {
  it('notes each kind once a minute and emits nothing', async () => {
    const bench = await startedBench();
    await bench.says('garbage \u0007', 'more', '{"no": 1}', '{', 'done', 'done', 'error');
    expect(bench.events()).toEqual([]);
    expect(bench.notes).toEqual([
      'warn exabgp unknown text: ExaBGP sent "garbage ?"',
      'warn exabgp unknown data: ExaBGP sent "{"no": 1}"',
      'warn exabgp unknown json: ExaBGP sent "{"',
      'warn exabgp stray done: ExaBGP answered done, but nothing was asked',
      'warn exabgp stray error: ExaBGP answered error, but nothing was asked',
    ]);
  });

  it('drops an overlong line with a note', async () => {
    const bench = await startedBench();
    await bench.says('x'.repeat(300 * 1024), state('10.66.0.2', 'down'));
    expect(bench.events()).toHaveLength(1);
    expect(bench.notes.join()).toContain('overlong');
  });
});

describe('the end of ExaBGP', () => {
  const closed = (detail: string) => [{ kind: 'speakerClosed', detail }];

  it.each([
    ['text', 'shutdown 3470 3358'],
    ['json', '{ "exabgp": "4.0.1", "type": "notification", "notification": "shutdown" }'],
  ])('is said on its shutdown notice (%s), and nothing comes after it', async (_name, line) => {
    const bench = await startedBench();
    bench.announce(1);
    bench.sent();
    await bench.says(line, 'done', state('10.66.0.2', 'up'));
    expect(bench.events()).toEqual(closed('ExaBGP shuts down'));
    bench.announce(2);
    bench.input.end();
    await bench.passes(10_000);
    expect(bench.events()).toEqual([]);
    expect(bench.sent()).toEqual([]);
    expect(bench.clock.timerCount).toBe(0);
  });

  it('is said on end of input, once', async () => {
    const bench = await startedBench();
    bench.input.end('half a li');
    await bench.passes(0);
    bench.input.destroy();
    await bench.passes(10_000);
    expect(bench.events()).toEqual(closed('end of input'));
  });

  it('is said on a read error', async () => {
    const bench = await startedBench();
    bench.input.destroy(Object.assign(new Error('read'), { code: 'EIO' }));
    await bench.passes(0);
    expect(bench.events()).toEqual(closed('EIO'));
  });

  it('is said when the input had ended before the start', async () => {
    const bench = createBench();
    bench.input.destroy();
    await bench.passes(0);
    bench.speaker.start();
    expect(bench.events()).toEqual(closed('input already closed'));
  });

  it('is said on EPIPE, which is no uncaught error, and nothing is written afterwards', async () => {
    let writes = 0;
    const output = new Writable({
      write(_chunk, _encoding, done) {
        writes += 1;
        done(Object.assign(new Error('write'), { code: 'EPIPE' }));
      },
    });
    const bench = createBench({ output });
    bench.speaker.start();
    await bench.passes(0);
    expect(bench.events()).toEqual(closed('EPIPE'));
    output.emit('error', new Error('again'));
    bench.announce(1);
    await bench.passes(10_000);
    expect(writes).toBe(1);
    expect(bench.events()).toEqual([]);
  });
});

describe('stop', () => {
  it('resolves when the last line left, and writes nothing later', async () => {
    const waiting: (() => void)[] = [];
    const output = new Writable({ write: (_chunk, _encoding, done) => waiting.push(done) });
    const bench = createBench({ output });
    bench.speaker.start();
    bench.announce(1);
    let isStopped = false;
    const stopped = bench.speaker.stop(1000).then(() => {
      isStopped = true;
    });
    waiting.shift()?.();
    await bench.passes(0);
    expect(isStopped).toBe(false);
    waiting.shift()?.();
    await stopped;
    bench.announce(2);
    await bench.passes(5000);
    expect(waiting).toEqual([]);
    expect(bench.clock.timerCount).toBe(0);
  });

  it('gives up at the deadline, and twice is harmless', async () => {
    const bench = createBench({ output: new Writable({ write: () => undefined }) });
    bench.speaker.start();
    const stopped = Promise.all([bench.speaker.stop(1000), bench.speaker.stop(500)]);
    await bench.passes(1000);
    await stopped;
  });
});
