import { setTimeout as sleep } from 'node:timers/promises';

export interface WaitOptions {
  /** Default 10 s. */
  readonly timeoutMs?: number;
  /** What is waited for, for the error. */
  readonly what: string;
  readonly everyMs?: number;
}

/**
 * Polls until the condition holds, and resolves to its value. `undefined`, `false` and a throw mean "not yet".
 * @throws Error naming what was waited for, with the condition's last error as its cause.
 */
export async function waitFor<Value>(
  condition: () => Value | Promise<Value>,
  options: WaitOptions,
): Promise<Exclude<Value, undefined | false>> {
  const { timeoutMs = 10_000, everyMs = 5 } = options;
  const startedMs = performance.now();
  let cause: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value !== undefined && value !== false) return value as Exclude<Value, undefined | false>;
    } catch (error) {
      cause = error;
    }
    if (performance.now() - startedMs > timeoutMs)
      throw new Error(`waited ${timeoutMs} ms in vain for ${options.what}`, { cause });
    await sleep(everyMs);
  }
}
