import type { Event } from '../core/event.ts';
import type { Attributes } from '../core/route.ts';
import type { Vip } from '../core/vip.ts';
import { type Answer, parseAnswer } from './answers.ts';
import { AssumedAnswers } from './assumed.ts';
import { type CommandEntry, Dialogue, type Entry, type Query } from './dialogue.ts';
import { Flushes } from './flushes.ts';
import { announceLine, flushLine, summaryQuery, versionQuery, withdrawLine } from './grammar.ts';
import { type Identified, Identity } from './identity.ts';
import { readLines } from './inlet.ts';
import { createNeighbors, type Neighbors } from './neighbors.ts';
import { createNotices, type Notice, quoted } from './notices.ts';
import { maxWaitingLines, Outlet } from './outlet.ts';
import { Poller } from './poller.ts';
import type { SpeakerOptions, SpeakerPorts } from './ports.ts';
import { Watchdog } from './watchdog.ts';

/** Builds the adapter to ExaBGP. Inert until `start`; shaped as the agent's `Speaker`. */
export function createSpeaker(options: SpeakerOptions, ports: SpeakerPorts): ExaBgpSpeaker {
  return new ExaBgpSpeaker(options, ports);
}

/**
 * ExaBGP as seen from its helper process: commands go out, answers and neighbor states come in.
 * After `speakerClosed` nothing is written and nothing is emitted; commands still open stay unanswered, since their
 * routes died with ExaBGP.
 */
export class ExaBgpSpeaker {
  readonly #options: SpeakerOptions;
  readonly #ports: SpeakerPorts;
  readonly #notice: Notice;
  readonly #dialogue = new Dialogue();
  readonly #watchdog: Watchdog;
  readonly #identity: Identity;
  readonly #neighbors: Neighbors;
  readonly #poller: Poller;
  readonly #flushes: Flushes;
  readonly #assumed: AssumedAnswers;
  readonly #outlet: Outlet;
  #phase: 'new' | 'open' | 'stopped' | 'closed' = 'new';
  #errorDetail = '';

