import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../src/core/clock.ts';
import { createLineSink } from '../../src/observe/line-sink.ts';

const patience = { timeout: 5_000, interval: 5 };
let directory: string;
const opened: number[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vipkeeper-sink-'));
});

afterEach(() => {
  for (const fd of opened.splice(0)) closeSync(fd);
  rmSync(directory, { recursive: true });
});

function open(path: string, flags: number): number {
  const fd = openSync(path, flags);
  opened.push(fd);
  return fd;
}

/** A clock whose timers fire when told to. */
function heldClock(): Clock & { fire(): number } {
  let timers: (() => void)[] = [];
  return {
    nowMs: () => 0,
    defer: (act) => act(),
    wallMs: () => 0,
    setTimer: (_delayMs, fire) => {
      timers.push(fire);
      return () => {
        timers = timers.filter((timer) => timer !== fire);
      };
    },
    fire() {
      const due = timers.splice(0);
      for (const timer of due) timer();
      return due.length;
    },
  };
}

/** A pipe with a blocking writing end, as a parent hands it down, and a reader that only reads when asked. */
function pipe() {
  const path = join(directory, 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = open(path, constants.O_WRONLY);
  const read = () => {
    const chunks: Buffer[] = [];
    const chunk = Buffer.alloc(65_536);
    for (;;) {
      try {
        const length = readSync(reader, chunk);
        if (length === 0) break;
        chunks.push(Buffer.from(chunk.subarray(0, length)));
      } catch {
        break;
      }
    }
    return Buffer.concat(chunks).toString();
  };
  const hangUp = () => {
    opened.splice(opened.indexOf(reader), 1);
    closeSync(reader);
  };
  return { writer, read, hangUp };
}

const wordsForLost = (count: number) => `lost ${count}\n`;

describe('a pipe', () => {
  it('gets each line at once and in order', () => {
    const { writer, read } = pipe();
    const sink = createLineSink({ fd: writer, clock: heldClock(), wordsForLost });
    sink.write('one\n');
    sink.write('two\n');
    expect(read()).toBe('one\ntwo\n');
  });

  it('that is full never blocks; what fits waits, and the rest is counted and told', () => {
    const { writer, read } = pipe();
    const clock = heldClock();
    const sink = createLineSink({ fd: writer, clock, wordsForLost });
    const line = `${'x'.repeat(999)}\n`;
    // 64 KiB go to the pipe and 1 MiB waits. A write that blocked would hang this test here.
    for (let count = 0; count < 3_000; count += 1) sink.write(line);
    let text = '';
    for (let round = 0; round < 100 && !text.includes('lost'); round += 1) {
      text += read();
      clock.fire();
    }
    text += read();
    const lines = text.split('\n').slice(0, -1);
    const told = lines.at(-1) ?? '';
    const whole = lines.slice(0, -1);
    expect(new Set(whole)).toEqual(new Set([line.trim()]));
    expect(whole.length).toBeGreaterThan(1_000);
    expect(told).toBe(`lost ${3_000 - whole.length}`);

    sink.write('next\n');
    expect(read()).toBe('next\n');
  });

  it('that is full keeps nothing back at flush, and does not block there either', () => {
    const { writer, read } = pipe();
    const sink = createLineSink({ fd: writer, clock: heldClock(), wordsForLost });
    for (let count = 0; count < 100; count += 1) sink.write(`${'x'.repeat(999)}\n`);
    sink.flush();
    const first = read();
    sink.flush();
    expect((first + read()).length).toBe(100_000);
  });

  it('keeps the flags of the descriptor it shares with its parent', () => {
    const { writer } = pipe();
    createLineSink({ fd: writer, clock: heldClock(), wordsForLost }).write('line\n');
    const flags = /flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${writer}`, 'utf8'))?.[1];
    expect(Number.parseInt(flags ?? '', 8) & constants.O_NONBLOCK).toBe(0);
  });

  it('whose reader is gone is given up without a word', () => {
    const { writer, hangUp } = pipe();
    const clock = heldClock();
    const sink = createLineSink({ fd: writer, clock, wordsForLost });
    hangUp();
    sink.write('one\n');
    sink.write('two\n');
    sink.flush();
    expect(clock.fire()).toBe(0);
  });
});

describe('a file', () => {
  it('is appended to where its descriptor stands, in order', async () => {
    const path = join(directory, 'log');
    writeFileSync(path, 'before\n');
    const fd = open(path, constants.O_WRONLY | constants.O_APPEND);
    const sink = createLineSink({ fd, clock: heldClock(), wordsForLost });
    for (let count = 0; count < 100; count += 1) sink.write(`line ${count}\n`);
    const expected = Array.from({ length: 100 }, (_, count) => `line ${count}\n`).join('');
    await vi.waitFor(
      () => expect(readFileSync(path, 'utf8')).toBe(`before\n${expected}`),
      patience,
    );
  });

  it('gets the lines behind a running write at flush', async () => {
    const path = join(directory, 'log');
    const fd = open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND);
    const sink = createLineSink({ fd, clock: heldClock(), wordsForLost });
    sink.write('one\n');
    sink.write('two\n');
    sink.flush();
    await vi.waitFor(() => expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n'), patience);
  });

  it('on a full disk is tried again later, and nothing is thrown', async () => {
    const fd = open('/dev/full', constants.O_WRONLY);
    const clock = heldClock();
    const sink = createLineSink({ fd, clock, wordsForLost });
    sink.write('one\n');
    await vi.waitFor(() => expect(clock.fire()).toBe(1), patience);
    await vi.waitFor(() => expect(clock.fire()).toBe(1), patience);
  });
});
