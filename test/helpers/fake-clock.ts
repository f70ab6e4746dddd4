import type { Clock } from '../../src/core/clock.ts';

/** A clock that stands still until told otherwise. */
export interface FakeClock extends Clock {
  /** Goes on by `ms`, firing each timer that comes due, in time order, at its own time. */
  advance(ms: number): void;
  /** How many timers are set. */
  readonly timerCount: number;
}

interface Timer {
  readonly atMs: number;
  readonly fire: () => void;
}

/** Makes a clock for tests. Timers set by a firing timer fire in the same `advance` when they come due in it. */
export function createFakeClock(startMs = 0): FakeClock {
  let nowMs = startMs;
  // A set keeps the order of setting, which decides between timers of the same time.
  const timers = new Set<Timer>();

  const nextBy = (limitMs: number): Timer | undefined => {
    let next: Timer | undefined;
    for (const timer of timers)
      if (timer.atMs <= limitMs && (next === undefined || timer.atMs < next.atMs)) next = timer;
    return next;
  };

  return {
    nowMs: () => nowMs,
    wallMs: () => Date.UTC(2026, 0, 1) + nowMs,
    setTimer(delayMs, fire) {
      const timer = { atMs: nowMs + Math.max(0, delayMs), fire };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    defer: (act) => process.nextTick(act),
    advance(ms) {
      const untilMs = nowMs + ms;
      for (let timer = nextBy(untilMs); timer !== undefined; timer = nextBy(untilMs)) {
        timers.delete(timer);
        nowMs = timer.atMs;
        timer.fire();
      }
      nowMs = untilMs;
    },
    get timerCount() {
      return timers.size;
    },
  };
}
