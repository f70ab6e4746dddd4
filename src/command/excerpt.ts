import type { Readable } from 'node:stream';

/** Bytes kept of one output; the rest is read and forgotten, so that a talkative command never stalls on its pipe. */
const keptBytes = 512;

/** The beginning of a stream's output. */
export interface Excerpt {
  /** First line that is not blank, as far as it was kept, in printable ASCII; empty when there is none. */
  firstLine(): string;
  /** Stops reading, also when a descendant still holds the other end open. */
  close(): void;
}

/** Reads a stream to its end and keeps only its beginning. */
export function createExcerpt(stream: Readable): Excerpt {
  const kept: Buffer[] = [];
  let keptLength = 0;
  stream.on('data', (chunk: Buffer) => {
    if (keptLength >= keptBytes) return;
    // A copy, because a slice would keep the whole chunk of 64 KiB alive.
    const part = Buffer.from(chunk.subarray(0, keptBytes - keptLength));
    kept.push(part);
    keptLength += part.length;
  });
  // A pipe that breaks (EIO) says nothing about the command: its exit code does.
  stream.on('error', () => undefined);
  return {
    firstLine() {
      const lines = Buffer.concat(kept)
        .toString('latin1')
        .split(/[\r\n]+/);
      return printable(lines.find((line) => line.trim() !== '') ?? '').trim();
    },
    close: () => void stream.destroy(),
  };
}

/** Replaces every character outside printable ASCII by `?`, so that a log line stays one line and cannot fool a terminal. */
export function printable(text: string): string {
  return text.replace(/\t/g, ' ').replace(/[^ -~]/g, '?');
}
