import type { Clock } from '../core/clock.ts';
import { Contents } from './contents.ts';
import type { Watcher } from './library.ts';
import { ensurePersistent } from './parents.ts';
import type { Answer, Requests, Znode } from './requests.ts';

/**
 * Keeps the children of one znode, and the content of some of them, read. Watches only say "read again"; there is
 * one read in flight, and one more follows it when a watch fired meanwhile. Each name wanted in detail has a watch
 * on its data, so that what is known of it stands until that fires, and a list can be told the moment it is read.
 */
export interface ChildrenReader {
  /** A new connection: knows nothing, reads everything. */
  restart(): void;
  /** The connection is lost: what is in flight will not be answered. */
  stop(): void;
  /** Reads the list again. */
  refresh(): void;
  /** Reads the list and all content again. */
  rereadAll(): void;
  /** Reads again what could not be read. */
  retry(): void;
  /** A write of ours was answered: what was read before must not be told after it. */
  writeAnswered(): void;
  /** A child's content if it is known to be current. */
  current(name: string): Znode | undefined;
}

export interface ChildrenReaderOptions {
  readonly path: string;
  /** Who makes the children, and so may create the znode when it is missing; `nobody`: it is only read. */
  readonly users: 'us' | 'operators' | 'nobody';
  wants(name: string): boolean;
  read(reading: Reading): void;
  /** The list could not be read, and is tried again with the next `retry`, `rereadAll` or connection. */
  failed(detail: string): void;
}

/** The children as ZooKeeper has them. */
export interface Reading {
  readonly names: readonly string[];
  /** The wanted ones, less those that could not be read. */
  readonly contents: ReadonlyMap<string, Znode>;
  /** By name why a child could not be read; under the empty name why the parent could not be created. */
  readonly refusals: ReadonlyMap<string, string>;
}

export function createChildrenReader(
  options: ChildrenReaderOptions,
  requests: Requests,
  clock: Clock,
): ChildrenReader {
  return new Reader(options, requests, clock);
}

/**
 * A long list that has changed is not read before this long per name that was there, and no longer than that: of many
 * sessions that expire together all are told at once, instead of a few with each list.
 */
const pauseMsPerName = 0.25;
const pauseMaxMs = 50;
/** Shorter lists are read at once, so that small services wait for nothing. */
const pauseFromNames = 20;

class Reader implements ChildrenReader {
  readonly #options: ChildrenReaderOptions;
  readonly #requests: Requests;
  readonly #clock: Clock;
  readonly #contents: Contents;
  readonly #listWatcher: Watcher;
  #names: readonly string[] = [];
  #told: readonly string[] | undefined;
  #phase: 'stopped' | 'idle' | 'listing' | 'reading' = 'stopped';
  /** Tells answers to an abandoned read apart. */
  #run = 0;
  #isListStale = true;
  #pausedUntilMs = Number.NEGATIVE_INFINITY;
  #cancelPause = () => {};
  /** Something could not be read, or the parent not be created. */
  #isRefused = false;
  /** What is being read may be older than a write of ours that was answered since. */
  #isOutdated = false;
  /** A write of ours was answered since the last whole report. */
  #mustBeWhole = false;

