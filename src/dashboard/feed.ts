import type { ServerResponse } from 'node:http';
import type { Clock } from '../core/clock.ts';
import type { FleetView } from '../observe/fleet-view.ts';
import { differenceOf, type Parts, partsOf } from './parts.ts';
import { beatMs, eventNames, type SourceState } from './wire.ts';

/** What is known of the fleet now. */
export interface FleetState {
  readonly state: SourceState;
  /** Absent: nothing was read yet. */
  readonly view?: FleetView;
}

/** Changes that come closer together are told as one. */
const gapMs = 100;
/** In a large fleet a message may cost more than that: it may take a fifth of one core at most. */
const costFactor = 5;
/** Pages at once; more are refused, so that nobody can exhaust the server by opening them. */
export const subscribersMax = 200;
/** What may wait for one page. A slower one misses changes, and is told everything when it has caught up. */
const waitingBytesMax = 1024 * 1024;

/** Tells every page that listens how the fleet changes, by server-sent events. */
export class Feed {
  readonly #clock: Clock;
  readonly #build: string;
  readonly #subscribers = new Set<ServerResponse>();
  /** Those that have missed something. */
  readonly #behind = new Set<ServerResponse>();
  #latest: FleetState = { state: { isLive: false, detail: 'nothing was read yet' } };
  #told: { readonly parts: Parts; readonly state: SourceState };
  /** The message with everything, as long as nothing has changed since. */
  #whole: string | undefined;
  #cancelTimer: (() => void) | undefined;
  #cancelBeat: (() => void) | undefined;
  #nextMs = 0;

  /** @param build tells one version of the page from another. */
  constructor(clock: Clock, build: string) {
    this.#clock = clock;
    this.#build = build;
    this.#told = { parts: new Map(), state: this.#latest.state };
  }

  /** The newest view, for whoever asks for details of it. */
  get view(): FleetView | undefined {
    return this.#latest.view;
  }

  get subscriberCount(): number {
    return this.#subscribers.size;
  }

  /** What is known now; the newest alone is told. */
  update(latest: FleetState): void {
    this.#latest = latest;
    if (this.#cancelTimer !== undefined) return;
    const delayMs = Math.max(0, this.#nextMs - this.#clock.nowMs());
    this.#cancelTimer = this.#clock.setTimer(delayMs, () => this.#publish());
  }

  /** Begins to tell a page, with everything; ends when its connection does. */
  subscribe(response: ServerResponse): void {
    // Also what waits in the timer, so that a page never begins with what is known to be old.
    if (this.#cancelTimer !== undefined) this.#publish();
    this.#subscribers.add(response);
    response.on('close', () => {
      this.#subscribers.delete(response);
      this.#behind.delete(response);
      if (this.#subscribers.size === 0) this.#stopBeat();
    });
    response.on('drain', () => {
      if (this.#behind.delete(response)) response.write(this.#wholeMessage());
    });
    response.write(this.#wholeMessage());
    if (this.#cancelBeat === undefined) this.#startBeat();
  }

  /** Ends every page's connection. */
  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#stopBeat();
    for (const response of this.#subscribers) response.destroy();
  }

  #publish(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const startedMs = this.#clock.nowMs();
    const { view, state } = this.#latest;
    const parts = view === undefined ? this.#told.parts : partsOf(view);
    const { set, removed } = differenceOf(this.#told.parts, parts);
    const isStateNew = JSON.stringify(state) !== JSON.stringify(this.#told.state);
    this.#told = { parts, state };
    if (set.length > 0 || removed.length > 0 || isStateNew) {
      this.#whole = undefined;
      this.#send(this.#message(eventNames.change, set, removed));
    }
    const endedMs = this.#clock.nowMs();
    this.#nextMs = endedMs + Math.max(gapMs, (endedMs - startedMs) * costFactor);
  }

  #wholeMessage(): string {
    this.#whole ??= this.#message(
      eventNames.whole,
      differenceOf(new Map(), this.#told.parts).set,
      [],
    );
    return this.#whole;
  }

  /** Parts are JSON already, each on one line, as an event needs it. */
  #message(name: string, set: readonly string[], removed: readonly string[]): string {
    const build = name === eventNames.whole ? `"build":${JSON.stringify(this.#build)},` : '';
    const head = `${build}"serverMs":${this.#clock.wallMs()},"state":${JSON.stringify(this.#told.state)}`;
    return `event: ${name}\ndata: {${head},"set":[${set.join()}],"removed":[${removed.join()}]}\n\n`;
  }

  #send(message: string): void {
    for (const response of this.#subscribers) {
      if (this.#behind.has(response)) continue;
      if (response.writableLength > waitingBytesMax) this.#behind.add(response);
      else response.write(message);
    }
  }

  #startBeat(): void {
    this.#cancelBeat = this.#clock.setTimer(beatMs, () => {
      this.#send(`event: ${eventNames.beat}\ndata: {"serverMs":${this.#clock.wallMs()}}\n\n`);
      this.#startBeat();
    });
  }

  #stopBeat(): void {
    this.#cancelBeat?.();
    this.#cancelBeat = undefined;
  }
}
