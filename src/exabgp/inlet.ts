import type { Readable } from 'node:stream';
import { createLineSplitter } from './lines.ts';

/** What comes in. */
export interface InletPorts {
  line(line: string): void;
  /** A line was too long and is dropped. */
  overlong(): void;
  /** ExaBGP closed its end, or reading failed; may be said more than once. */
  ended(detail: string): void;
}

/**
 * Reads lines from ExaBGP for as long as it writes. Reading never pauses, whether anybody cares or not: 4.2 and 5
 * freeze, the BGP sessions with them, once 64 KiB of answers are unread.
 */
export function readLines(input: Readable, ports: InletPorts): void {
  const splitter = createLineSplitter(() => ports.overlong());
  input.on('error', (error: NodeJS.ErrnoException) => ports.ended(error.code ?? error.message));
  input.on('end', () => ports.ended('end of input'));
  input.on('close', () => ports.ended('input closed'));
  input.on('data', (chunk: Buffer) => {
    for (const line of splitter.push(chunk)) ports.line(line);
  });
  // A stream that ended before we listened says nothing any more.
  if (input.readableEnded || input.destroyed) ports.ended('input already closed');
}