  constructor(options: ChildrenReaderOptions, requests: Requests, clock: Clock) {
    this.#options = options;
    this.#requests = requests;
    this.#clock = clock;
    // Watchers run on the library's stack, and in order with answers only if both leave it the same way.
    this.#listWatcher = () => clock.defer(() => this.#listChanged());
    this.#contents = new Contents(
      (name) => options.wants(name),
      (act) => clock.defer(act),
      (isGone) => {
        // A deletion also fires the watch on the list, and reading what is gone would only delay that.
        if (!isGone) this.#next();
      },
    );
  }

  restart(): void {
    this.stop();
    this.#contents.clear();
    this.#told = undefined;
    this.#pausedUntilMs = Number.NEGATIVE_INFINITY;
    this.#phase = 'idle';
    this.refresh();
  }

  stop(): void {
    this.#run += 1;
    this.#phase = 'stopped';
    this.#cancelPause();
  }

  refresh(): void {
    this.#isListStale = true;
    this.#next();
  }

  rereadAll(): void {
    this.#contents.expire('all');
    this.refresh();
  }

  retry(): void {
    if (!this.#isRefused) return;
    this.#contents.expire('refused');
    this.refresh();
  }

  writeAnswered(): void {
    this.#mustBeWhole = true;
    if (this.#phase === 'reading') this.#isOutdated = true;
  }

  current(name: string): Znode | undefined {
    return this.#phase === 'stopped' ? undefined : this.#contents.current(name);
  }

  #next(): void {
    if (this.#phase !== 'idle') return;
    if (this.#isListStale) {
      this.#listInTime();
      return;
    }
    const stale = this.#contents.stale(this.#names);
    if (stale.length > 0) this.#readContents(stale);
  }

  #listChanged(): void {
    const count = this.#told?.length ?? 0;
    if (count >= pauseFromNames)
      this.#pausedUntilMs = this.#clock.nowMs() + Math.min(pauseMaxMs, count * pauseMsPerName);
    this.refresh();
  }

  #listInTime(): void {
    const pauseMs = this.#pausedUntilMs - this.#clock.nowMs();
    this.#cancelPause();
    if (pauseMs > 0) this.#cancelPause = this.#clock.setTimer(pauseMs, () => this.#next());
    else this.#list();
  }

  #list(): void {
    this.#run += 1;
    const run = this.#run;
    this.#phase = 'listing';
    this.#isListStale = false;
    this.#isRefused = false;
    this.#requests.getChildren(this.#options.path, this.#listWatcher, (answer) => {
      if (run === this.#run) this.#listed(answer);
    });
  }

  #listed(answer: Answer<readonly string[]>): void {
    if (!answer.ok) {
      this.#listFailed(answer);
      return;
    }
    this.#names = answer.value;
    const present = new Set(answer.value);
    this.#contents.keep(present);
    const hasLoss = this.#told?.some((name) => !present.has(name)) === true;
    const stale = this.#contents.stale(answer.value);
    if (stale.length === 0) {
      this.#tell();
      return;
    }
    // Somebody's node has gone while new ones came: the news that matters waits for nothing, the others follow.
    if (hasLoss && !this.#mustBeWhole)
      this.#report(answer.value.filter((name) => this.#contents.isKnown(name)));
    this.#readContents(stale);
  }

  #listFailed(answer: Answer<unknown> & { readonly ok: false }): void {
    if (answer.problem === 'noNode') {
      this.#create();
      return;
    }
    if (answer.problem === 'lost') {
      this.#again();
      return;
    }
    this.#phase = 'idle';
    if (answer.problem === 'notConnected') return;
    this.#isRefused = true;
    this.#options.failed(answer.detail);
  }

  /** The deadline has paced this; on a lost connection `stop` comes first or follows at once. */
  #again(): void {
    this.#phase = 'idle';
    this.refresh();
  }

  #create(): void {
    const run = this.#run;
    const { path, users } = this.#options;
    if (users === 'nobody') {
      this.#awaitCreation(undefined);
      return;
    }
    ensurePersistent(this.#requests, path, users, (answer) => {
      if (run !== this.#run) return;
      if (answer.ok || answer.problem === 'lost') return this.#again();
      this.#awaitCreation(answer.detail);
    });
  }

  /** We do not create it, or may not: then having no children is the truth until somebody else does. */
  #awaitCreation(refusal: string | undefined): void {
    const run = this.#run;
    this.#requests.exists(this.#options.path, this.#listWatcher, (answer) => {
      if (run !== this.#run) return;
      if (!answer.ok) {
        this.#phase = 'idle';
        this.#isRefused = true;
        return;
      }
      if (answer.value) return this.#again();
      this.#names = [];
      this.#tell(refusal === undefined ? undefined : new Map([['', refusal]]));
    });
  }

  #readContents(names: readonly string[]): void {
    const run = this.#run;
    this.#phase = 'reading';
    this.#isOutdated = false;
    let open = names.length;
    let isUnknown = false;
    for (const name of names) {
      const path = `${this.#options.path}/${name}`;
      this.#requests.getData(path, this.#contents.watcherOf(name), (answer) => {
        if (run !== this.#run) return;
        open -= 1;
        if (!this.#learn(name, answer)) isUnknown = true;
        if (open === 0) this.#contentsRead(isUnknown);
      });
    }
  }

  /** Whether the answer told what is known of that name now. */
  #learn(name: string, answer: Answer<Znode>): boolean {
    const learned = this.#contents.learn(name, answer);
    // Gone since the list was read; the watch on the list tells as well.
    if (learned === 'gone') this.#names = this.#names.filter((other) => other !== name);
    return learned !== 'unknown';
  }

  #contentsRead(isUnknown: boolean): void {
    if (isUnknown || this.#isOutdated) this.#again();
    else this.#tell();
  }

  #tell(refusals?: ReadonlyMap<string, string>): void {
    this.#phase = 'idle';
    this.#mustBeWhole = false;
    this.#report(this.#names, refusals);
    this.#next();
  }

  #report(names: readonly string[], refused?: ReadonlyMap<string, string>): void {
    this.#told = names;
    const { znodes: contents, refusals } = this.#contents.of(names);
    const reading = { names, contents, refusals: refused ?? refusals };
    this.#isRefused = reading.refusals.size > 0;
    this.#options.read(reading);
  }
}
