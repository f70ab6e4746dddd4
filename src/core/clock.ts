/**
 * Time as adapters see it. The core itself never holds a clock: it is told the time with each event.
 * The one implementation over real timers is in src/agent/clock.ts; tests and the simulation bring their own.
 */
export interface Clock {
  /** Monotonic milliseconds, counting machine suspend; never jumps with the wall clock. */
  nowMs(): number;
  /** Calls `fire` once after `delayMs`; the returned function cancels it, twice is harmless. */
  setTimer(delayMs: number, fire: () => void): () => void;
  /** Calls `act` once the present call stack is done, before any timer and in the order of the calls. */
  defer(act: () => void): void;
  /**
   * Wall-clock milliseconds since 1970, for people: log lines and znode data, and the end that they set to a drain. For
   * no other decision.
   */
  wallMs(): number;
}
