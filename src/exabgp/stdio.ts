import { PassThrough, type Readable, type Writable } from 'node:stream';

/**
 * This process's pipes from and to ExaBGP.
 * On Linux Node makes a pipe on fd 1 non-blocking: with it full, `write` returns at once and lines wait in memory
 * (measured on Node 20.20.2: 300 kB into a pipe nobody reads took 8 ms, timers ran on). Only a regular file would
 * be written synchronously, and ExaBGP never gives one.
 * @param isDeaf nothing is read: stdin is no pipe from ExaBGP.
 */
export function openStdio(isDeaf = false): {
  readonly input: Readable;
  readonly output: Writable;
} {
  return { input: isDeaf ? new PassThrough() : process.stdin, output: process.stdout };
}
