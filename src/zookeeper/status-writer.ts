import type { Clock } from '../core/clock.ts';
import type { ServiceName } from '../core/settings.ts';
import type { Complaints } from './complaints.ts';
import { ensurePersistent } from './parents.ts';
import { type Answer, anyVersion, type Requests } from './requests.ts';

/** What a member keeps for people. `content` is equal for records that need not be written again. */
export interface StatusData {
  readonly data: Uint8Array;
  readonly content: string;
}

/** Who knows what is to be written. */
export interface StatusSource {
  /** The znode of a service's record, with the chroot. */
  pathOf(service: ServiceName): string;
  /** As of now; undefined: there is nothing to say of it, or it is not ours to say. */
  compose(service: ServiceName): StatusData | undefined;
  /** Hands over what an earlier life of this member left there; once for each service, before the first `compose`. */
  earlier(service: ServiceName, data: Uint8Array): void;
}

/** From a change to the write that tells of it, so that what changes together is written together, after the claims. */
const settleMs = 250;
/** Between two writes of one service. */
const everyMs = 1_000;
/** Between two services: 50 a second in all, however many there are. */
const paceMs = 20;
/** Writes under way at a time: a slow ensemble is not given more. */
const underWayMax = 4;
/** Records looked at in one turn; most turn out to say nothing new. */
const looksMax = 20;
/** After a refusal. */
const retryMs = 60_000;
/** Written at the very end at most. */
const lastMax = 50;

interface Entry {
  readonly path: string;
  hasReadEarlier: boolean;
  isUnderWay: boolean;
  /** Undefined: nothing of this life is there. */
  written: string | undefined;
  notBeforeMs: number;
  isRefused: boolean;
}

interface StatusWriterPorts {
  readonly clock: Clock;
  readonly requests: Requests;
  readonly complaints: Complaints;
}

/**
 * Writes persistent znodes that no decision reads: late, seldom, and only what has changed. What cannot be written is
 * told once for all of them, and disturbs nobody.
 */
export class StatusWriter {
  readonly #source: StatusSource;
  readonly #ports: StatusWriterPorts;
  readonly #entries = new Map<ServiceName, Entry>();
  /** In the order in which they changed. */
  readonly #changed = new Set<ServiceName>();
  #underWay = 0;
  #refusals = 0;
  #isConnected = false;
  #cancelTurn: (() => void) | undefined;

  constructor(source: StatusSource, ports: StatusWriterPorts) {
    this.#source = source;
    this.#ports = ports;
  }

  /** Something in a service's record may be another now. */
  changed(service: ServiceName): void {
    this.#changed.add(service);
    this.#turnIn(settleMs);
  }

  established(): void {
    this.#isConnected = true;
    this.#turnIn(settleMs);
  }

  interrupted(): void {
    this.#isConnected = false;
    this.#stopTurns();
  }

  /**
   * Sends what has changed without waiting for any answer, for the moment before the session is closed. The server takes
   * it before the closing, which is behind it on the same connection.
   */
  writeLast(): void {
    this.#stopTurns();
    let count = 0;
    for (const service of this.#changed) {
      const entry = this.#entries.get(service);
      if (entry?.written === undefined || count >= lastMax) continue;
      const next = this.#source.compose(service);
      if (next === undefined || next.content === entry.written) continue;
      count += 1;
      this.#ports.requests.setData(entry.path, Buffer.from(next.data), anyVersion, () => undefined);
    }
    this.#changed.clear();
    this.#isConnected = false;
  }

