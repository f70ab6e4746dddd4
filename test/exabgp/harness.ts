import { PassThrough, Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { Speaker } from '../../src/agent/ports.ts';
import type { Event } from '../../src/core/event.ts';
import { nextHopSelf } from '../../src/core/route.ts';
import { isVip, parseVip, type Vip } from '../../src/core/vip.ts';
import type { SpeakerOptions } from '../../src/exabgp/ports.ts';
import { createSpeaker } from '../../src/exabgp/speaker.ts';
import { createFakeClock, type FakeClock } from '../helpers/fake-clock.ts';

/** A speaker on fake pipes and a fake clock. */
export interface Bench {
  readonly speaker: Speaker;
  readonly clock: FakeClock;
  readonly input: PassThrough;
  readonly output: Writable;
  /** Everything emitted so far, and forgotten by this call. */
  events(): Event[];
  /** Notes so far, as `level place: detail`. */
  readonly notes: string[];
  /** Lines written by the speaker so far, and forgotten by this call. */
  sent(): string[];
  /** ExaBGP writes these lines. */
  says(...lines: string[]): Promise<void>;
  /** Lets streams deliver, then time goes on. */
  passes(ms: number): Promise<void>;
  announce(command: number, vip?: string): void;
}

export interface BenchOptions extends Partial<SpeakerOptions> {
  readonly output?: Writable;
}

/** A parsed prefix, or a failing test. */
export function vip(text: string): Vip {
  const parsed = parseVip(text);
  if (!isVip(parsed)) throw new Error(`${text}: ${parsed}`);
  return parsed;
}

/** Builds a speaker that is not started yet. */
export function createBench({ output, ...options }: BenchOptions = {}): Bench {
  const clock = createFakeClock(10_000);
  const input = new PassThrough();
  let emitted: Event[] = [];
  let written = '';
  const notes: string[] = [];
  const sink =
    output ??
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        written += chunk.toString('latin1');
        done();
      },
    });
  // The adapter has the agent's shape without knowing the agent; here the compiler compares them.
  const speaker: Speaker = createSpeaker(
    { ackTimeoutMs: 2000, stallAfterMs: 5000, pollMs: 1000, acks: 'auto', ...options },
    {
      clock,
      emit: (event) => emitted.push(event),
      note: (level, place, detail) => notes.push(`${level} ${place}: ${detail}`),
      input,
      output: sink,
    },
  );
  return {
    speaker,
    clock,
    input,
    output: sink,
    notes,
    events() {
      const events = emitted;
      emitted = [];
      return events;
    },
    sent() {
      const lines = written.split('\n').slice(0, -1);
      written = '';
      return lines;
    },
    async says(...lines) {
      input.write(lines.map((line) => `${line}\n`).join(''));
      await turn();
    },
    async passes(ms) {
      await turn();
      clock.advance(ms);
      await turn();
    },
    announce(command, text = '192.0.2.1') {
      speaker.announce(command, vip(text), { nextHop: nextHopSelf });
    },
  };
}

/** A started bench whose ExaBGP has said that it is 4.2.21 with acks, and has listed one neighbor. */
export async function startedBench(options: BenchOptions = {}): Promise<Bench> {
  const bench = createBench(options);
  bench.speaker.start();
  await bench.says('exabgp 4.2.21', 'done');
  await bench.says(summaryHeader, summaryRow('10.66.0.2'), 'done');
  bench.events();
  bench.sent();
  bench.notes.length = 0;
  return bench;
}

/** 4.2.21's header of `show neighbor summary`. */
export const summaryHeader = 'Peer            AS        up/down state       |     #sent     #recvd';

/** 4.2.21's row of an established neighbor. */
export function summaryRow(neighbor: string): string {
  return `${neighbor.padEnd(15)} 65001     0:00:11 established           4          0`;
}
