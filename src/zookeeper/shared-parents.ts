import type { Complaints } from './complaints.ts';
import { ensurePersistent } from './parents.ts';
import type { Requests } from './requests.ts';

/**
 * Keeps the parents of maintenance nodes in being, so that one `create` in zkCli is enough for maintenance. The nodes
 * themselves are never made here. Services usually have one such parent together.
 */
export class SharedParents {
  #paths: ReadonlySet<string>;
  readonly #requests: Requests;
  readonly #complaints: Complaints;
  #missing: ReadonlySet<string> = new Set();

  constructor(paths: readonly string[], requests: Requests, complaints: Complaints) {
    this.#paths = new Set(paths);
    this.#requests = requests;
    this.#complaints = complaints;
  }

  /** From now on these; what is new is made by the next `retry`. */
  set(paths: readonly string[]): void {
    const added = paths.filter((path) => !this.#paths.has(path));
    this.#paths = new Set(paths);
    this.#missing = new Set([...this.#missing, ...added].filter((path) => this.#paths.has(path)));
  }

  /** A new connection. */
  restart(): void {
    this.#missing = new Set(this.#paths);
    this.retry();
  }

  /** Tries again to make those that could not be made. */
  retry(): void {
    const paths = this.#missing;
    this.#missing = new Set();
    for (const path of paths) this.#ensure(path);
  }

  #ensure(path: string): void {
    const retryLater = () => {
      this.#missing = new Set([...this.#missing, path]);
    };
    const complain = (refusal: string | undefined) =>
      this.#complaints.standing(
        `parent ${path}`,
        refusal === undefined
          ? []
          : [{ level: 'warn', place: path, detail: `cannot be created: ${refusal}` }],
      );
    this.#requests.exists(path, undefined, (there) => {
      if (!there.ok) return retryLater();
      if (there.value) return complain(undefined);
      ensurePersistent(this.#requests, path, 'operators', (made) => {
        if (made.ok) return complain(undefined);
        retryLater();
        if (made.problem === 'noAuth' || made.problem === 'other') complain(made.detail);
      });
    });
  }
}
