import type { Event } from '../core/event.ts';
import type { Attributes, PathId } from '../core/route.ts';
import type { Vip } from '../core/vip.ts';
import { type Answer, apiVersionOf, parseAnswer } from './answers.ts';
import { Commands } from './commands.ts';
import { Dialogue, type Entry, type Query } from './dialogue.ts';
import { Encoder } from './encoder.ts';
import { Flushes } from './flushes.ts';
import { versionQuery } from './grammar.ts';
import { type Identified, Identity } from './identity.ts';
import { readLines } from './inlet.ts';
import { Introduction } from './introduction.ts';
import { createNeighbors, type Neighbors } from './neighbors.ts';
import { createNotices, type Notice, quoted } from './notices.ts';
import { Outlet } from './outlet.ts';
import { Poller } from './poller.ts';
import type { SpeakerOptions, SpeakerPorts } from './ports.ts';
import { repeat } from './repeat.ts';
import { Watchdog } from './watchdog.ts';

const stallAfterDefaultMs = 5_000;

const missedStateLines =
  'a neighbor came or went, and ExaBGP did not say so: with neighbor-changes in the api section of each neighbor it would say so at once';

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
  readonly #commands: Commands;
  readonly #outlet: Outlet;
  readonly #encoder: Encoder;
  readonly #introduction: Introduction;
  #cancelRefresh: () => void = () => undefined;
  #phase: 'new' | 'open' | 'stopped' | 'closed' = 'new';
  #errorDetail = '';

  constructor(options: SpeakerOptions, ports: SpeakerPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#notice = createNotices(() => ports.clock.nowMs(), ports.note);
    this.#encoder = new Encoder(options.guard);
    this.#neighbors = createNeighbors(
      (event) => this.#emit(event),
      () => this.#notice('neighbor-changes', 'warn', missedStateLines),
    );
    this.#outlet = new Outlet(ports.output);
    this.#commands = new Commands({
      clock: ports.clock,
      dialogue: this.#dialogue,
      outlet: this.#outlet,
      notice: this.#notice,
      ackTimeoutMs: options.ackTimeoutMs,
      hasAcks: () => this.#hasAcks,
      awaiting: () => this.#watchdog.watch(),
      answered: (command, outcome, detail) =>
        this.#emit({ kind: 'commandAnswered', command, outcome, detail }),
    });
    this.#identity = new Identity(ports.clock, options, (event) => this.#identified(event));
    this.#poller = new Poller({
      clock: ports.clock,
      pollMs: options.pollMs,
      dialogue: this.#dialogue,
      neighbors: this.#neighbors,
      hasAcks: () => this.#hasAcks,
      send: (query) => this.#query(query),
      ended: (query) => this.#ended(query),
      refreshed: () => {
        this.#flushes.refreshed();
        this.#introduction.say();
      },
    });
    this.#introduction = new Introduction(this.#identity, this.#poller, (detail) =>
      ports.note('info', 'exabgp', detail),
    );
    this.#flushes = new Flushes({
      refresh: () => this.#poller.refresh(),
      mayFlush: () => this.#neighbors.hasEstablished() || !this.#poller.canList,
      send: (command) => this.#flush(command),
      needless: (command, detail) => this.#commands.send(command, { kind: 'needless', detail }),
    });
    this.#watchdog = new Watchdog(this.#dialogue, {
      clock: ports.clock,
      ackTimeoutMs: options.ackTimeoutMs,
      stallAfterMs: options.stallAfterMs ?? stallAfterDefaultMs,
      unanswered: () => this.#identity.unanswered(),
      silent: () => this.#emit({ kind: 'speakerSilent' }),
      responsive: () => this.#emit({ kind: 'speakerResponsive' }),
      excuses: () => this.#poller.excuses(),
      probe: () => this.#poller.probe(),
      lost: (commands) => this.#commands.lost(commands),
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
    const { refreshMs } = this.#options;
    if (refreshMs === undefined) return;
    this.#cancelRefresh = repeat(this.#ports.clock, refreshMs, () =>
      this.#emit({ kind: 'resendDue', mustFlush: true }),
    );
  }

  announce(command: number, vip: Vip, attributes: Attributes): void {
    if (this.#phase !== 'open') return;
    const known = this.#neighbors.names();
    this.#commands.send(
      command,
      this.#encoder.announce(this.#identity.dialect, vip, attributes, known),
    );
  }

  withdraw(command: number, vip: Vip, pathId?: PathId): void {
    if (this.#phase !== 'open') return;
    this.#commands.send(command, this.#encoder.withdraw(this.#identity.dialect, vip, pathId));
  }

  flush(command: number): void {
    if (this.#phase === 'open') this.#flushes.ask(command);
  }

  /** Resolves when all lines written so far are with the kernel, or after `deadlineMs`. Nothing is written later. */
  stop(deadlineMs: number): Promise<void> {
    if (this.#phase !== 'closed') this.#phase = 'stopped';
    this.#stopTimers();
    return this.#outlet.drained(this.#ports.clock, deadlineMs);
  }

  #flush(command: number): boolean {
    const { flush } = this.#identity.dialect;
    if (flush !== undefined) this.#commands.send(command, { kind: 'lines', lines: [`${flush}\n`] });
    return flush !== undefined;
  }

  /** Before the speaker is identified, answers are expected. */
  get #hasAcks(): boolean {
    return this.#identity.reported?.acks ?? this.#options.acks !== 'off';
  }

  #query(query: Query): void {
    if (this.#phase !== 'open') return;
    this.#dialogue.query(query, this.#ports.clock.nowMs());
    this.#outlet.write(query === 'version' ? versionQuery : `${this.#identity.dialect.summary}\n`);
    this.#watchdog.watch();
  }

  #identified(event: Identified): void {
    if (!event.acks) {
      this.#dialogue.takeQuery('version');
      this.#commands.acksAreOff();
    }
    this.#emit(event);
    if (this.#identity.dialect.summary === undefined) this.#poller.lacksList();
    this.#poller.start();
    this.#watchdog.watch();
  }

  #receive(line: string): void {
    if (this.#phase === 'closed') return;
    const answer = parseAnswer(line);
    const apiVersion = apiVersionOf(line);
    if (apiVersion !== undefined) this.#identity.apiVersionSeen(apiVersion);
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
        if (answer.form === 'data') this.#poller.unreadableSeen();
        this.#notice(`unknown ${answer.form}`, 'warn', `ExaBGP sent ${quoted(line)}`);
        return;
      case 'errorDetail':
        this.#errorDetail = answer.detail;
        return;
      default:
        this.#watchdog.heard();
        this.#ports.heard?.();
        this.#take(answer);
        this.#goOn();
    }
  }

  #take(answer: Extract<Answer, { kind: 'done' | 'error' | 'version' | `summary${string}` }>) {
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
      if (word === 'done' && this.#commands.isNoneAssumed) this.#identity.ackSeen();
      this.#queryAnswered(entry, outcome === 'accepted');
    } else {
      this.#watchdog.commandAnswered();
      this.#commands.lineAnswered(entry, outcome, reason || word);
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

  #listSeen(answer: Extract<Answer, { kind: `summary${string}` }>): void {
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
    this.#cancelRefresh();
    this.#poller.stop();
    this.#watchdog.stop();
    this.#identity.stop();
  }
}
