import type { Clock } from '../core/clock.ts';

/** A command to a speaker that answers nothing counts as accepted this long after it was written. */
const acceptanceMs = 250;

/** Stands in for the answers of a speaker that gives none. */
export class AssumedAnswers {
  readonly #clock: Clock;
  readonly #accept: (command: number) => void;
  #open = 0;

  constructor(clock: Clock, accept: (command: number) => void) {
    this.#clock = clock;
    this.#accept = accept;
  }

  /** Sends a command by `write`, and accepts it some time after `write` says that it left. */
  send(command: number, write: (written: () => void) => void): void {
    this.#open += 1;
    write(() => {
      this.#clock.setTimer(acceptanceMs, () => {
        this.#open -= 1;
        this.#accept(command);
      });
    });
  }

  /** Whether every command so far has had its time. */
  get isEmpty(): boolean {
    return this.#open === 0;
  }
}
