import type { Clock } from '../core/clock.ts';
import type { Answer, SummaryRow } from './answers.ts';
import type { Dialogue, Entry, Query } from './dialogue.ts';
import type { Neighbors } from './neighbors.ts';
import { repeat } from './repeat.ts';

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
  #isUnreadable = false;
  #cancelPoll: () => void = () => undefined;
  #cancelQuiet: () => void = () => undefined;

  constructor(ports: PollerPorts) {
    this.#ports = ports;
  }

  /** This speaker has no command that lists its neighbors. */
  lacksList(): void {
    if (this.#canList === undefined) this.#cannotList();
  }

  /** Whether the speaker lists its neighbors, as far as is known. */
  get canList(): boolean {
    return this.#canList !== false;
  }

  /** Polls now and from now on; twice is harmless. */
  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#cancelPoll = repeat(this.#ports.clock, this.#ports.pollMs, () => this.#tick());
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
  listSeen(answer: Extract<Answer, { kind: `summary${string}` }>): boolean {
    const { clock, dialogue, neighbors, hasAcks } = this.#ports;
    // Even a late one shows that it can list.
    this.#canList = true;
    const place = dialogue.output('summary');
    if (place === 'stray') return false;
    if (place === 'first') neighbors.listBegins();
    for (const { neighbor, isEstablished } of rowsOf(answer))
      neighbors.listed(neighbor, isEstablished);
    if (hasAcks()) return true;
    this.#cancelQuiet();
    this.#cancelQuiet = clock.setTimer(summaryQuietMs, () => this.#listQuiet());
    return true;
  }

  /** Something came that can only be the answer to the summary, in a form that nobody knows. */
  unreadableSeen(): void {
    this.#isUnreadable = this.#ports.dialogue.output('summary') !== 'stray';
  }

  /** The summary was answered by `done`, or by `error`. */
  listAnswered(isDone: boolean): void {
    this.#cancelQuiet();
    if (isDone && !this.#isUnreadable) this.#listEnds();
    else if (this.#canList === undefined) this.#cannotList();
  }

  /** The version was answered without acks. A summary still open was asked before: so it stays unanswered. */
  versionAnswered(): void {
    if (this.#canList !== undefined) return;
    if (this.#ports.dialogue.takeQuery('summary') !== undefined) this.#cannotList();
  }

  #tick(): void {
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

function rowsOf(answer: Extract<Answer, { kind: `summary${string}` }>): readonly SummaryRow[] {
  switch (answer.kind) {
    case 'summaryHeader':
      return [];
    case 'summaryRow':
      return [answer];
    case 'summaryList':
      return answer.rows;
  }
}
