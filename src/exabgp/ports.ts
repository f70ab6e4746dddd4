import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../core/clock.ts';
import type { Event } from '../core/event.ts';
import type { Level } from '../core/report.ts';
import type { AckMode } from './identity.ts';

/** How to talk to ExaBGP. */
export interface SpeakerOptions {
  /** Longest wait for an answer before the speaker counts as silent. */
  readonly ackTimeoutMs: number;
  /** How often neighbors are listed and life is probed. */
  readonly pollMs: number;
  /** `auto`: as found out from the answer to `system version`. */
  readonly acks: AckMode;
}

/** What the speaker needs from outside. */
export interface SpeakerPorts {
  readonly clock: Clock;
  emit(event: Event): void;
  note(level: Level, place: string, detail: string): void;
  /** Our stdin, from ExaBGP. */
  readonly input: Readable;
  /** Our stdout, to ExaBGP. */
  readonly output: Writable;
}
