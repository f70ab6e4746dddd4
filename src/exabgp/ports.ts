import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../core/clock.ts';
import type { Event } from '../core/event.ts';
import type { Level } from '../core/report.ts';
import type { Api } from './dialect.ts';
import type { Guard } from './encoder.ts';
import type { AckMode } from './identity.ts';

/** How to talk to ExaBGP. */
export interface SpeakerOptions {
  /** Without an answer for so long, another question is asked; what became of the command is unknown until then. */
  readonly ackTimeoutMs: number;
  /** Without any answer for so long, the speaker counts as silent; at least the ack timeout. Default: 5 s. */
  readonly stallAfterMs?: number;
  /** How often neighbors are listed and life is probed. */
  readonly pollMs: number;
  /** `auto`: as found out from the answer to `system version`. */
  readonly acks: AckMode;
  /** `auto`, the default: as the speaker says of itself. */
  readonly api?: Api;
  /** What may be announced now; by default anything. */
  readonly guard?: () => Guard;
  /** How often all routes are sent again; undefined: never by time alone. */
  readonly refreshMs?: number | undefined;
}

/** What the speaker needs from outside. */
export interface SpeakerPorts {
  readonly clock: Clock;
  emit(event: Event): void;
  note(level: Level, place: string, detail: string): void;
  /** ExaBGP has answered anything, for those who watch over it. */
  heard?(): void;
  /** Our stdin, from ExaBGP. */
  readonly input: Readable;
  /** Our stdout, to ExaBGP. */
  readonly output: Writable;
}
