import { describe, expect, it } from 'vitest';
import { createBench, startedBench, summaryHeader, summaryRow } from './harness.ts';

const up = (neighbor: string) => `neighbor ${neighbor} up`;
const down = (neighbor: string) => `neighbor ${neighbor} down - closing connection`;

async function identifiedBench(version = 'exabgp 4.2.21') {
  const bench = createBench();
  bench.speaker.start();
  await bench.says(version, 'done');
  bench.events();
  return bench;
}

describe('polling', () => {
  it('lists the established neighbors on the first answer', async () => {
    const bench = await identifiedBench();
    await bench.says(summaryHeader, summaryRow('10.66.0.3'), summaryRow('10.66.0.2'), 'done');
    expect(bench.events()).toEqual([
      { kind: 'neighborsListed', established: ['10.66.0.2', '10.66.0.3'] },
    ]);
  });

  it('lists none when only the header comes', async () => {
    const bench = await identifiedBench();
    await bench.says(summaryHeader, 'done');
    expect(bench.events()).toEqual([{ kind: 'neighborsListed', established: [] }]);
  });

  it('does not take a bare done for an empty list, whosever it is', async () => {
    const bench = await identifiedBench();
    await bench.says('done', summaryHeader, summaryRow('10.66.0.2'), 'done');
    expect(bench.events()).toEqual([{ kind: 'neighborsListed', established: ['10.66.0.2'] }]);
    expect(bench.notes.join()).toContain('stray done');
  });

  it('polls every second, and is quiet as long as nothing differs', async () => {
    const bench = await startedBench();
    for (let poll = 0; poll < 3; poll += 1) {
      await bench.passes(1000);
      await bench.says(summaryHeader, summaryRow('10.66.0.2'), 'done');
    }
    expect(bench.sent()).toEqual(Array(3).fill('show neighbor summary'));
    expect(bench.events()).toEqual([]);
  });

  it('tells a list that differs from what state lines said', async () => {
    const bench = await startedBench();
    await bench.says(up('10.66.0.3'), down('10.66.0.2'));
    await bench.passes(1000);
    await bench.says(summaryHeader, summaryRow('10.66.0.3'), 'done');
    expect(bench.events()).toMatchObject([
      { kind: 'neighborChanged', neighbor: '10.66.0.3', isEstablished: true },
      { kind: 'resendDue', mustFlush: false },
      { kind: 'neighborChanged', neighbor: '10.66.0.2', isEstablished: false },
    ]);
    await bench.passes(1000);
    await bench.says(summaryHeader, 'done');
    expect(bench.events()).toEqual([
      { kind: 'neighborsListed', established: [], down: ['10.66.0.2', '10.66.0.3'] },
    ]);
  });

  it("tells an unreachable neighbor's endless downs once", async () => {
    const bench = await startedBench();
    await bench.says(down('10.66.0.9'), down('10.66.0.9'), down('10.66.0.9'));
    expect(bench.events()).toEqual([
      {
        kind: 'neighborChanged',
        neighbor: '10.66.0.9',
        isEstablished: false,
        detail: 'closing connection',
      },
    ]);
  });

  it('lets a state line in the middle of a list win', async () => {
    const bench = await startedBench();
    await bench.passes(1000);
    await bench.says(summaryHeader, summaryRow('10.66.0.2'), down('10.66.0.2'), 'done');
    expect(bench.events()).toMatchObject([{ kind: 'neighborChanged', isEstablished: false }]);
  });

  it('waits until no command is open, then polls at once', async () => {
    const bench = await startedBench();
    bench.announce(1);
    await bench.passes(1500);
    expect(bench.sent()).toHaveLength(1);
    await bench.says('done');
    expect(bench.sent()).toEqual(['show neighbor summary']);
  });

  it("does not take a command's done for the end of a list that has not begun", async () => {
    const bench = await startedBench();
    await bench.passes(1000);
    bench.announce(1);
    await bench.says('done');
    expect(bench.events()).toMatchObject([{ kind: 'commandAnswered', command: 1 }]);
  });

  it('asks for the version instead when the speaker does not know the command', async () => {
    const bench = await identifiedBench('{"version": "6.0.0", "application": "exabgp"}');
    await bench.says('error: unknown command', 'error');
    expect(bench.events()).toEqual([{ kind: 'neighborsListed', established: undefined }]);
    bench.sent();
    await bench.passes(1000);
    expect(bench.sent()).toEqual(['system version']);
    await bench.says('{"version": "6.0.0", "application": "exabgp"}', 'done');
    await bench.passes(1000);
    expect(bench.sent()).toEqual(['system version']);
    expect(bench.events()).toEqual([]);
  });
});

