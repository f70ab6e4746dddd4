import type { Writable } from 'node:stream';
import type { Clock } from '../core/clock.ts';

/** Most lines that may wait in this process; the core keeps a window, so more is a bug, not a load. */
export const maxWaitingLines = 1000;

/**
 * The way out: lines towards ExaBGP. A full pipe makes lines wait in memory and never blocks the process.
 */
export class Outlet {
  readonly #output: Writable;
  #waiting = 0;
  #isClosed = false;
  #onDrained: (() => void)[] = [];

  constructor(output: Writable) {
    this.#output = output;
  }

  /** Begins to watch the stream; `broken` may be called more than once. */
  open(broken: (detail: string) => void): void {
    // The listeners stay for ever: a late EPIPE without one would be an uncaught exception.
    this.#output.on('error', (error: NodeJS.ErrnoException) => broken(error.code ?? error.message));
    this.#output.on('close', () => broken('output closed'));
  }

  /** Whether one more line may wait. */
  get hasRoom(): boolean {
    return this.#waiting < maxWaitingLines;
  }

  /** Hands over one line; `written` is called when the kernel has it, never after a failure. */
  write(line: string, written?: () => void): void {
    if (this.#isClosed) return;
    this.#waiting += 1;
    this.#output.write(line, (error) => {
      this.#waiting -= 1;
      if (error === null || error === undefined) written?.();
      if (this.#waiting === 0) this.#release();
    });
  }

  /** Resolves once no line waits in this process, or the way is closed, or after `deadlineMs`. */
  drained(clock: Clock, deadlineMs: number): Promise<void> {
    if (this.#waiting === 0 || this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = clock.setTimer(deadlineMs, resolve);
      this.#onDrained.push(() => {
        cancel();
        resolve();
      });
    });
  }

  /** Nothing is written afterwards. The stream itself is not ours to end. */
  close(): void {
    this.#isClosed = true;
    this.#release();
  }

  #release(): void {
    const callbacks = this.#onDrained;
    this.#onDrained = [];
    for (const drained of callbacks) drained();
  }
}
