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
      { kind: 'neighborChanged', neighbor: '10.66.0.2', isEstablished: false },
    ]);
    await bench.passes(1000);
    await bench.says(summaryHeader, 'done');
    expect(bench.events()).toEqual([{ kind: 'neighborsListed', established: [] }]);
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

  it('finds out that 3.4 cannot list, without calling it silent, and asks for the version', async () => {
    const bench = await ackless();
    bench.sent();
    await bench.passes(2025);
    expect(bench.sent()).toEqual(['system version']);
    await bench.says('exabgp 3.4.28');
    expect(bench.events()).toEqual([{ kind: 'neighborsListed', established: undefined }]);
    await bench.says('exabgp 3.4.28');
    await bench.passes(1000);
    expect(bench.sent()).toContain('system version');
    await bench.says('exabgp 3.4.28');
    expect(bench.events()).toEqual([]);
  });

  it('calls it silent when the version is not answered either, and responsive again later', async () => {
    const bench = await ackless();
    await bench.passes(2025);
    await bench.passes(2025);
    expect(bench.events()).toEqual([{ kind: 'speakerSilent' }]);
    await bench.says('exabgp 3.4.28');
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
    await bench.passes(2025);
    expect(bench.events()).toEqual([{ kind: 'speakerSilent' }]);
  });
});
