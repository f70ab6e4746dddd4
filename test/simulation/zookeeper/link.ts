import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';

/** What the network between one machine and one server does. */
export type LinkState = 'open' | 'black hole' | 'deaf' | 'mute';

/**
 * Both directions between one machine and one server. Messages of one direction keep their order; while a direction is
 * cut, they wait, as TCP sends them again, and arrive once it heals.
 */
export class Link {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  #state: LinkState = 'open';
  /** Extra delay of every message. */
  slownessMs = 0;
  readonly #lastMs = { toServer: 0, toClient: 0 };
  readonly #waiting: { toServer: (() => void)[]; toClient: (() => void)[] } = {
    toServer: [],
    toClient: [],
  };

  constructor(scheduler: Scheduler, random: Random) {
    this.#scheduler = scheduler;
    this.#random = random;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  set(state: LinkState): void {
    this.#state = state;
    for (const direction of ['toServer', 'toClient'] as const) {
      if (!this.#passes(direction)) continue;
      const waiting = this.#waiting[direction];
      this.#waiting[direction] = [];
      // The sender's retransmission timer has to come round.
      const delayMs = this.#random.between(20, 900);
      for (const deliver of waiting) this.#deliver(direction, delayMs, deliver);
    }
  }

  send(direction: 'toServer' | 'toClient', deliver: () => void): void {
    if (!this.#passes(direction)) {
      this.#waiting[direction].push(deliver);
      return;
    }
    this.#deliver(direction, this.#random.magnitude(0.1, 3) + this.slownessMs, deliver);
  }

  #deliver(direction: 'toServer' | 'toClient', delayMs: number, deliver: () => void): void {
    const atMs = Math.max(this.#lastMs[direction], this.#scheduler.nowMs + delayMs);
    this.#lastMs[direction] = atMs;
    this.#scheduler.at(atMs, () => {
      // Cut while it was under way.
      if (this.#passes(direction)) deliver();
      else this.#waiting[direction].push(deliver);
    });
  }

  #passes(direction: 'toServer' | 'toClient'): boolean {
    if (this.#state === 'open') return true;
    return this.#state === (direction === 'toServer' ? 'deaf' : 'mute');
  }
}
