/** A command's line whose `done` or `error` is awaited. */
export interface CommandEntry {
  readonly kind: 'command';
  readonly command: number;
  readonly line: string;
  readonly sentMs: number;
  /** Grows with everything sent. */
  readonly order: number;
}

/** Questions: they change nothing, and print lines before their `done`. */
export type Query = 'version' | 'summary';

/** A question whose answer is awaited. */
export interface QueryEntry {
  readonly kind: 'query';
  readonly query: Query;
  readonly sentMs: number;
  readonly order: number;
  /** Its output has begun. */
  readonly hasOutput: boolean;
}

export type Entry = CommandEntry | QueryEntry;

/**
 * What was sent and is unanswered, oldest first. Answers carry no name, so they are matched by order, with two
 * corrections: a query's `done` follows its own output at once (on 4.2 and 5 `system version` overtakes commands that
 * are queued), and a bare `done` is never a query's, since every version prints a line first, if only a header.
 *
 * Limit: when ExaBGP swallows a line (4.2.21 does it to lines that our grammar cannot write), the next command's answer
 * is taken for it, until the last one is found lost.
 */
export class Dialogue {
  #entries: Entry[] = [];
  #order = 0;

  /** Notes a command as sent. */
  command(command: number, line: string, sentMs: number): void {
    this.#order += 1;
    this.#entries.push({ kind: 'command', command, line, sentMs, order: this.#order });
  }

  /** Notes a query as sent. */
  query(query: Query, sentMs: number): void {
    this.#order += 1;
    this.#entries.push({ kind: 'query', query, sentMs, order: this.#order, hasOutput: false });
  }

  /** A line of a query's output came: `first`, `more`, or `stray` when no such query is open. */
  output(query: Query): 'first' | 'more' | 'stray' {
    const index = this.#entries.findIndex((entry) => isQuery(entry, query));
    const entry = this.#entries[index];
    if (entry === undefined || entry.kind !== 'query') return 'stray';
    if (entry.hasOutput) return 'more';
    this.#entries[index] = { ...entry, hasOutput: true };
    return 'first';
  }

  /** Takes what a `done` answers; undefined when nothing that is open can be meant. */
  done(): Entry | undefined {
    const withOutput = this.#entries.findIndex(
      (entry) => entry.kind === 'query' && entry.hasOutput,
    );
    if (withOutput !== -1) return this.#take(withOutput);
    return this.#take(this.#entries.findIndex((entry) => entry.kind === 'command'));
  }

  /** Takes what an `error` answers: never a query that has begun to print. */
  error(): Entry | undefined {
    return this.#take(
      this.#entries.findIndex((entry) => entry.kind === 'command' || !entry.hasOutput),
    );
  }

  /** Takes the open query of this kind, answered or given up; undefined when there is none. */
  takeQuery(query: Query): Entry | undefined {
    return this.#take(this.#entries.findIndex((entry) => isQuery(entry, query)));
  }

  /** Takes all commands sent up to `order`. */
  takeCommands(order = Number.POSITIVE_INFINITY): CommandEntry[] {
    const isTaken = (entry: Entry): entry is CommandEntry =>
      entry.kind === 'command' && entry.order <= order;
    const taken = this.#entries.filter(isTaken);
    this.#entries = this.#entries.filter((entry) => !isTaken(entry));
    return taken;
  }

  /** The entry that has waited longest. */
  oldest(): Entry | undefined {
    return this.#entries[0];
  }

  /** The youngest open query. */
  newestQuery(): QueryEntry | undefined {
    return this.#entries.findLast((entry): entry is QueryEntry => entry.kind === 'query');
  }

  /** How many answers are awaited. */
  get size(): number {
    return this.#entries.length;
  }

  #take(index: number): Entry | undefined {
    return index === -1 ? undefined : this.#entries.splice(index, 1)[0];
  }
}

function isQuery(entry: Entry, query: Query): boolean {
  return entry.kind === 'query' && entry.query === query;
}
