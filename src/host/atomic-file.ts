import { constants } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import type { Clock } from '../core/clock.ts';

/** A file that is replaced as a whole, readable and writable by us alone. */
export interface AtomicFile {
  /** Has `text` written soon; of several that wait only the last is. Never blocks, never throws. */
  write(text: () => string): void;
  /** Resolves when nothing is left to write, or to false after `deadlineMs`. Takes no more. Never rejects. */
  stop(deadlineMs: number): Promise<boolean>;
}

export interface AtomicFilePorts {
  readonly clock: Clock;
  /** A write failed, after one that did not. It is tried again with the next `write`. */
  failed(error: Error): void;
  /** A write succeeded after failed ones. */
  recovered(): void;
}

/** Only a complete file ever has that name: the text is on disk before it is renamed. One write is under way at most. */
export function createAtomicFile(path: string, ports: AtomicFilePorts): AtomicFile {
  let next: (() => string) | undefined;
  let writing: Promise<void> | undefined;
  let isFailing = false;
  let isStopped = false;

  async function writeOnce(text: () => string): Promise<void> {
    try {
      await replace(path, text());
      if (isFailing) ports.recovered();
      isFailing = false;
    } catch (error) {
      if (!isFailing) ports.failed(error instanceof Error ? error : new Error(String(error)));
      isFailing = true;
    }
  }

  async function writeAll(): Promise<void> {
    for (let text = next; text !== undefined; text = next) {
      next = undefined;
      await writeOnce(text);
    }
    writing = undefined;
  }

  return {
    write(text) {
      if (isStopped) return;
      next = text;
      writing ??= writeAll();
    },
    stop(deadlineMs) {
      isStopped = true;
      return new Promise((resolve) => {
        const cancel = ports.clock.setTimer(deadlineMs, () => resolve(false));
        void (writing ?? Promise.resolve()).then(() => {
          cancel();
          resolve(true);
        });
      });
    },
  };
}

async function replace(path: string, text: string): Promise<void> {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
  const temporary = `${path}.new`;
  const file = await open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
  try {
    // One that a killed life left behind keeps the mode it had.
    await file.chmod(0o600);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}
