import type { Clock } from '../../src/core/clock.ts';
import type { Scheduler } from './scheduler.ts';

/** The machine's clocks as its processes see them. */
export interface MachineTime {
  /** How fast its monotonic clock runs: 1 is right. */
  readonly rate: number;
  /** What its wall clock is wrong by; jumps. */
  wallOffsetMs: number;
}

/**
 * One simulated process: everything that reaches its code goes through `run`. Paused, nothing does; when it goes on,
 * timers that came due meanwhile fire first, as in Node's event loop, and then what arrived from outside.
 */
export class SimulatedProcess {
  readonly clock: Clock;
  readonly #scheduler: Scheduler;
  #phase: 'running' | 'paused' | 'dead' = 'running';
  #isInside = false;
  readonly #deferred: (() => void)[] = [];
  #dueTimers: (() => void)[] = [];
  #arrived: (() => void)[] = [];

  constructor(scheduler: Scheduler, time: MachineTime) {
    this.#scheduler = scheduler;
    const { rate } = time;
    this.clock = {
      // Far from zero, since nothing may depend on it.
      nowMs: () => 1_000_000 + scheduler.nowMs * rate,
      wallMs: () => Date.UTC(2026, 0, 1) + scheduler.nowMs + time.wallOffsetMs,
      setTimer: (delayMs, fire) => this.#setTimer(Math.max(0, delayMs) / rate, fire),
      defer: (act) => {
        this.#deferred.push(act);
      },
    };
  }

  get isRunning(): boolean {
    return this.#phase === 'running';
  }

  get isDead(): boolean {
    return this.#phase === 'dead';
  }

  /** Something arrives from outside. */
  run(act: () => void): void {
    if (this.#phase === 'dead') return;
    if (this.#phase === 'paused') this.#arrived.push(act);
    else if (this.#isInside) throw new Error('a process was entered from within itself');
    else this.#enter(act);
  }

  pause(): void {
    if (this.#phase === 'running') this.#phase = 'paused';
  }

  resume(): void {
    if (this.#phase !== 'paused') return;
    this.#phase = 'running';
    for (const queue of ['timers', 'arrived'] as const) {
      const waiting = queue === 'timers' ? this.#dueTimers : this.#arrived;
      this.#dueTimers = queue === 'timers' ? [] : this.#dueTimers;
      this.#arrived = queue === 'arrived' ? [] : this.#arrived;
      for (const act of waiting) if (!this.isDead) this.#enter(act);
    }
  }

  kill(): void {
    this.#phase = 'dead';
    this.#deferred.length = 0;
    this.#dueTimers = [];
    this.#arrived = [];
  }

  #enter(act: () => void): void {
    this.#isInside = true;
    try {
      act();
      for (let next = this.#deferred.shift(); next !== undefined; next = this.#deferred.shift())
        next();
    } finally {
      this.#isInside = false;
    }
  }

  #setTimer(delayMs: number, fire: () => void): () => void {
    let isCancelled = false;
    const guarded = () => {
      if (!isCancelled) fire();
    };
    // Never early, not even by the last bit of a sum of fractions.
    const cancel = this.#scheduler.after(delayMs + 1e-6, () => {
      if (this.#phase === 'paused') this.#dueTimers.push(guarded);
      else if (this.#phase === 'running') this.#enter(guarded);
    });
    return () => {
      isCancelled = true;
      cancel();
    };
  }
}
