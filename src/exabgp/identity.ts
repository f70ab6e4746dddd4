import type { Clock } from '../core/clock.ts';
import type { Event } from '../core/event.ts';
import { type Api, type Dialect, dialectOf, dialects } from './dialect.ts';

/** How long the `done` may come after the version line; both are written at once by a speaker that acks. */
const doneGraceMs = 500;

/** Whether commands are answered: found out, or said by the config. */
export type AckMode = 'auto' | 'on' | 'off';

export type Identified = Extract<Event, { kind: 'speakerIdentified' }>;

/**
 * Finds out the speaker's version and whether it acks, from its answer to `system version`.
 * `report` is called when that is known, or assumed because nothing came; again only when a late answer says otherwise.
 */
export class Identity {
  readonly #clock: Clock;
  readonly #mode: AckMode;
  readonly #api: Api;
  readonly #report: (identified: Identified) => void;
  #version: string | undefined;
  #apiVersion: string | undefined;
  #reported: Identified | undefined;
  #cancel: () => void = () => undefined;

  constructor(
    clock: Clock,
    options: { readonly acks: AckMode; readonly api?: Api },
    report: (identified: Identified) => void,
  ) {
    this.#clock = clock;
    this.#mode = options.acks;
    this.#api = options.api ?? 'auto';
    this.#report = report;
  }

  /** What was reported last; undefined as long as commands should wait. */
  get reported(): Identified | undefined {
    return this.#reported;
  }

  /**
   * How to speak to it: by the version that it says itself, or that its messages about events are written for. What this
   * is before anything is known makes no difference: only the query for the version is sent then.
   */
  get dialect(): Dialect {
    return this.#api === 'auto'
      ? dialectOf(this.#version ?? this.#apiVersion)
      : dialects[this.#api];
  }

  /** A message about an event says which version of the API it is written for. */
  apiVersionSeen(version: string): void {
    this.#apiVersion = version;
  }

  /** The version line came. */
  versionSeen(version: string): void {
    if (this.#reported?.version !== undefined) return;
    this.#version = version;
    if (this.#mode !== 'auto') this.#settle(this.#mode === 'on');
    // 3.4 never acks, and neither does `exabgp.api.ack=false`: then no `done` follows.
    else this.#cancel = this.#clock.setTimer(doneGraceMs, () => this.#settle(false));
  }

  /** The query was answered by `done`. */
  versionDone(): void {
    this.#cancel();
    if (this.#mode === 'auto' && this.#version !== undefined) this.#settle(true);
  }

  /** A query was answered by `done` though acks were thought to be off: that `done` was late. */
  ackSeen(): void {
    if (this.#mode === 'auto' && this.#reported?.acks === false) this.#settle(true);
  }

  /** Nothing came: the agent must go on, and waiting for acks is the safe assumption. */
  unanswered(): void {
    if (this.#reported === undefined) this.#settle(this.#mode !== 'off');
  }

  /** No timer fires any more. */
  stop(): void {
    this.#cancel();
  }

  #settle(acks: boolean): void {
    this.#cancel();
    const last = this.#reported;
    if (last !== undefined && last.version === this.#version && last.acks === acks) return;
    this.#reported = { kind: 'speakerIdentified', version: this.#version, acks };
    this.#report(this.#reported);
  }
}