  #turnIn(delayMs: number): void {
    if (this.#cancelTurn !== undefined || !this.#isConnected || this.#changed.size === 0) return;
    this.#cancelTurn = this.#ports.clock.setTimer(delayMs, () => {
      this.#cancelTurn = undefined;
      this.#takeTurn();
    });
  }

  #stopTurns(): void {
    this.#cancelTurn?.();
    this.#cancelTurn = undefined;
  }

  #takeTurn(): void {
    const nowMs = this.#ports.clock.nowMs();
    let looks = 0;
    let nextMs = Infinity;
    for (const service of this.#changed) {
      if (this.#underWay >= underWayMax || looks >= looksMax) {
        nextMs = nowMs + paceMs;
        break;
      }
      const entry = this.#entryOf(service);
      if (entry.isUnderWay) continue;
      if (entry.notBeforeMs > nowMs) {
        nextMs = Math.min(nextMs, entry.notBeforeMs);
        continue;
      }
      looks += 1;
      this.#changed.delete(service);
      if (!this.#begin(service, entry)) continue;
      nextMs = nowMs + paceMs;
      break;
    }
    if (nextMs < Infinity) this.#turnIn(Math.max(paceMs, nextMs - nowMs));
  }

  /** False when nothing had to be asked of ZooKeeper. */
  #begin(service: ServiceName, entry: Entry): boolean {
    if (entry.hasReadEarlier) return this.#write(service, entry);
    this.#start(entry);
    this.#ports.requests.getData(entry.path, undefined, (answer) => {
      if (isLost(answer)) return this.#again(service, entry);
      entry.hasReadEarlier = true;
      if (answer.ok && answer.value.data !== undefined)
        this.#source.earlier(service, answer.value.data);
      this.#end(entry);
      this.#write(service, entry);
    });
    return true;
  }

  /** False when there is nothing new to say. */
  #write(service: ServiceName, entry: Entry): boolean {
    const next = this.#source.compose(service);
    if (next === undefined || next.content === entry.written) return false;
    this.#start(entry);
    this.#put(entry.path, Buffer.from(next.data), (answer) => {
      if (isLost(answer)) return this.#again(service, entry);
      entry.notBeforeMs = this.#ports.clock.nowMs() + (answer.ok ? everyMs : retryMs);
      if (answer.ok) entry.written = next.content;
      else this.#changed.add(service);
      this.#noteRefusal(entry, answer);
      this.#end(entry);
    });
    return true;
  }

  #put(path: string, data: Buffer, onAnswer: (answer: Answer<void>) => void): void {
    const { requests } = this.#ports;
    requests.setData(path, data, anyVersion, (answer) => {
      if (answer.ok || answer.problem !== 'noNode') return onAnswer(answer);
      ensurePersistent(requests, path, 'us', (made) =>
        made.ok ? requests.setData(path, data, anyVersion, onAnswer) : onAnswer(made),
      );
    });
  }

  /** The connection was lost: the next one brings it up again. */
  #again(service: ServiceName, entry: Entry): void {
    entry.notBeforeMs = this.#ports.clock.nowMs() + everyMs;
    this.#changed.add(service);
    this.#end(entry);
  }

  /** They are refused for one reason, mostly: a line for each would say it a thousand times. */
  #noteRefusal(entry: Entry, answer: Answer<void>): void {
    if (entry.isRefused === !answer.ok) return;
    entry.isRefused = !answer.ok;
    this.#refusals += answer.ok ? -1 : 1;
    if (answer.ok && this.#refusals > 0) return;
    if (!answer.ok && this.#refusals > 1) return;
    this.#ports.complaints.standing(
      'status',
      answer.ok
        ? []
        : [
            {
              level: 'warn',
              place: entry.path,
              detail: `cannot be written, so people do not see this member's status there; no decision depends on it: ${answer.detail}`,
            },
          ],
    );
  }

  #start(entry: Entry): void {
    entry.isUnderWay = true;
    this.#underWay += 1;
  }

  #end(entry: Entry): void {
    entry.isUnderWay = false;
    this.#underWay -= 1;
    this.#turnIn(paceMs);
  }

  #entryOf(service: ServiceName): Entry {
    const known = this.#entries.get(service);
    if (known !== undefined) return known;
    const entry: Entry = {
      path: this.#source.pathOf(service),
      hasReadEarlier: false,
      isUnderWay: false,
      written: undefined,
      notBeforeMs: Number.NEGATIVE_INFINITY,
      isRefused: false,
    };
    this.#entries.set(service, entry);
    return entry;
  }
}

function isLost(answer: Answer<unknown>): boolean {
  return !answer.ok && (answer.problem === 'lost' || answer.problem === 'notConnected');
}
