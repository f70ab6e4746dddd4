import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/core/clock.ts';
import type { Level, Report } from '../../src/core/report.ts';
import type { ServiceName } from '../../src/core/settings.ts';
import type { Vip } from '../../src/core/vip.ts';
import { createLogger, type LoggerOptions } from '../../src/observe/logger.ts';

const clock: Clock = {
  nowMs: () => 0,
  defer: (act) => act(),
  wallMs: () => Date.UTC(2031, 1, 3, 4, 5, 6, 7),
  setTimer: () => () => undefined,
};
const takeover: Report = {
  kind: 'decisionChanged',
  service: 'apex' as ServiceName,
  vip: '10.20.255.1/32' as Vip,
  from: { kind: 'withdraw', reason: 'heldByOwner' },
  to: { kind: 'announce', role: 'backup', reason: 'claimMissing' },
};
const noticed = (level: Level): Report => ({
  kind: 'noticed',
  level,
  place: 'test',
  detail: level,
});
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vipkeeper-logger-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

/** What a logger writes to a named pipe, which takes lines at once. */
function written(options: Partial<LoggerOptions>, reports: readonly Report[]): string {
  const path = join(directory, `pipe-${Math.random()}`);
  execFileSync('mkfifo', [path]);
  const fd = openSync(path, 'r+');
  const logger = createLogger({ clock, level: 'debug', silent: false, fd, ...options });
  for (const report of reports) logger.report(report);
  logger.flush();
  // A last line, so that reading never waits for one that is not there.
  execFileSync('/bin/sh', ['-c', 'echo end >&3'], { stdio: ['ignore', 'ignore', 'ignore', fd] });
  const text = execFileSync('sed', ['/^end$/q'], { stdio: [fd, 'pipe', 'ignore'] }).toString();
  closeSync(fd);
  return text.replace(/end\n$/, '');
}

describe('json', () => {
  it('has one line per report with stable names', () => {
    const lines = written({ form: 'json' }, [takeover, noticed('debug')])
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        level: 'warn',
        time: '2031-02-03T04:05:06.007Z',
        event: 'decisionChanged',
        service: 'apex',
        vip: '10.20.255.1/32',
        decision: 'announce',
        role: 'backup',
        reason: 'claimMissing',
        previousDecision: 'withdraw',
        previousReason: 'heldByOwner',
        msg: '10.20.255.1/32 of apex: announced as backup, because its claim has been missing (before: withdrawn, heldByOwner)',
      },
      {
        level: 'debug',
        time: '2031-02-03T04:05:06.007Z',
        event: 'noticed',
        place: 'test',
        detail: 'debug',
        msg: 'test: debug',
      },
    ]);
  });

  it('is what a pipe gets by default', () => {
    expect(written({}, [takeover])).toMatch(/^\{.*\}\n$/);
    expect(written({ form: 'auto' }, [takeover])).toMatch(/^\{.*\}\n$/);
  });
});

describe('human form', () => {
  it('is one short line, without colour where there is no terminal', () => {
    expect(written({ form: 'human' }, [takeover, noticed('info')])).toBe(
      '04:05:06.007Z WARN  10.20.255.1/32 of apex: announced as backup, because its claim has been missing (before: withdrawn, heldByOwner)\n' +
        '04:05:06.007Z INFO  test: info\n',
    );
  });
});

describe('text of others', () => {
  it('neither breaks the line nor steers a terminal', () => {
    const detail = 'one\r\ntwo\u001b[2J\u009b2Jthree';
    const report: Report = { kind: 'noticed', level: 'info', place: 'exabgp', detail };
    expect(written({ form: 'human' }, [report])).toBe(
      '04:05:06.007Z INFO  exabgp: one two [2J 2Jthree\n',
    );
    expect(written({ form: 'json' }, [report]).split('\n')).toHaveLength(2);
  });
});

