import type { Clock } from '../core/clock.ts';
import type { CommandAnswered } from '../core/event.ts';
import { AssumedAnswers } from './assumed.ts';
import type { CommandEntry, Dialogue } from './dialogue.ts';
import type { Encoded } from './encoder.ts';
import { type Notice, quoted } from './notices.ts';
import { maxWaitingLines, type Outlet } from './outlet.ts';

type Outcome = CommandAnswered['outcome'];

/** What commands depend on. */
export interface CommandPorts {
  readonly clock: Clock;
  readonly dialogue: Dialogue;
  readonly outlet: Outlet;
  readonly notice: Notice;
  readonly ackTimeoutMs: number;
  /** Whether commands are answered. */
  hasAcks(): boolean;
  /** Lines were written whose answers are awaited. */
  awaiting(): void;
  answered(command: number, outcome: Outcome, detail: string): void;
}

/** The commands that are under way: each is one line or, where a route is told in another way than before, a few. */
export class Commands {
  readonly #ports: CommandPorts;
  readonly #assumed: AssumedAnswers;
  /** Lines that are still to be answered, by command. */
  readonly #openLines = new Map<number, number>();

  constructor(ports: CommandPorts) {
    this.#ports = ports;
    this.#assumed = new AssumedAnswers(ports.clock, (command) =>
      ports.answered(command, 'accepted', 'acks are off'),
    );
  }

  /** Whether no command waits for the answer that is assumed for it. */
  get isNoneAssumed(): boolean {
    return this.#assumed.isEmpty;
  }

  /** Writes what the encoder made of a command, or answers at once where nothing is to be written. */
  send(command: number, encoded: Encoded): void {
    const { outlet, hasAcks, answered } = this.#ports;
    if (encoded.kind !== 'lines') {
      answered(command, encoded.kind === 'refused' ? 'refused' : 'accepted', encoded.detail);
    } else if (!outlet.hasRoom) {
      this.#overflow(command);
    } else if (hasAcks()) {
      this.#writeAwaiting(command, encoded.lines);
    } else {
      const text = encoded.lines.join('');
      this.#assumed.send(command, (written) => outlet.write(text, written));
    }
  }

  /** One line was answered. A command is accepted when all its lines are; the first other answer is its answer. */
  lineAnswered({ command, line }: CommandEntry, outcome: 'accepted' | 'refused', reason: string) {
    const sent = quoted(line.trimEnd());
    this.#settle(command, outcome, outcome === 'accepted' ? '' : `${reason}; sent ${sent}`);
  }

  /** These lines will not be answered any more. */
  lost(entries: readonly CommandEntry[]): void {
    const lines = entries.map(({ line }) => line.trimEnd()).join('; ');
    const detail = `ExaBGP never answered ${entries.length}: ${quoted(lines)}`;
    this.#ports.notice('lost', 'error', detail);
    for (const { command, line } of entries)
      this.#settle(command, 'lost', `never answered; sent ${quoted(line.trimEnd())}`);
  }

  /** No line will be answered: those that wait are left to time. */
  acksAreOff(): void {
    this.#ports.dialogue.takeCommands();
    for (const command of this.#openLines.keys())
      this.#assumed.send(command, (written) => written());
    this.#openLines.clear();
  }

  #writeAwaiting(command: number, lines: readonly string[]): void {
    const { clock, dialogue, outlet, awaiting } = this.#ports;
    this.#openLines.set(command, lines.length);
    for (const line of lines) dialogue.command(command, line, clock.nowMs());
    outlet.write(lines.join(''));
    awaiting();
  }

  #settle(command: number, outcome: Outcome, detail: string): void {
    const open = this.#openLines.get(command);
    if (open === undefined) return;
    if (outcome === 'accepted' && open > 1) {
      this.#openLines.set(command, open - 1);
      return;
    }
    this.#openLines.delete(command);
    this.#ports.answered(command, outcome, detail);
  }

  #overflow(command: number): void {
    const { clock, notice, ackTimeoutMs, answered } = this.#ports;
    const detail = `${maxWaitingLines} lines wait for ExaBGP to read; not sent`;
    notice('backlog', 'error', detail);
    // Not at once: who sends again at every loss would spin.
    clock.setTimer(ackTimeoutMs, () => answered(command, 'lost', detail));
  }
}
