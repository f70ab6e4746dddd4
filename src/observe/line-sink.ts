import { closeSync, constants, fstatSync, openSync, write, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { Clock } from '../core/clock.ts';

/** Characters that may wait for a slow reader; more is dropped and counted. */
const waitingMax = 1024 * 1024;
/** How long a full pipe is left alone before it is tried again. */
const retryDelayMs = 100;

/** Where lines go. */
export interface LineSink {
  /** Takes one line with its newline. Never blocks, never throws. */
  write(line: string): void;
  /** Hands all that waits to the kernel, as far as it takes it without blocking; for the last moment before exit. */
  flush(): void;
}

/** What a line sink is built with. */
export interface LineSinkOptions {
  readonly fd: number;
  readonly clock: Clock;
  /** The line that tells how many were lost; written as soon as there is room again. */
  wordsForLost(count: number): string;
}

/**
 * Writes lines to a descriptor that may be slow, full or gone, without ever stopping the event loop.
 *
 * A pipe or terminal is opened anew without blocking, so that a write returns at once, and the flags of stderr, which we
 * share with ExaBGP, stay what they are. (Node itself makes a stderr that is a pipe or socket non-blocking as soon as
 * anything loads `node:assert`; nothing here relies on it.) A file is written by the thread pool. So is a socket, as a
 * systemd unit has, and whatever may not be opened anew; known limit: should such a descriptor block for ever,
 * `process.exit()` waits for it.
 */
export function createLineSink(options: LineSinkOptions): LineSink {
  return new DescriptorSink(options);
}

class DescriptorSink implements LineSink {
  readonly #options: LineSinkOptions;
  readonly #fd: number;
  readonly #isNonBlocking: boolean;
  readonly #lines: string[] = [];
  #linesLength = 0;
  /** What is being written: the rest of the lines that were taken together. */
  #rest: Buffer = Buffer.alloc(0);
  #lost = 0;
  #state: 'ready' | 'writing' | 'waiting' | 'broken' = 'ready';

  constructor(options: LineSinkOptions) {
    this.#options = options;
    const nonBlocking = openWithoutBlocking(options.fd);
    this.#isNonBlocking = nonBlocking !== undefined;
    this.#fd = nonBlocking ?? options.fd;
  }

  write(line: string): void {
    if (this.#state === 'broken') return;
    if (this.#linesLength + line.length > waitingMax) {
      this.#lost += 1;
      return;
    }
    this.#push(line);
    this.#pump();
  }

  flush(): void {
    if (this.#state === 'waiting') this.#state = 'ready';
    this.#pump();
    if (this.#state !== 'writing' || this.#lines.length === 0) return;
    // Behind a write that is under way. `process.exit()` lets both end, in their order.
    write(this.#fd, this.#lines.splice(0).join(''), () => undefined);
    this.#linesLength = 0;
  }

  #push(line: string): void {
    this.#lines.push(line);
    this.#linesLength += line.length;
  }

  #pump(): void {
    while (this.#state === 'ready' && this.#takeNext()) {
      if (this.#isNonBlocking) this.#writeNow();
      else this.#writeInBackground();
    }
  }

  /** Makes sure that there is something to write; false when all is written. */
  #takeNext(): boolean {
    if (this.#rest.length > 0) return true;
    if (this.#lines.length === 0 && this.#lost > 0) {
      const count = this.#lost;
      this.#lost = 0;
      this.#push(this.#options.wordsForLost(count));
    }
    this.#rest = Buffer.from(this.#lines.splice(0).join(''));
    this.#linesLength = 0;
    return this.#rest.length > 0;
  }

  #writeNow(): void {
    try {
      this.#rest = this.#rest.subarray(writeSync(this.#fd, this.#rest));
    } catch (error) {
      this.#onError(error);
    }
  }

  #writeInBackground(): void {
    this.#state = 'writing';
    write(this.#fd, this.#rest, (error, written) => {
      this.#state = 'ready';
      if (error === null) this.#rest = this.#rest.subarray(written);
      else this.#onError(error);
      this.#pump();
    });
  }

  #onError(error: unknown): void {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // The reader, or the terminal, is gone for good: nobody is there to be told.
    if (code === 'EPIPE' || code === 'EIO' || code === 'EBADF') {
      this.#state = 'broken';
      return;
    }
    // EAGAIN: full for now. Others, as ENOSPC, may pass too.
    this.#state = 'waiting';
    this.#options.clock.setTimer(retryDelayMs, () => {
      if (this.#state === 'waiting') this.#state = 'ready';
      this.#pump();
    });
  }
}

/** A second, non-blocking description of the same pipe or terminal; undefined when it is neither or may not be opened. */
function openWithoutBlocking(fd: number): number | undefined {
  try {
    if (!fstatSync(fd).isFIFO() && !isatty(fd)) return undefined;
    const flags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
    const opened = openSync(`/proc/self/fd/${fd}`, flags);
    if (fstatSync(opened).ino === fstatSync(fd).ino) return opened;
    closeSync(opened);
    return undefined;
  } catch {
    return undefined;
  }
}
