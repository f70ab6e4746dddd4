import { setTimeout as sleep } from 'node:timers/promises';

export interface WaitOptions {
  /** What is waited for, as the end of "waited for ...". */
  readonly what: string;
  readonly timeoutMs: number;
  readonly pollMs?: number;
}

/**
 * Waits until `probe` gives something other than undefined or false, and returns it. Conditions, never fixed sleeps:
 * the machine is shared, so any guess at a duration is wrong at times.
 */
export async function waitFor<T>(
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  options: WaitOptions,
): Promise<T> {
  const endMs = performance.now() + options.timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > endMs) {
      throw new Error(`waited ${options.timeoutMs} ms in vain for ${options.what}`);
    }
    await sleep(options.pollMs ?? 20);
  }
}

/** Lets a duration that is part of a fault ("20 s without ZooKeeper") pass. */
export async function pass(durationMs: number): Promise<void> {
  await sleep(durationMs);
}

/** Wall-clock time with fractions of a millisecond, comparable between the lab's processes. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
