import { uptime } from 'node:os';
import type { Clock } from '../core/clock.ts';

/** How often the boot clock is compared with the monotonic one, which stops while the machine is suspended. */
const suspendCheckMs = 1_000;
/** The boot clock is read with a resolution of seconds at worst, so only a larger gap is a suspend. */
const suspendThresholdMs = 2_500;

/**
 * The real clock: `performance.now()` plus the time the machine was suspended, taken from the boot clock. Wall-clock
 * jumps (NTP, an operator's `date -s`) move neither.
 */
export function createClock(): Clock {
  let suspendedMs = 0;
  let offsetMs = uptime() * 1000 - performance.now();
  let nextCheckMs = 0;
  return {
    nowMs() {
      const monotonicMs = performance.now();
      if (monotonicMs >= nextCheckMs) {
        nextCheckMs = monotonicMs + suspendCheckMs;
        const gapMs = uptime() * 1000 - monotonicMs - offsetMs;
        if (gapMs > suspendThresholdMs) {
          suspendedMs += gapMs;
          offsetMs += gapMs;
        }
      }
      return monotonicMs + suspendedMs;
    },
    setTimer(delayMs, fire) {
      const timer = setTimeout(fire, Math.max(0, delayMs));
      return () => clearTimeout(timer);
    },
    defer: (act) => process.nextTick(act),
    wallMs: () => Date.now(),
  };
}
