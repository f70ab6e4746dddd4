import { nodeDeleted, type Watcher } from './library.ts';
import type { Answer, Znode } from './requests.ts';

/** What is known of the children of one znode whose content is wanted. */
export class Contents {
  readonly #wants: (name: string) => boolean;
  readonly #changed: (isGone: boolean) => void;
  readonly #defer: (act: () => void) => void;
  readonly #known = new Map<string, Content>();
  readonly #watchers = new Map<string, Watcher>();

  /** @param changed a watch on a child has fired. */
  constructor(
    wants: (name: string) => boolean,
    defer: (act: () => void) => void,
    changed: (isGone: boolean) => void,
  ) {
    this.#wants = wants;
    this.#defer = defer;
    this.#changed = changed;
  }

  /** Those of the names that must be read before they can be told. */
  stale(names: readonly string[]): readonly string[] {
    return names.filter((name) => this.#wants(name) && this.#known.get(name)?.isCurrent !== true);
  }

  /** Whether there is something to tell of it, current or not. */
  isKnown(name: string): boolean {
    return !this.#wants(name) || this.#known.has(name);
  }

  /** A child's content if it is known to be current. */
  current(name: string): Znode | undefined {
    const content = this.#known.get(name);
    return content?.isCurrent === true ? content.znode : undefined;
  }

  clear(): void {
    this.#known.clear();
  }

  /** Forgets all others. */
  keep(present: ReadonlySet<string>): void {
    for (const map of [this.#known, this.#watchers])
      for (const name of map.keys()) if (!present.has(name)) map.delete(name);
  }

  /** All must be read again; or only those that could not be. */
  expire(which: 'all' | 'refused'): void {
    for (const content of this.#known.values())
      if (which === 'all' || content.refusal !== undefined) content.isCurrent = false;
  }

  /** Takes the answer to a reading of one child. `gone`: it is no child any more; `unknown`: ask again. */
  learn(name: string, answer: Answer<Znode>): 'known' | 'gone' | 'unknown' {
    if (answer.ok) {
      this.#known.set(name, { znode: answer.value, refusal: undefined, isCurrent: true });
      return 'known';
    }
    if (answer.problem === 'noNode') {
      this.#known.delete(name);
      return 'gone';
    }
    if (answer.problem === 'lost' || answer.problem === 'notConnected') return 'unknown';
    this.#known.set(name, { znode: undefined, refusal: answer.detail, isCurrent: true });
    return 'known';
  }

  /** What is known of the names, as read, and why some could not be. */
  of(names: readonly string[]): {
    readonly znodes: ReadonlyMap<string, Znode>;
    readonly refusals: ReadonlyMap<string, string>;
  } {
    const znodes = new Map<string, Znode>();
    const refusals = new Map<string, string>();
    for (const name of names) {
      const content = this.#known.get(name);
      if (content?.znode !== undefined) znodes.set(name, content.znode);
      if (content?.refusal !== undefined) refusals.set(name, content.refusal);
    }
    return { znodes, refusals };
  }

  watcherOf(name: string): Watcher {
    const existing = this.#watchers.get(name);
    if (existing !== undefined) return existing;
    const watcher: Watcher = (event) =>
      this.#defer(() => {
        const content = this.#known.get(name);
        if (content !== undefined) content.isCurrent = false;
        this.#changed(event.type === nodeDeleted);
      });
    this.#watchers.set(name, watcher);
    return watcher;
  }
}

interface Content {
  readonly znode: Znode | undefined;
  /** Why it could not be read. */
  readonly refusal: string | undefined;
  isCurrent: boolean;
}