describe('levels', () => {
  const all: Level[] = ['debug', 'info', 'warn', 'error'];
  it.each(all.map((level, index) => [level, all.slice(index)] as const))(
    'at %s only %j are written, here and to syslog',
    (level, expected) => {
      const syslog: Level[] = [];
      const text = written(
        { level, form: 'json', syslogLine: (at) => syslog.push(at) },
        all.map(noticed),
      );
      const levels = text
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { level: string }).level);
      expect(levels).toEqual(expected);
      expect(syslog).toEqual(expected);
    },
  );
});

describe('silent', () => {
  it('writes nothing, but tells syslog', () => {
    const syslog: string[] = [];
    const text = written(
      { silent: true, syslogLine: (level, line) => syslog.push(`${level} ${line}`) },
      [takeover],
    );
    expect(text).toBe('');
    expect(syslog).toEqual([
      'warn 10.20.255.1/32 of apex: announced as backup, because its claim has been missing (before: withdrawn, heldByOwner) [event=decisionChanged service=apex vip=10.20.255.1/32 decision=announce role=backup reason=claimMissing previousDecision=withdraw previousReason=heldByOwner]',
    ]);
  });
});

describe('a process of its own', () => {
  /** Bundles a program that logs as an agent does: Node 20 cannot run TypeScript itself. */
  async function program(body: string): Promise<string> {
    const source = resolve(import.meta.dirname, '../../src');
    const outfile = join(directory, 'program.mjs');
    await build({
      stdin: {
        contents: `import { createLogger } from '${source}/observe/logger.ts';
import { createClock } from '${source}/agent/clock.ts';
const clock = createClock();
const say = (logger, detail) => logger.report({ kind: 'noticed', level: 'info', place: 'test', detail });
${body}`,
        resolveDir: source,
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile,
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
    });
    return outfile;
  }

  it('writes to stderr all that flush was told, and nothing to stdout', async () => {
    const file = await program(
      "const logger = createLogger({ clock, level: 'info', silent: false }); say(logger, 'hello'); say(logger, 'bye'); logger.flush(); process.exit(0);",
    );
    const stderr = join(directory, 'stderr');
    const fd = openSync(stderr, 'w');
    const stdout = execFileSync(process.execPath, [file], { stdio: ['ignore', 'pipe', fd] });
    closeSync(fd);
    expect(stdout.toString()).toBe('');
    const lines = readFileSync(stderr, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      'test: hello',
      'test: bye',
    ]);
  });

  it.each(['pipe', 'socket'])(
    'goes on, and exits at once, though its stderr is a full %s',
    async (kind) => {
      const file = await program(
        "const logger = createLogger({ clock, level: 'info', silent: false });" +
          "for (let count = 0; count < 20000; count += 1) say(logger, 'x'.repeat(200));" +
          "clock.setTimer(50, () => { logger.flush(); process.stdout.write('alive'); process.exit(7); });",
      );
      execFileSync('mkfifo', [join(directory, 'stderr')]);
      const fd = openSync(join(directory, 'stderr'), 'r+');
      // Node's own "pipe" is a socket.
      const stderr = kind === 'pipe' ? fd : 'pipe';
      const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', stderr] });
      let stdout = '';
      child.stdout?.on('data', (data: Buffer) => {
        stdout += data.toString();
      });
      const code = await new Promise((resolve) => child.once('exit', resolve));
      closeSync(fd);
      expect(code).toBe(7);
      expect(stdout).toBe('alive');
    },
  );

  it('goes on when the reader of its stderr is gone', async () => {
    const file = await program(
      "const logger = createLogger({ clock, level: 'info', silent: false });" +
        "process.stdin.once('data', () => { for (let count = 0; count < 10; count += 1) say(logger, 'hello'); logger.flush(); process.stdout.write('alive'); process.exit(7); });",
    );
    const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    child.stdout.on('data', (data: Buffer) => {
      stdout += data.toString();
    });
    child.stderr.destroy();
    child.stdin.end('go');
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).toBe(7);
    expect(stdout).toBe('alive');
  });
});
