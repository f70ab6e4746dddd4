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

  /** Nothing delays what goes either way. */
  get isFast(): boolean {
    return this.isOpen && this.slownessMs === 0;
  }

  /** Runs `act` after the time that a question and its answer take; returns what cancels it. */
  roundTrip(act: () => void): () => void {
    const askedMs = this.#arrivalMs('toServer', this.#scheduler.nowMs);
    return this.#scheduler.at(this.#arrivalMs('toClient', askedMs), act);
  }

  set(state: LinkState): void {
    this.#state = state;
    for (const direction of ['toServer', 'toClient'] as const) {
      if (!this.#passes(direction)) continue;
      const waiting = this.#waiting[direction];
      this.#waiting[direction] = [];
      // The sender's retransmission timer has to come round.
      const delayMs = this.#random.between(20, 900);
      const atMs = this.#scheduler.nowMs + delayMs;
      for (const deliver of waiting) this.#deliver(direction, atMs, deliver);
    }
  }

  send(direction: 'toServer' | 'toClient', deliver: () => void): void {
    if (!this.#passes(direction)) {
      this.#waiting[direction].push(deliver);
      return;
    }
    this.#deliver(direction, this.#arrivalMs(direction, this.#scheduler.nowMs), deliver);
  }

  /** When what is sent then arrives: not before what was sent earlier. */
  #arrivalMs(direction: 'toServer' | 'toClient', sentMs: number): number {
    const delayMs = this.#random.magnitude(0.1, 3) + this.slownessMs;
    return Math.max(this.#lastMs[direction], sentMs + delayMs);
  }

  #deliver(direction: 'toServer' | 'toClient', atMs: number, deliver: () => void): void {
    this.#lastMs[direction] = Math.max(this.#lastMs[direction], atMs);
    this.#scheduler.at(this.#lastMs[direction], () => {
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
