import type { Event } from '../core/event.ts';
import type { Attributes, PathId } from '../core/route.ts';
import type { Vip } from '../core/vip.ts';
import { parseAnswer } from './answers.ts';
import { Commands } from './commands.ts';
import { type Dialect, dialectOf } from './dialect.ts';
import { Dialogue } from './dialogue.ts';
import { Encoder, type Manner } from './encoder.ts';
import { versionQuery } from './grammar.ts';
import { readLines } from './inlet.ts';
import { createNotices, type Notice, quoted } from './notices.ts';
import { Outlet } from './outlet.ts';
import type { SpeakerOptions, SpeakerPorts } from './ports.ts';
import { repeat } from './repeat.ts';

/**
 * Builds a speaker that writes what ExaBGP's healthcheck would: routes and nothing else. It waits for every answer as long
 * as that takes, and knows of no neighbor. Only a refused line makes it ask who is there, since that may speak another
 * dialect; the core sends the line again.
 */
export function createPlainSpeaker(
  options: SpeakerOptions & { readonly manner: Manner },
  ports: SpeakerPorts,
): PlainSpeaker {
  return new PlainSpeaker(options, ports);
}

class PlainSpeaker {
  readonly #options: SpeakerOptions;
  readonly #ports: SpeakerPorts;
  readonly #notice: Notice;
  readonly #dialogue = new Dialogue();
  readonly #outlet: Outlet;
  readonly #encoder: Encoder;
  readonly #commands: Commands;
  #dialect: Dialect = dialectOf(undefined);
  #hasAsked = false;
  #isOver = false;
  #errorDetail = '';
  #cancelRefresh: () => void = () => undefined;

  constructor(options: SpeakerOptions & { readonly manner: Manner }, ports: SpeakerPorts) {
    const { clock, note, output } = ports;
    this.#options = options;
    this.#ports = ports;
    this.#notice = createNotices(() => clock.nowMs(), note);
    this.#outlet = new Outlet(output);
    this.#encoder = new Encoder(options.guard, options.manner);
    this.#commands = new Commands({
      clock,
      dialogue: this.#dialogue,
      outlet: this.#outlet,
      notice: this.#notice,
      ackTimeoutMs: options.ackTimeoutMs,
      hasAcks: () => options.acks !== 'off',
      awaiting: () => undefined,
      answered: (command, outcome, detail) =>
        this.#emit({ kind: 'commandAnswered', command, outcome, detail }),
    });
  }

  start(): void {
    const { clock, input } = this.#ports;
    const { acks, refreshMs } = this.#options;
    this.#outlet.open((detail) => this.#close(detail));
    readLines(input, {
      line: (line) => this.#receive(line),
      overlong: () => this.#notice('overlong line', 'warn', 'an overlong line came, dropped'),
      ended: (detail) => this.#close(detail),
    });
    clock.defer(() => {
      this.#emit({ kind: 'speakerIdentified', version: undefined, acks: acks !== 'off' });
      this.#emit({ kind: 'neighborsListed', established: undefined });
    });
    if (refreshMs === undefined) return;
    this.#cancelRefresh = repeat(clock, refreshMs, () =>
      this.#emit({ kind: 'resendDue', mustFlush: false }),
    );
  }

  announce(command: number, vip: Vip, attributes: Attributes): void {
    if (!this.#isOver)
      this.#commands.send(command, this.#encoder.announce(this.#dialect, vip, attributes, []));
  }

  withdraw(command: number, vip: Vip, pathId?: PathId): void {
    if (!this.#isOver)
      this.#commands.send(command, this.#encoder.withdraw(this.#dialect, vip, pathId));
  }

  flush(command: number): void {
    const detail = "ExaBGP's healthcheck never flushes";
    if (!this.#isOver) this.#commands.send(command, { kind: 'needless', detail });
  }

  stop(deadlineMs: number): Promise<void> {
    this.#cancelRefresh();
    return this.#outlet.drained(this.#ports.clock, deadlineMs);
  }

  #receive(line: string): void {
    const answer = parseAnswer(line);
    switch (answer.kind) {
      case 'done':
        this.#ports.heard?.();
        this.#finish('accepted');
        return;
      case 'error':
        this.#ports.heard?.();
        this.#finish('refused');
        return;
      case 'errorDetail':
        this.#errorDetail = answer.detail;
        return;
      case 'version':
        this.#dialogue.output('version');
        this.#dialect = dialectOf(answer.version);
        return;
      case 'shutdown':
        this.#close('ExaBGP shuts down');
        return;
      default:
        // healthcheck takes any line for an answer; ours waits for one that is.
        this.#notice('unasked', 'debug', `ExaBGP sent ${quoted(line)}`);
    }
  }

  #finish(outcome: 'accepted' | 'refused'): void {
    const detail = this.#errorDetail || outcome;
    this.#errorDetail = '';
    const entry = outcome === 'accepted' ? this.#dialogue.done() : this.#dialogue.error();
    if (entry?.kind !== 'command') return;
    if (outcome === 'refused' && !this.#hasAsked) {
      this.#hasAsked = true;
      this.#dialogue.query('version', this.#ports.clock.nowMs());
      this.#outlet.write(versionQuery);
    }
    this.#commands.lineAnswered(entry, outcome, detail);
  }

  #emit(event: Event): void {
    if (!this.#isOver) this.#ports.emit(event);
  }

  #close(detail: string): void {
    if (this.#isOver) return;
    this.#emit({ kind: 'speakerClosed', detail });
    this.#isOver = true;
    this.#cancelRefresh();
    this.#outlet.close();
  }
}
