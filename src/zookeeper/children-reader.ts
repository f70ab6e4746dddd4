import type { Clock } from '../core/clock.ts';
import { nodeDeleted, type Watcher } from './library.ts';
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
  /** A write of ours was answered: what was read before must not be told after it. */
  writeAnswered(): void;
  /** A child's content if it is known to be current. */
  current(name: string): Znode | undefined;
}

export interface ChildrenReaderOptions {
  readonly path: string;
  wants(name: string): boolean;
  /** The children as ZooKeeper has them; `contents` holds the wanted ones, less those that may not be read. */
  read(names: readonly string[], contents: ReadonlyMap<string, Znode>): void;
  /** It failed, and is tried again with the next `rereadAll` or connection. */
  failed(path: string, answer: Answer<unknown> & { readonly ok: false }): void;
}

interface Content {
  znode: Znode | undefined;
  isCurrent: boolean;
}

export function createChildrenReader(
  options: ChildrenReaderOptions,
  requests: Requests,
  clock: Clock,
): ChildrenReader {
  return new Reader(options, requests, clock);
}

class Reader implements ChildrenReader {
  readonly #options: ChildrenReaderOptions;
  readonly #requests: Requests;
  readonly #clock: Clock;
  readonly #contents = new Map<string, Content>();
  readonly #watchers = new Map<string, Watcher>();
  readonly #listWatcher: Watcher;
  #names: readonly string[] = [];
  #told: readonly string[] | undefined;
  #phase: 'stopped' | 'idle' | 'listing' | 'reading' = 'stopped';
  /** Tells answers to an abandoned read apart. */
  #run = 0;
  #isListStale = true;
  /** What is being read may be older than a write of ours that was answered since. */
  #isOutdated = false;
  /** A write of ours was answered since the last whole report. */
  #mustBeWhole = false;

  constructor(options: ChildrenReaderOptions, requests: Requests, clock: Clock) {
    this.#options = options;
    this.#requests = requests;
    this.#clock = clock;
    // Watchers run on the library's stack, and in order with answers only if both leave it the same way.
    this.#listWatcher = () => clock.defer(() => this.refresh());
  }

  restart(): void {
    this.stop();
    this.#contents.clear();
    this.#told = undefined;
    this.#phase = 'idle';
    this.refresh();
  }

  stop(): void {
    this.#run += 1;
    this.#phase = 'stopped';
  }

  refresh(): void {
    this.#isListStale = true;
    this.#next();
  }

  rereadAll(): void {
    for (const content of this.#contents.values()) content.isCurrent = false;
    this.refresh();
  }

  writeAnswered(): void {
    this.#mustBeWhole = true;
    if (this.#phase === 'reading') this.#isOutdated = true;
  }

  current(name: string): Znode | undefined {
    const content = this.#contents.get(name);
    return content?.isCurrent === true && this.#phase !== 'stopped' ? content.znode : undefined;
  }

  #next(): void {
    if (this.#phase !== 'idle') return;
    if (this.#isListStale) {
      this.#list();
      return;
    }
    const stale = this.#staleNames();
    if (stale.length > 0) this.#readContents(stale);
  }

  #staleNames(): readonly string[] {
    return this.#names.filter(
      (name) => this.#options.wants(name) && this.#contents.get(name)?.isCurrent !== true,
    );
  }

  #list(): void {
    this.#run += 1;
    const run = this.#run;
    this.#phase = 'listing';
    this.#isListStale = false;
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
    for (const name of this.#contents.keys())
      if (!present.has(name)) {
        this.#contents.delete(name);
        this.#watchers.delete(name);
      }
    const stale = this.#staleNames();
    if (stale.length === 0) {
      this.#tell(answer.value);
      return;
    }
    // Somebody's node has gone while new ones came: the news that matters waits for nothing, the others follow.
    const hasLoss = this.#told?.some((name) => !present.has(name)) === true;
    if (hasLoss && !this.#mustBeWhole)
      this.#report(answer.value.filter((name) => this.#isKnown(name)));
    this.#readContents(stale);
  }

  #isKnown(name: string): boolean {
    return !this.#options.wants(name) || this.#contents.has(name);
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
    if (answer.problem !== 'notConnected') this.#options.failed(this.#options.path, answer);
  }

  /** The deadline has paced this; on a lost connection `stop` comes first or follows at once. */
  #again(): void {
    this.#phase = 'idle';
    this.refresh();
  }

  #create(): void {
    const run = this.#run;
    ensurePersistent(this.#requests, this.#options.path, (answer) => {
      if (run !== this.#run) return;
      if (answer.ok || answer.problem === 'lost') return this.#again();
      if (answer.problem !== 'notConnected') this.#options.failed(this.#options.path, answer);
      this.#awaitCreation();
    });
  }

  /** We may not create it: then having no children is the truth until somebody else does. */
  #awaitCreation(): void {
    const run = this.#run;
    this.#requests.exists(this.#options.path, this.#listWatcher, (answer) => {
      if (run !== this.#run) return;
      if (!answer.ok) {
        this.#phase = 'idle';
        return;
      }
      if (answer.value) return this.#again();
      this.#names = [];
      this.#tell([]);
    });
  }

  #readContents(names: readonly string[]): void {
    const run = this.#run;
    this.#phase = 'reading';
    this.#isOutdated = false;
    let open = names.length;
    let isLost = false;
    for (const name of names) {
      this.#requests.getData(`${this.#options.path}/${name}`, this.#watcherOf(name), (answer) => {
        if (run !== this.#run) return;
        open -= 1;
        if (!this.#learn(name, answer)) isLost = true;
        if (open === 0) this.#contentsRead(isLost);
      });
    }
  }

  /** Whether the answer told what we know of that name now. */
  #learn(name: string, answer: Answer<Znode>): boolean {
    if (answer.ok) {
      this.#contents.set(name, { znode: answer.value, isCurrent: true });
      return true;
    }
    if (answer.problem === 'noNode') {
      // Gone since the list was read; the watch on the list tells as well.
      this.#contents.delete(name);
      this.#names = this.#names.filter((other) => other !== name);
      return true;
    }
    if (answer.problem === 'lost' || answer.problem === 'notConnected') return false;
    this.#contents.set(name, { znode: undefined, isCurrent: true });
    this.#options.failed(`${this.#options.path}/${name}`, answer);
    return true;
  }

  #contentsRead(isLost: boolean): void {
    if (isLost || this.#isOutdated) {
      this.#again();
      return;
    }
    this.#tell(this.#names);
  }

  #tell(names: readonly string[]): void {
    this.#phase = 'idle';
    this.#mustBeWhole = false;
    this.#report(names);
    this.#next();
  }

  #report(names: readonly string[]): void {
    this.#told = names;
    const contents = new Map<string, Znode>();
    for (const name of names) {
      const znode = this.#contents.get(name)?.znode;
      if (znode !== undefined) contents.set(name, znode);
    }
    this.#options.read(names, contents);
  }

  #watcherOf(name: string): Watcher {
    const existing = this.#watchers.get(name);
    if (existing !== undefined) return existing;
    const watcher: Watcher = (event) =>
      this.#clock.defer(() => this.#changed(name, event.type === nodeDeleted));
    this.#watchers.set(name, watcher);
    return watcher;
  }

  #changed(name: string, isGone: boolean): void {
    const content = this.#contents.get(name);
    if (content !== undefined) content.isCurrent = false;
    // A deletion also fires the watch on the list, and reading what is gone would only delay that.
    if (!isGone) this.#next();
  }
}