describe('a neighbor that comes up', () => {
  const resendDue = { kind: 'resendDue', mustFlush: false };

  it('may lack our routes, whether a state line or the list tells of it', async () => {
    const bench = await startedBench();
    await bench.says(up('10.66.0.3'), up('10.66.0.3'));
    expect(bench.events()).toMatchObject([{ kind: 'neighborChanged' }, resendDue]);
    await bench.passes(1000);
    await bench.says(
      summaryHeader,
      ...['2', '3', '4'].map((n) => summaryRow(`10.66.0.${n}`)),
      'done',
    );
    expect(bench.events()).toMatchObject([{ kind: 'neighborsListed' }, resendDue]);
    await bench.says(down('10.66.0.3'));
    expect(bench.events()).toMatchObject([{ kind: 'neighborChanged' }]);
  });

  it('unnoticed by any state line is a reason to ask for neighbor-changes, said once', async () => {
    const bench = await startedBench();
    for (const rows of [[], [summaryRow('10.66.0.2')]]) {
      await bench.passes(1000);
      await bench.says(summaryHeader, ...rows, 'done');
    }
    expect(bench.notes).toHaveLength(1);
    expect(bench.notes[0]).toContain('neighbor-changes');
  });
});

describe('a refresh', () => {
  it('is asked for again and again, in the time that is configured, until the end', async () => {
    const bench = await startedBench({ refreshMs: 60_000, pollMs: 3_600_000 });
    await bench.passes(60_000);
    expect(bench.events()).toEqual([{ kind: 'resendDue', mustFlush: true }]);
    await bench.passes(60_000);
    expect(bench.events()).toEqual([{ kind: 'resendDue', mustFlush: true }]);
    bench.input.end();
    await bench.passes(600_000);
    expect(bench.events()).toMatchObject([{ kind: 'speakerClosed' }]);
  });
});

describe("main's list of neighbors", () => {
  const mainVersion = '{"version": "6.0.0", "application": "exabgp"}';
  const row = (address: string, state: string) =>
    `{"state": "${state}", "fsm": "X", "peer": {"address": "${address}", "as": 65001}}`;

  it('is one line of JSON, in which those that are down are known too', async () => {
    const bench = await identifiedBench(mainVersion);
    await bench.says(`[${row('10.66.0.2', 'up')}, ${row('10.66.0.3', 'down')}]`, 'done');
    expect(bench.events()).toEqual([
      { kind: 'neighborsListed', established: ['10.66.0.2'], down: ['10.66.0.3'] },
    ]);
    expect(bench.notes.join()).toContain('spoken to as 6');
    // A neighbor that comes with a reload of ExaBGP is news though it is down.
    await bench.passes(1000);
    await bench.says(
      `[${row('10.66.0.2', 'up')}, ${row('10.66.0.3', 'down')}, ${row('10.66.0.4', 'down')}]`,
      'done',
    );
    expect(bench.events()).toEqual([
      { kind: 'neighborsListed', established: ['10.66.0.2'], down: ['10.66.0.3', '10.66.0.4'] },
    ]);
  });

  it.each(['{"neighbors": 2}', '[1]', '[{"peer": {"address": "nobody"}}]'])(
    'of a form that nobody knows (%s) is no list, and the version is asked instead',
    async (line) => {
      const bench = await identifiedBench(mainVersion);
      bench.sent();
      await bench.says(line, 'done');
      expect(bench.events()).toEqual([{ kind: 'neighborsListed', established: undefined }]);
      await bench.passes(1000);
      expect(bench.sent()).toEqual(['system version']);
    },
  );
});

describe('polling without acks', () => {
  async function ackless(...answer: string[]) {
    const bench = createBench();
    bench.speaker.start();
    await bench.says('exabgp 4.2.21');
    await bench.passes(500);
    bench.events();
    if (answer.length > 0) await bench.says(...answer);
    return bench;
  }

  it('ends a list when nothing more comes', async () => {
    const bench = await ackless(summaryHeader);
    await bench.passes(99);
    await bench.says(summaryRow('10.66.0.2'));
    await bench.passes(99);
    expect(bench.events()).toEqual([]);
    await bench.passes(1);
    expect(bench.events()).toEqual([{ kind: 'neighborsListed', established: ['10.66.0.2'] }]);
  });

  it('finds out that an early 4 cannot list, without calling it silent, and asks for the version', async () => {
    const bench = await ackless();
    bench.sent();
    await bench.passes(2025);
    expect(bench.sent()).toEqual(['system version']);
    await bench.says('exabgp 4.0.5');
    expect(bench.events()).toEqual([{ kind: 'neighborsListed', established: undefined }]);
    await bench.says('exabgp 4.0.5');
    await bench.passes(1000);
    expect(bench.sent()).toContain('system version');
    await bench.says('exabgp 4.0.5');
    expect(bench.events()).toEqual([]);
  });

  it('calls it silent when the version is not answered either, and responsive again later', async () => {
    const bench = await ackless();
    await bench.passes(2025);
    await bench.passes(3025);
    expect(bench.events()).toEqual([{ kind: 'speakerSilent' }]);
    await bench.says('exabgp 4.0.5');
    expect(bench.events()).toEqual([
      { kind: 'speakerResponsive' },
      { kind: 'neighborsListed', established: undefined },
    ]);
  });

  it('calls a speaker silent that has listed before', async () => {
    const bench = await ackless(summaryHeader);
    await bench.passes(100);
    await bench.passes(900);
    bench.events();
    await bench.passes(5025);
    expect(bench.events()).toEqual([{ kind: 'speakerSilent' }]);
  });
});
