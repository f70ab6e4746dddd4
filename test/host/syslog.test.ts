import { createSocket } from 'node:dgram';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createClock } from '../../src/agent/clock.ts';
import type { Clock } from '../../src/core/clock.ts';
import { createSyslog, type Syslog } from '../../src/host/syslog.ts';

const patience = { timeout: 5_000, interval: 5 };
let directory: string;
const sinks: Syslog[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vipkeeper-syslog-'));
});

afterEach(async () => {
  for (const sink of sinks.splice(0)) await sink.stop(0);
  rmSync(directory, { recursive: true });
});

/** A program in logger's place. */
function programOf(script: string): [string, ...string[]] {
  const file = join(directory, 'logger');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return [file];
}

/** The real time, but every delay is at most a few milliseconds, so that restarts need no wait. */
function hurriedClock(): Clock {
  const real = createClock();
  return { ...real, setTimer: (delayMs, fire) => real.setTimer(Math.min(delayMs, 5), fire) };
}

function sinkOf(program: [string, ...string[]], clock: Clock = createClock()) {
  const notes: string[] = [];
  const sink = createSyslog(
    { tag: 'vipkeeper', facility: 'daemon', program },
    { clock, note: (level, place, detail) => notes.push(`${level} ${place}: ${detail}`) },
  );
  sinks.push(sink);
  return { sink, notes };
}

function linesIn(name: string): string[] {
  const file = join(directory, name);
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}

describe('the real logger', () => {
  it('sends every severity with its tag and facility', async () => {
    const received: string[] = [];
    const server = createSocket('udp4', (datagram) => received.push(datagram.toString()));
    await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
    const port = String(server.address().port);
    const { sink } = sinkOf(['logger', '-n', '127.0.0.1', '-P', port, '-d', '--rfc3164']);
    sink.write('error', 'broken');
    sink.write('warn', 'odd');
    sink.write('info', 'moved');
    sink.write('debug', 'detail');
    await sink.stop(5_000);
    await vi.waitFor(() => expect(received).toHaveLength(4), patience);
    await new Promise<void>((resolve) => server.close(() => resolve()));
    // Facility daemon is 3: 3 * 8 plus the severity.
    expect(received.map((line) => line.replace(/>.* vipkeeper/, '> vipkeeper'))).toEqual([
      '<27> vipkeeper: broken',
      '<28> vipkeeper: odd',
      '<30> vipkeeper: moved',
      '<31> vipkeeper: detail',
    ]);
  });
});

describe('a sink', () => {
  it('starts one child with the first line and gives it all lines', async () => {
    const { sink } = sinkOf(
      programOf(`echo start "$@" >> ${directory}/starts; cat > ${directory}/got`),
    );
    expect(linesIn('starts')).toEqual([]);
    for (let index = 0; index < 500; index += 1) sink.write('info', `line ${index}`);
    await sink.stop(5_000);
    expect(linesIn('starts')).toEqual(['start --prio-prefix -t vipkeeper -p daemon.info']);
    expect(linesIn('got')).toHaveLength(500);
    expect(linesIn('got').at(-1)).toBe('<6>line 499');
    expect(sink.dropped()).toBe(0);
  });

  it('keeps one line one line', async () => {
    const { sink } = sinkOf(programOf(`cat > ${directory}/got`));
    sink.write('info', 'one\n<0>two\r\nthree');
    await sink.stop(5_000);
    expect(linesIn('got')).toEqual(['<6>one <0>two three']);
  });

  it('runs its child in a process group of its own', async () => {
    const { sink } = sinkOf(
      programOf(`cut -d' ' -f1,5 /proc/$$/stat > ${directory}/group; cat > /dev/null`),
    );
    sink.write('info', 'hello');
    await sink.stop(5_000);
    const [pid, group] = (linesIn('group')[0] ?? '').split(' ');
    expect(group).toBe(pid);
  });

  it('drops and counts what a stuck child does not take, without growing', async () => {
    const { sink } = sinkOf(programOf('exec sleep 600'));
    const line = 'x'.repeat(200);
    for (let index = 0; index < 10_000; index += 1) sink.write('info', line);
    expect(sink.dropped()).toBeGreaterThan(8_000);
    expect(sink.dropped()).toBeLessThan(9_800);
    const startedMs = performance.now();
    await sink.stop(50);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });

  it('starts its child again after it died', async () => {
    const { sink, notes } = sinkOf(
      programOf(`read line; echo "$line" >> ${directory}/got; exit 1`),
      hurriedClock(),
    );
    sink.write('info', 'one');
    await vi.waitFor(() => expect(linesIn('got')).toEqual(['<6>one']), patience);
    await vi.waitFor(() => {
      sink.write('info', 'again');
      expect(linesIn('got')).toContain('<6>again');
    }, patience);
    expect(notes).toEqual([]);
  });

  it('gives up after five deaths in a row, says so once, and counts what follows', async () => {
    const { sink, notes } = sinkOf(
      programOf(`echo start >> ${directory}/starts; exit 1`),
      hurriedClock(),
    );
    sink.write('info', 'one');
    await vi.waitFor(() => expect(notes).toHaveLength(1), patience);
    expect(notes[0]).toMatch(
      /^warn syslog: logger ended 5 times, syslog is given up: .*exit code 1/,
    );
    expect(linesIn('starts')).toHaveLength(5);
    const before = sink.dropped();
    sink.write('info', 'two');
    expect(sink.dropped()).toBe(before + 1);
  });

  it('gives up on a program that does not exist, without throwing', async () => {
    const { sink, notes } = sinkOf(['/nonexistent/logger'], hurriedClock());
    sink.write('info', 'one');
    await vi.waitFor(() => expect(notes).toHaveLength(1), patience);
    expect(notes[0]).toContain('ENOENT');
  });

  it('takes nothing after stop, which is harmless twice and before any line', async () => {
    const { sink } = sinkOf(programOf(`cat > ${directory}/got`));
    await sink.stop(5_000);
    await sink.stop(5_000);
    sink.write('info', 'late');
    expect(sink.dropped()).toBe(1);
    expect(existsSync(join(directory, 'got'))).toBe(false);
  });
});
