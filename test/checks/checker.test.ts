import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createClock } from '../../src/agent/clock.ts';
import { createChecker } from '../../src/checks/checker.ts';
import type { CheckCompleted } from '../../src/core/event.ts';
import type { ServiceName } from '../../src/core/settings.ts';

const apex = 'apex' as ServiceName;
const patience = { timeout: 5_000, interval: 5 };

let directory: string;
const stops: (() => void)[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vipkeeper-checks-'));
});

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

/** A checker of real shells; `verdict` resolves with the next verdict. */
function checkerOf(exec: string, timeoutMs = 10_000, disableFile?: string) {
  const events: CheckCompleted[] = [];
  const notes: string[] = [];
  const waiting: ((event: CheckCompleted) => void)[] = [];
  const checker = createChecker(
    {
      services: [
        {
          name: apex,
          checks: [
            {
              probe: { kind: 'exec', command: exec },
              disableFile,
              intervalMs: 1_000,
              fastIntervalMs: 1_000,
              timeoutMs,
              rise: 1,
              fall: 1,
            },
          ],
        },
      ],
    },
    {
      clock: createClock(),
      emit: (event) => {
        events.push(event);
        waiting.shift()?.(event);
      },
      note: (_level, place, detail) => notes.push(`${place}: ${detail}`),
    },
  );
  stops.push(() => checker.stop());
  const run = () =>
    new Promise<CheckCompleted>((resolve) => {
      waiting.push(resolve);
      checker.run(apex, 0);
    });
  return { checker, events, notes, run };
}

/** The pid that a check wrote into a file of the test's directory. */
async function pidIn(name: string): Promise<number> {
  const file = join(directory, name);
  await vi.waitFor(() => expect(readFileSync(file, 'utf8')).toMatch(/^\d+\n$/), patience);
  return Number(readFileSync(file, 'utf8'));
}

/** Gone from the process table, or a zombie that the init of this machine has yet to reap. */
function isGone(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return true;
  return readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
}

async function expectGone(pid: number): Promise<void> {
  expect(pid).toBeGreaterThan(1);
  await vi.waitFor(() => expect(isGone(pid)).toBe(true), patience);
}

