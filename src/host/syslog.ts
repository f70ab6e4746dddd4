import { execa } from 'execa';
import type { Clock } from '../core/clock.ts';
import type { Level } from '../core/report.ts';

/** Lines that may wait for `logger`; more are dropped and counted. */
const waitingMax = 1_000;
/** Bytes that may wait in `logger`'s pipe before lines wait on our side. */
const pipeBytesMax = 64 * 1024;
/** Deaths of `logger` in a row, none of which lived for `provenMs`, after which it is not started again. */
const deathsMax = 5;
const provenMs = 60_000;
const restartDelayMs = 1_000;

/** Severities of RFC 5424; with no facility in the prefix, `logger -p` decides it. */
const severities: Readonly<Record<Level, number>> = { error: 3, warn: 4, info: 6, debug: 7 };

/** What a syslog sink is built with. */
export interface SyslogOptions {
  readonly tag: string;
  /** A name `logger -p` knows: `daemon`, `local0`. */
  readonly facility: string;
  /** The program and leading arguments instead of `logger`. */
  readonly program?: readonly [string, ...string[]];
}

/** A sink for lines. */
export interface Syslog {
  /** Hands one line over. Never blocks, never throws; drops it when syslog cannot keep up. */
  write(level: Level, line: string): void;
  /** Lines dropped so far. */
  dropped(): number;
  /** Takes no more lines; resolves when `logger` has read the rest and ended, or after `deadlineMs`. Never rejects. */
  stop(deadlineMs: number): Promise<void>;
}

type Logger = ReturnType<typeof startLogger>;

/**
 * Feeds syslog through one long-lived `logger` (bsdutils), which knows every way a host takes syslog. It is started
 * with the first line, started again when it dies (what it had not read yet is lost), and given up after five deaths in a
 * row, as on a host without syslog; `note` says so once.
 */
export function createSyslog(
  options: SyslogOptions,
  ports: { readonly clock: Clock; note(level: Level, place: string, detail: string): void },
): Syslog {
  return new SyslogSink(options, ports);
}

class SyslogSink implements Syslog {
  readonly #options: SyslogOptions;
  readonly #clock: Clock;
  readonly #note: (detail: string) => void;
  readonly #waiting: string[] = [];
  #logger: Logger | undefined;
  #state: 'idle' | 'running' | 'restarting' | 'givenUp' | 'stopped' = 'idle';
  #dropped = 0;
  #deaths = 0;
  #cancelRestart = () => {};
  #onEnd = () => {};

  constructor(
    options: SyslogOptions,
    ports: { readonly clock: Clock; note(level: Level, place: string, detail: string): void },
  ) {
    this.#options = options;
    this.#clock = ports.clock;
    this.#note = (detail) => ports.note('warn', 'syslog', detail);
  }

  write(level: Level, line: string): void {
    const isOpen = this.#state !== 'givenUp' && this.#state !== 'stopped';
    if (!isOpen || this.#waiting.length >= waitingMax) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(`<${severities[level]}>${line.replace(/[\r\n]+/g, ' ')}\n`);
    if (this.#state === 'idle') this.#start();
    this.#pump();
  }

  dropped(): number {
    return this.#dropped;
  }

  stop(deadlineMs: number): Promise<void> {
    const logger = this.#logger;
    this.#cancelRestart();
    this.#state = 'stopped';
    if (logger === undefined) {
      this.#dropped += this.#waiting.splice(0).length;
      return Promise.resolve();
    }
    for (const line of this.#waiting.splice(0)) logger.stdin.write(line);
    logger.stdin.end();
    return new Promise((resolve) => {
      const cancel = this.#clock.setTimer(deadlineMs, () => {
        logger.kill('SIGKILL');
        resolve();
      });
      this.#onEnd = () => {
        cancel();
        resolve();
      };
    });
  }

  #start(): void {
    this.#state = 'running';
    const startedMs = this.#clock.nowMs();
    const logger = startLogger(this.#options);
    this.#logger = logger;
    logger.stdin.on('drain', () => this.#pump());
    // EPIPE only says what the end of the process says anyway.
    logger.stdin.on('error', () => undefined);
    void logger.then((result) => {
      this.#logger = undefined;
      if (this.#clock.nowMs() - startedMs >= provenMs) this.#deaths = 0;
      this.#onEnd();
      if (this.#state === 'running') this.#restart(result.shortMessage ?? 'logger ended');
    });
  }

  #restart(detail: string): void {
    this.#deaths += 1;
    if (this.#deaths >= deathsMax) {
      this.#state = 'givenUp';
      this.#dropped += this.#waiting.splice(0).length;
      this.#note(`logger ended ${deathsMax} times, syslog is given up: ${detail}`);
      return;
    }
    this.#state = 'restarting';
    this.#cancelRestart = this.#clock.setTimer(restartDelayMs, () => {
      this.#start();
      this.#pump();
    });
  }

  #pump(): void {
    const stdin = this.#logger?.stdin;
    if (stdin === undefined || this.#state !== 'running') return;
    while (stdin.writable && stdin.writableLength < pipeBytesMax) {
      const line = this.#waiting.shift();
      if (line === undefined) return;
      stdin.write(line);
    }
  }
}

function startLogger(options: SyslogOptions) {
  const [file, ...args] = options.program ?? ['logger'];
  const { tag, facility } = options;
  return execa(file, [...args, '--prio-prefix', '-t', tag, '-p', `${facility}.info`], {
    // A ^C at the terminal must not take syslog away before the last lines are written.
    detached: true,
    stdin: 'pipe',
    stdout: 'ignore',
    stderr: 'ignore',
    buffer: false,
    reject: false,
  });
}
