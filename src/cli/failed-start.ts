import { fstatSync } from 'node:fs';
import { createClock } from '../agent/clock.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';

/** ExaBGP stops itself when a helper ends five times in 64 s. */
const holdMs = 15_000;

/**
 * Says why the agent cannot start, and ends the process. Under ExaBGP the end comes late, so that a mistake in our
 * configuration does not take down ExaBGP and everything else it announces; it comes at once when ExaBGP goes.
 */
export async function failStart(lines: readonly string[], code: ExitCode): Promise<never> {
  // With nobody left to read it, the reason is lost, but the hold is not.
  process.stderr.on('error', () => undefined);
  for (const line of lines) process.stderr.write(`${line}\n`);
  await holdUnderExabgp();
  process.exit(code);
}

/** Like {@link failStart}, for what nobody foresaw: a bug comes back at every start. */
export function failOfBug(error: unknown): Promise<never> {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return failStart([`bug: ${text}`], exitCodes.bug);
}

/** Waits before an end that ExaBGP would answer by starting us again at once; returns at once when ExaBGP goes. */
export async function holdUnderExabgp(): Promise<void> {
  if (isPipe(0) && isPipe(1)) await hold();
}

/** Whether a descriptor is a pipe or a socket, as it is under ExaBGP. */
export function isPipe(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return stat.isFIFO() || stat.isSocket();
  } catch {
    // A closed descriptor.
    return false;
  }
}

function hold(): Promise<void> {
  return new Promise((resolve) => {
    createClock().setTimer(holdMs, resolve);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
    process.stdin.once('end', resolve).once('error', () => resolve());
    // What ExaBGP says meanwhile is read, so that it never waits for us.
    process.stdin.resume();
  });
}