/** Holds the event loop. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe('a check that ends by itself', () => {
  it.each([
    ['exit 0', true, 'exit code 0'],
    ['echo fine', true, 'exit code 0: fine'],
    ['exit 3', false, 'exit code 3'],
    ['echo refused; exit 1', false, 'exit code 1: refused'],
    ['echo refused >&2; exit 7', false, 'exit code 7: refused'],
    ['printf "\\n\\n  late \\nmore\\n"; exit 1', false, 'exit code 1: late'],
    ['printf "\\033[31mred\\377\\tx"; exit 1', false, 'exit code 1: ?[31mred? x'],
    ['kill -TERM $$', false, 'killed by SIGTERM'],
    ['kill -KILL $$', false, 'killed by SIGKILL'],
  ])('%j passes: %s, with its reason', async (exec, passed, detail) => {
    expect(await checkerOf(exec).run()).toMatchObject({
      kind: 'checkCompleted',
      service: apex,
      check: 0,
      passed,
      detail,
    });
  });

  it('fails with 127 when the command is missing', async () => {
    const verdict = await checkerOf('/nonexistent/check').run();
    expect(verdict.passed).toBe(false);
    expect(verdict.detail).toMatch(/^exit code 127: .*not found/);
  });

  it('never loses the output line to the exit, run after run', async () => {
    const { run } = checkerOf('echo line; exit 1');
    for (let round = 0; round < 50; round += 1) {
      expect((await run()).detail).toBe('exit code 1: line');
    }
  });

  it('never loses it to the end of another one, heard in the same turn of the event loop', async () => {
    const fifo = join(directory, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const { run } = checkerOf(`read line < ${fifo}; echo $line; exit 1`);
    const verdict = run();
    const gate = openSync(fifo, 'r+');
    const other = spawn('/bin/sh', ['-c', 'echo; exit 0'], { stdio: ['ignore', 'pipe', 'ignore'] });
    other.stdout.once('data', () => {
      // The other's end is known to the loop by now, which deals with it, and all that have ended, after this.
      writeSync(gate, 'late\n');
      block(300);
    });
    setImmediate(() => block(300));
    try {
      expect((await verdict).detail).toBe('exit code 1: late');
    } finally {
      closeSync(gate);
    }
  });

  it('cuts a long line to 200 characters in all', async () => {
    const verdict = await checkerOf('head -c 5000 /dev/zero | tr "\\0" x; exit 1').run();
    expect(verdict.detail).toHaveLength(200);
    expect(verdict.detail).toMatch(/^exit code 1: x+$/);
  });

  it('measures how long it took', async () => {
    const verdict = await checkerOf('sleep 0.2').run();
    expect(verdict.durationMs).toBeGreaterThanOrEqual(190);
    expect(verdict.durationMs).toBeLessThan(5_000);
  });

  it('reads nothing from our stdin', async () => {
    expect(await checkerOf('read line && exit 0; exit 9').run()).toMatchObject({
      passed: false,
      detail: 'exit code 9',
    });
  });
});

describe('a check that cannot be started', () => {
  it('fails with the reason when the shell cannot be run', async () => {
    // An environment beyond ARG_MAX makes execve itself fail, whatever the command.
    for (let index = 0; index < 40; index += 1) {
      vi.stubEnv(`VIPKEEPER_TEST_${index}`, 'x'.repeat(100_000));
    }
    const { run, events } = checkerOf('exit 0');
    const verdict = await run();
    expect(verdict.passed).toBe(false);
    expect(verdict.detail).toMatch(/^cannot be started: .*E2BIG/);
    expect(events).toHaveLength(1);
    vi.unstubAllEnvs();
    expect((await run()).passed).toBe(true);
  });

  it('throws for a check nobody configured, which is a bug', () => {
    const { checker } = checkerOf('exit 0');
    expect(() => checker.run(apex, 1)).toThrow('no check 1 in service apex');
    expect(() => checker.run('other' as ServiceName, 0)).toThrow('no check 0 in service other');
  });
});

describe('a check that prints without end', () => {
  it('takes 50 MB without stalling it, keeping it, or passing it on to our stdout', async () => {
    const written = vi.spyOn(process.stdout, 'write');
    const before = process.memoryUsage().rss;
    const verdict = await checkerOf('echo begin; head -c 50000000 /dev/zero; exit 4', 60_000).run();
    expect(verdict.detail).toBe('exit code 4: begin');
    expect(process.memoryUsage().rss - before).toBeLessThan(40_000_000);
    expect(written).not.toHaveBeenCalled();
    written.mockRestore();
  });

  it('ends at the timeout', async () => {
    const verdict = await checkerOf('yes again', 300).run();
    expect(verdict).toMatchObject({ passed: false, detail: 'timed out after 300 ms: again' });
  });
});

describe('a check that never ends', () => {
  it('is killed whole, children too, though it ignores SIGTERM', async () => {
    const { run } = checkerOf(
      `trap '' TERM; (trap '' TERM; sleep 600 & echo $! > ${directory}/grandchild; wait) & echo $$ > ${directory}/shell; wait`,
      500,
    );
    const verdict = await run();
    expect(verdict).toMatchObject({ passed: false, detail: 'timed out after 500 ms' });
    expect(verdict.durationMs).toBeGreaterThanOrEqual(490);
    expect(verdict.durationMs).toBeLessThan(5_000);
    await expectGone(await pidIn('shell'));
    await expectGone(await pidIn('grandchild'));
  });

  it('is killed though it is stopped', async () => {
    const { run } = checkerOf(`echo $$ > ${directory}/shell; kill -STOP $$`, 300);
    expect((await run()).detail).toBe('timed out after 300 ms');
    await expectGone(await pidIn('shell'));
  });

  it('answers once, also when its exit comes later', async () => {
    const { run, events } = checkerOf(`echo $$ > ${directory}/shell; sleep 600`, 200);
    await run();
    await expectGone(await pidIn('shell'));
    await run();
    const timedOut = 'timed out after 200 ms';
    expect(events.map((event) => event.detail)).toEqual([timedOut, timedOut]);
  });
});

describe('children that outlive the shell', () => {
  it('delay no verdict by holding the pipe, and are killed', async () => {
    const { run } = checkerOf(`sleep 600 & echo $! > ${directory}/child; exit 0`);
    const verdict = await run();
    expect(verdict).toMatchObject({ passed: true, detail: 'exit code 0' });
    expect(verdict.durationMs).toBeLessThan(5_000);
    await expectGone(await pidIn('child'));
  });

  it('delay no verdict even from a session of their own, and cost us no descriptor', async () => {
    const descriptors = () => readdirSync('/proc/self/fd').length;
    const before = descriptors();
    const children: number[] = [];
    for (const name of ['one', 'two', 'three', 'four', 'five']) {
      const { run } = checkerOf(
        `setsid sh -c 'echo $$ > ${directory}/${name}; exec sleep 600' & while ! test -s ${directory}/${name}; do sleep 0.01; done; exit 5`,
      );
      const verdict = await run();
      expect(verdict).toMatchObject({ passed: false, detail: 'exit code 5' });
      expect(verdict.durationMs).toBeLessThan(5_000);
      const child = await pidIn(name);
      stops.push(() => isGone(child) || process.kill(child, 'SIGKILL'));
      children.push(child);
    }
    expect(children.map(isGone)).toEqual([false, false, false, false, false]);
    // Our ends of ten pipes are closed, though the other ends are held open.
    await vi.waitFor(() => expect(descriptors()).toBeLessThan(before + 5), patience);
  });
});

describe('a run that overlaps', () => {
  it('is ignored with a note, and the first run answers for both', async () => {
    const { checker, events, notes, run } = checkerOf(
      `echo run >> ${directory}/runs; while ! test -e ${directory}/go; do sleep 0.01; done`,
    );
    const verdict = run();
    checker.run(apex, 0);
    expect(notes).toEqual(['check 1 of apex: asked to run while it still runs: ignored']);
    writeFileSync(join(directory, 'go'), '');
    expect((await verdict).passed).toBe(true);
    expect(readFileSync(join(directory, 'runs'), 'utf8')).toBe('run\n');
    await run();
    expect(events).toHaveLength(2);
  });
});

describe('other services', () => {
  const edge = 'edge' as ServiceName;
  const pace = { intervalMs: 1_000, fastIntervalMs: 1_000, timeoutMs: 10_000, rise: 1, fall: 1 };
  const checkOf = (exec: string) => ({ ...pace, probe: { kind: 'exec' as const, command: exec } });

  it('keep the run of a check that goes on, which answers for its new place', async () => {
    const gate = join(directory, 'gate');
    const slow = `while [ ! -e ${gate} ]; do sleep 0.01; done; echo late`;
    const { checker, run } = checkerOf(slow);
    const verdict = run();
    checker.setServices([{ name: apex, checks: [checkOf('true'), checkOf(slow)] }]);
    writeFileSync(gate, '');
    expect(await verdict).toMatchObject({ check: 1, detail: 'exit code 0: late' });
  });

  it('end the run of a check that is gone, of which nothing is heard any more', async () => {
    const { checker, run, events } = checkerOf(`echo $$ > ${directory}/pid; sleep 60`);
    void run();
    const pid = await pidIn('pid');
    checker.setServices([
      { name: apex, checks: [checkOf('echo new')] },
      { name: edge, checks: [checkOf('echo edge')] },
    ]);
    await expectGone(pid);
    checker.run(edge, 0);
    await vi.waitFor(() => expect(events).toHaveLength(1), patience);
    expect(events[0]).toMatchObject({ service: edge, detail: 'exit code 0: edge' });
    expect(await run()).toMatchObject({ service: apex, detail: 'exit code 0: new' });
    expect(events).toHaveLength(2);
  });

  it('have no checks of those that are not among them', () => {
    const { checker } = checkerOf('true');
    checker.setServices([]);
    expect(() => checker.run(apex, 0)).toThrow('no check 0 in service apex');
  });
});

describe('stop', () => {
  it('kills what runs, emits nothing more, and is harmless twice', async () => {
    const { checker, events } = checkerOf(
      `sleep 600 & echo $! > ${directory}/child; echo $$ > ${directory}/shell; wait`,
    );
    checker.run(apex, 0);
    const [shell, child] = [await pidIn('shell'), await pidIn('child')];
    checker.stop();
    checker.stop();
    await expectGone(shell);
    await expectGone(child);
    checker.run(apex, 0);
    expect(events).toEqual([]);
  });
});

describe('a pause of the whole agent', () => {
  it('is not held against a check that had ended in time', async () => {
    const { run } = checkerOf('sleep 0.1', 200);
    const verdict = run();
    // Blocks the event loop past the timeout. After its last phase come the timers, and only then the waiting exit.
    setImmediate(() => block(600));
    expect(await verdict).toMatchObject({ passed: true, detail: 'exit code 0' });
  });
});

describe('a disable file', () => {
  it('is all that a run finds while it is there; the command runs again when it is gone', async () => {
    const file = join(directory, 'disable');
    const { run } = checkerOf(`echo run >> ${directory}/ran; exit 3`, 10_000, file);
    writeFileSync(file, '');
    expect(await run()).toMatchObject({
      passed: false,
      isDisabled: true,
      detail: `${file} exists`,
    });
    expect(existsSync(join(directory, 'ran'))).toBe(false);
    rmSync(file);
    expect(await run()).toMatchObject({ passed: false, detail: 'exit code 3' });
  });

  it('that cannot be looked at counts as absent', async () => {
    writeFileSync(join(directory, 'plain'), '');
    const { run } = checkerOf('exit 0', 10_000, join(directory, 'plain', 'disable'));
    expect(await run()).toMatchObject({ passed: true });
  });

  it('leaves the run of its command to be killed by a stop', async () => {
    const file = join(directory, 'disable');
    const command = `echo $$ > ${directory}/shell; sleep 600`;
    const { checker, events } = checkerOf(command, 10_000, file);
    checker.run(apex, 0);
    const shell = await pidIn('shell');
    checker.stop();
    await expectGone(shell);
    expect(events).toEqual([]);
  });

  it('is looked at no more after a stop', async () => {
    const { checker, events } = checkerOf('exit 0', 10_000, join(directory, 'disable'));
    checker.run(apex, 0);
    checker.stop();
    await new Promise((resolve) => setImmediate(resolve));
    expect(events).toEqual([]);
  });
});