  constructor(options: SpeakerOptions, ports: SpeakerPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#notice = createNotices(() => ports.clock.nowMs(), ports.note);
    this.#neighbors = createNeighbors((event) => this.#emit(event));
    this.#outlet = new Outlet(ports.output);
    this.#assumed = new AssumedAnswers(ports.clock, (command) =>
      this.#accept(command, 'acks are off'),
    );
    this.#identity = new Identity(ports.clock, options.acks, (event) => this.#identified(event));
    this.#poller = new Poller({
      clock: ports.clock,
      pollMs: options.pollMs,
      dialogue: this.#dialogue,
      neighbors: this.#neighbors,
      hasAcks: () => this.#hasAcks,
      send: (query) => this.#query(query),
      ended: (query) => this.#ended(query),
      refreshed: () => this.#flushes.refreshed(),
    });
    this.#flushes = new Flushes({
      refresh: () => this.#poller.refresh(),
      mayFlush: () => this.#neighbors.hasEstablished() || !this.#poller.canList,
      send: (command) => this.#command(command, flushLine),
      needless: (command) => this.#accept(command, 'no neighbor is established'),
    });
    this.#watchdog = new Watchdog(this.#dialogue, {
      clock: ports.clock,
      ackTimeoutMs: options.ackTimeoutMs,
      silent: () => this.#silent(),
      responsive: () => this.#emit({ kind: 'speakerResponsive' }),
      excuses: () => this.#poller.excuses(),
      probe: () => this.#poller.probe(),
      lost: (commands) => this.#lost(commands),
    });
  }

  /** Begins to read, for as long as ExaBGP writes, and asks for the version. */
  start(): void {
    if (this.#phase !== 'new') return;
    this.#phase = 'open';
    this.#outlet.open((detail) => this.#close(detail));
    readLines(this.#ports.input, {
      line: (line) => this.#receive(line),
      overlong: () =>
        this.#notice('overlong line', 'warn', 'ExaBGP sent an overlong line, dropped'),
      ended: (detail) => this.#close(detail),
    });
    this.#query('version');
  }

  announce(command: number, vip: Vip, attributes: Attributes): void {
    this.#command(command, announceLine(vip, attributes));
  }

  withdraw(command: number, vip: Vip): void {
    this.#command(command, withdrawLine(vip));
  }

  flush(command: number): void {
    if (this.#phase === 'open') this.#flushes.ask(command);
  }

  /** Resolves when all lines written so far are with the kernel, or after `deadlineMs`. Nothing is written later. */
  stop(deadlineMs: number): Promise<void> {
    if (this.#phase !== 'closed') this.#phase = 'stopped';
    this.#stopTimers();
    return new Promise((resolve) => {
      const cancel = this.#ports.clock.setTimer(deadlineMs, resolve);
      this.#outlet.whenDrained(() => {
        cancel();
        resolve();
      });
    });
  }

  #command(command: number, line: string): void {
    if (this.#phase !== 'open') return;
    if (!this.#outlet.hasRoom) {
      this.#overflow(command);
    } else if (this.#hasAcks) {
      this.#dialogue.command(command, line, this.#ports.clock.nowMs());
      this.#outlet.write(line);
      this.#watchdog.watch();
    } else {
      this.#assumed.send(command, (written) => this.#outlet.write(line, written));
    }
  }

  #accept(command: number, detail: string): void {
    this.#emit({ kind: 'commandAnswered', command, outcome: 'accepted', detail });
  }

  /** Before the speaker is identified, answers are expected. */
  get #hasAcks(): boolean {
    return this.#identity.reported?.acks ?? this.#options.acks !== 'off';
  }

  #query(query: Query): void {
    if (this.#phase !== 'open') return;
    this.#dialogue.query(query, this.#ports.clock.nowMs());
    this.#outlet.write(query === 'version' ? versionQuery : summaryQuery);
    this.#watchdog.watch();
  }

  #overflow(command: number): void {
    const detail = `${maxWaitingLines} lines wait for ExaBGP to read; not sent`;
    this.#notice('backlog', 'error', detail);
    // Not at once: who sends again at every loss would spin.
    this.#ports.clock.setTimer(this.#options.ackTimeoutMs, () =>
      this.#emit({ kind: 'commandAnswered', command, outcome: 'lost', detail }),
    );
  }

  #identified(event: Identified): void {
    if (!event.acks) {
      this.#dialogue.takeQuery('version');
      for (const { command } of this.#dialogue.takeCommands())
        this.#assumed.send(command, (written) => written());
    }
    if (Number.parseInt(event.version ?? '', 10) >= 6)
      this.#notice('version', 'warn', `ExaBGP ${event.version} needs exabgp.api.version=4`);
    this.#emit(event);
    this.#poller.start();
    this.#watchdog.watch();
  }

  #receive(line: string): void {
    if (this.#phase === 'closed') return;
    const answer = parseAnswer(line);
    switch (answer.kind) {
      case 'neighbor':
        this.#neighbors.changed(
          answer.neighbor,
          answer.isEstablished,
          answer.detail,
          answer.asNumbers,
        );
        return;
      case 'shutdown':
        this.#close('ExaBGP shuts down');
        return;
      case 'ignored':
        return;
      case 'unknown':
        this.#notice(`unknown ${answer.form}`, 'warn', `ExaBGP sent ${quoted(line)}`);
        return;
      case 'errorDetail':
        this.#errorDetail = answer.detail;
        return;
      default:
        this.#watchdog.heard();
        this.#answered(answer);
        this.#goOn();
    }
  }

  #answered(answer: Extract<Answer, { kind: 'done' | 'error' | 'version' | `summary${string}` }>) {
    switch (answer.kind) {
      case 'done':
        this.#finish(this.#dialogue.done(), 'accepted', 'done');
        return;
      case 'error':
        this.#finish(this.#dialogue.error(), 'refused', 'error');
        return;
      case 'version':
        this.#versionSeen(answer.version);
        return;
      default:
        this.#listSeen(answer);
    }
  }

  #finish(entry: Entry | undefined, outcome: 'accepted' | 'refused', word: string): void {
    const reason = this.#errorDetail;
    this.#errorDetail = '';
    if (entry === undefined) {
      this.#notice(`stray ${word}`, 'warn', `ExaBGP answered ${word}, but nothing was asked`);
    } else if (entry.kind === 'query') {
      // Only when no command's answer can be under way, which would be taken for a later command's.
      if (word === 'done' && this.#assumed.isEmpty) this.#identity.ackSeen();
      this.#queryAnswered(entry, outcome === 'accepted');
    } else {
      this.#watchdog.commandAnswered();
      const sent = quoted(entry.line.trimEnd());
      const detail = outcome === 'accepted' ? '' : `${reason || 'error'}; sent ${sent}`;
      this.#emit({ kind: 'commandAnswered', command: entry.command, outcome, detail });
    }
  }

  #queryAnswered(entry: Extract<Entry, { kind: 'query' }>, isDone: boolean): void {
    if (entry.query === 'version') this.#identity.versionDone();
    else this.#poller.listAnswered(isDone);
    this.#watchdog.queryAnswered(entry);
  }

  #versionSeen(version: string): void {
    if (this.#dialogue.output('version') === 'stray')
      this.#notice('stray version', 'warn', `ExaBGP said it is ${quoted(version)} unasked`);
    this.#identity.versionSeen(version);
    if (this.#hasAcks) return;
    const query = this.#dialogue.takeQuery('version');
    if (query === undefined) return;
    this.#poller.versionAnswered();
    this.#watchdog.queryAnswered(query);
  }

  #listSeen(answer: Extract<Answer, { kind: 'summaryHeader' | 'summaryRow' }>): void {
    if (this.#poller.listSeen(answer)) return;
    this.#notice('stray summary', 'warn', 'ExaBGP listed its neighbors unasked or very late');
  }

  /** A query ended by the clock instead of a `done`. */
  #ended(query: Entry): void {
    this.#watchdog.queryAnswered(query);
    this.#goOn();
  }

  #goOn(): void {
    this.#poller.whenQuiet();
    this.#watchdog.watch();
  }

  #silent(): void {
    this.#identity.unanswered();
    this.#emit({ kind: 'speakerSilent' });
  }

  #lost(commands: readonly CommandEntry[]): void {
    const lines = commands.map(({ line }) => line.trimEnd()).join('; ');
    this.#notice('lost', 'error', `ExaBGP never answered ${commands.length}: ${quoted(lines)}`);
    for (const { command, line } of commands) {
      const detail = `never answered; sent ${quoted(line.trimEnd())}`;
      this.#emit({ kind: 'commandAnswered', command, outcome: 'lost', detail });
    }
  }

  #emit(event: Event): void {
    if (this.#phase !== 'closed') this.#ports.emit(event);
  }

  #close(detail: string): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#stopTimers();
    this.#outlet.close();
    this.#ports.emit({ kind: 'speakerClosed', detail });
  }

  #stopTimers(): void {
    this.#poller.stop();
    this.#watchdog.stop();
    this.#identity.stop();
  }
}
