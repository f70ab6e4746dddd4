import type { Clock } from '../core/clock.ts';
import type { Answer } from './answers.ts';
import type { Dialogue, Entry, Query } from './dialogue.ts';
import type { Neighbors } from './neighbors.ts';

/** Without acks a summary has no end mark: it ends when no further line came for this long. */
const summaryQuietMs = 100;

/** What the poller works with and asks for. */
export interface PollerPorts {
  readonly clock: Clock;
  readonly pollMs: number;
  readonly dialogue: Dialogue;
  readonly neighbors: Neighbors;
  /** Whether answers end with `done`. */
  hasAcks(): boolean;
  /** Sends one query. */
  send(query: Query): void;
  /** A query ended without a `done`. */
  ended(query: Entry): void;
  /** The neighbors are as fresh as they can be: just listed, or found not to be listable. */
  refreshed(): void;
}

/**
 * Asks again and again for the established neighbors, which proves life as well. A speaker that cannot list them is
 * asked for its version instead.
 */
export class Poller {
  readonly #ports: PollerPorts;
  #isStarted = false;
  #isDue = false;
  #canList: boolean | undefined;
  #cancelPoll: () => void = () => undefined;
  #cancelQuiet: () => void = () => undefined;

  constructor(ports: PollerPorts) {
    this.#ports = ports;
  }

  /** Whether the speaker lists its neighbors, as far as is known. */
  get canList(): boolean {
    return this.#canList !== false;
  }

  /** Polls now and from now on; twice is harmless. */
  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#tick();
  }

  stop(): void {
    this.#cancelPoll();
    this.#cancelQuiet();
  }

  /** Sends a poll that is due, but only while nothing is open: on 4.2 and 5 some queries overtake commands. */
  whenQuiet(): void {
    if (!this.#isDue || this.#ports.dialogue.size > 0) return;
    this.#isDue = false;
    this.probe();
  }

  /** Sends the query that this speaker is known, or hoped, to answer. */
  probe(): void {
    this.#ports.send(this.#canList === false ? 'version' : 'summary');
  }

  /** Makes sure that a summary is on its way; false when this speaker cannot list its neighbors. */
  refresh(): boolean {
    if (this.#canList === false) return false;
    if (this.#ports.dialogue.newestQuery()?.query !== 'summary') this.#ports.send('summary');
    return true;
  }

  /**
   * Whether the open query may be one that this speaker never answers: 3.4 says nothing to commands it does not know.
   * The version is asked then, which it does answer.
   */
  excuses(): boolean {
    const { dialogue, hasAcks, send } = this.#ports;
    const open = dialogue.newestQuery();
    if (hasAcks() || this.#canList !== undefined || open?.query !== 'summary') return false;
    send('version');
    return true;
  }

  /** A line of the summary came; false when none is open. */
  listSeen(answer: Extract<Answer, { kind: 'summaryHeader' | 'summaryRow' }>): boolean {
    const { clock, dialogue, neighbors, hasAcks } = this.#ports;
    // Even a late one shows that it can list.
    this.#canList = true;
    const place = dialogue.output('summary');
    if (place === 'stray') return false;
    if (place === 'first') neighbors.listBegins();
    if (answer.kind === 'summaryRow') neighbors.listed(answer.neighbor, answer.isEstablished);
    if (hasAcks()) return true;
    this.#cancelQuiet();
    this.#cancelQuiet = clock.setTimer(summaryQuietMs, () => this.#listQuiet());
    return true;
  }

  /** The summary was answered by `done`, or by `error`. */
  listAnswered(isDone: boolean): void {
    this.#cancelQuiet();
    if (isDone) this.#listEnds();
    else if (this.#canList === undefined) this.#cannotList();
  }

  /** The version was answered without acks. A summary still open was asked before: so it stays unanswered. */
  versionAnswered(): void {
    if (this.#canList !== undefined) return;
    if (this.#ports.dialogue.takeQuery('summary') !== undefined) this.#cannotList();
  }

  #tick(): void {
    this.#cancelPoll = this.#ports.clock.setTimer(this.#ports.pollMs, () => this.#tick());
    this.#isDue = true;
    this.whenQuiet();
  }

  #listQuiet(): void {
    const query = this.#ports.dialogue.takeQuery('summary');
    if (query === undefined) return;
    this.#listEnds();
    this.#ports.ended(query);
  }

  #listEnds(): void {
    this.#ports.neighbors.listEnds();
    this.#ports.refreshed();
  }

  #cannotList(): void {
    this.#canList = false;
    this.#ports.neighbors.listFailed();
    this.#ports.refreshed();
  }
}
