/** Virtual time: runs what is due, in order of time and then of asking. Nothing ever waits for a real clock. */
export interface Scheduler {
  /** Milliseconds since the world began. */
  readonly nowMs: number;
  /** Runs `act` at that time, or next if it has passed; the returned function cancels it. */
  at(atMs: number, act: () => void): () => void;
  after(delayMs: number, act: () => void): () => void;
  /** Lets time pass until then. */
  runUntil(untilMs: number): void;
  /** Makes the present `runUntil` return after what runs now, so that promises get their turn. */
  interrupt(): void;
  /** How many acts have run. */
  readonly count: number;
}

interface Entry {
  readonly atMs: number;
  readonly order: number;
  act: (() => void) | undefined;
}

export function createScheduler(): Scheduler {
  return new HeapScheduler();
}

class HeapScheduler implements Scheduler {
  nowMs = 0;
  count = 0;
  #order = 0;
  #isInterrupted = false;
  readonly #heap: Entry[] = [];

  at(atMs: number, act: () => void): () => void {
    this.#order += 1;
    const entry: Entry = { atMs: Math.max(atMs, this.nowMs), order: this.#order, act };
    this.#push(entry);
    return () => {
      entry.act = undefined;
    };
  }

  after(delayMs: number, act: () => void): () => void {
    return this.at(this.nowMs + delayMs, act);
  }

  interrupt(): void {
    this.#isInterrupted = true;
  }

  runUntil(untilMs: number): void {
    this.#isInterrupted = false;
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (first.atMs > untilMs) break;
      this.#pop();
      if (first.act === undefined) continue;
      this.nowMs = first.atMs;
      this.count += 1;
      first.act();
      if (this.#isInterrupted) return;
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(entry, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      const [left, right] = [heap[child], heap[child + 1]];
      if (left === undefined) break;
      let smaller = left;
      if (right !== undefined && isBefore(right, left)) {
        smaller = right;
        child += 1;
      }
      if (!isBefore(smaller, last)) break;
      heap[index] = smaller;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
