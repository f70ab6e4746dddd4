import type { Clock } from '../core/clock.ts';
import type { CommandEntry, Dialogue, Entry } from './dialogue.ts';

/**
 * A deadline is looked at again after this long: when this process itself was stopped, its timers fire before the
 * answers that wait in the pipe are read.
 */
const secondLookMs = 25;

/** What the watchdog says and asks for. */
export interface WatchdogPorts {
  readonly clock: Clock;
  readonly ackTimeoutMs: number;
  readonly stallAfterMs: number;
  /** Something is unanswered for the ack timeout: what became of it is unknown. */
  unanswered(): void;
  /** Nothing at all was answered for the stall time though something is open. */
  silent(): void;
  /** The first answer after that. */
  responsive(): void;
  /** Whether the silence has an innocent cause; another query was sent then. */
  excuses(): boolean;
  /** Sends one query. */
  probe(): void;
  /** ExaBGP is alive and will not answer these: they are out of the dialogue. */
  lost(commands: readonly CommandEntry[]): void;
}

/**
 * Tells a silent ExaBGP from one that swallowed a line.
 * What is unanswered for the ack timeout is unknown, and a query asks whether ExaBGP is there; only when nothing is
 * answered for the stall time is it silent. A stopped ExaBGP answers everything when it goes on, so nothing is given up
 * then. Only when a query is answered, another one an ack timeout later too, and no command in between, are the commands
 * older than the first query lost.
 */
export class Watchdog {
  readonly #dialogue: Dialogue;
  readonly #ports: WatchdogPorts;
  #cancel: () => void = () => undefined;
  #heardMs = Number.NEGATIVE_INFINITY;
  #isSilent = false;
  #isStopped = false;
  /** Commands up to this order were unanswered when a younger query was answered. */
  #suspects: { readonly order: number; readonly isConfirming: boolean } | undefined;

  constructor(dialogue: Dialogue, ports: WatchdogPorts) {
    this.#dialogue = dialogue;
    this.#ports = ports;
  }

  /** To be called after every change of the dialogue: sets the timer for what is open now. */
  watch(): void {
    this.#cancel();
    const oldest = this.#dialogue.oldest();
    const query = this.#dialogue.newestQuery();
    if (this.#isStopped || oldest === undefined) return;
    // While silent one query is open, and only an answer changes anything.
    if (this.#isSilent && query !== undefined) return;
    const { clock, ackTimeoutMs } = this.#ports;
    const nowMs = clock.nowMs();
    const doubtMs = this.#sinceMs(Math.max(oldest.sentMs, query?.sentMs ?? 0)) + ackTimeoutMs;
    const dueMs = doubtMs > nowMs || query === undefined ? doubtMs : this.#stalledMs(oldest);
    this.#cancel = clock.setTimer(Math.max(0, dueMs - nowMs), () => {
      this.#cancel = clock.setTimer(secondLookMs, () => this.#expired());
    });
  }

  /** An answer of any kind came; to be called before it is matched. */
  heard(): void {
    this.#heardMs = this.#ports.clock.nowMs();
    if (!this.#isSilent) return;
    this.#isSilent = false;
    this.#ports.responsive();
  }

  /** A command was answered, so ExaBGP works through its queue. */
  commandAnswered(): void {
    this.#suspects = undefined;
  }

  /** A query was answered. */
  queryAnswered(query: Entry): void {
    const suspects = this.#suspects;
    const oldest = this.#dialogue.oldest();
    if (suspects?.isConfirming === true) {
      this.#suspects = undefined;
      const lost = this.#dialogue.takeCommands(suspects.order);
      if (lost.length > 0) this.#ports.lost(lost);
    } else if (suspects === undefined && oldest !== undefined && oldest.order < query.order) {
      this.#suspects = { order: query.order, isConfirming: false };
    }
  }

  /** Nothing is concluded any more. */
  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  #expired(): void {
    const oldest = this.#dialogue.oldest();
    if (oldest === undefined) return;
    if (this.#suspects?.isConfirming === false) {
      this.#suspects = { order: this.#suspects.order, isConfirming: true };
      this.#ports.probe();
    } else if (this.#isSilent || this.#ports.clock.nowMs() >= this.#stalledMs(oldest)) {
      this.#suspects = undefined;
      if (!this.#isSilent) this.#ports.silent();
      this.#isSilent = true;
      this.#probeOnce();
    } else if (!this.#ports.excuses()) {
      this.#ports.unanswered();
      this.#probeOnce();
    }
    this.watch();
  }

  #probeOnce(): void {
    if (this.#dialogue.newestQuery() === undefined) this.#ports.probe();
  }

  #stalledMs(oldest: Entry): number {
    return this.#sinceMs(oldest.sentMs) + this.#ports.stallAfterMs;
  }

  #sinceMs(sentMs: number): number {
    return Math.max(sentMs, this.#heardMs);
  }
}
