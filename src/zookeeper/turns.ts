/**
 * Lets so many at a time go, the others in the order in which they came. It keeps no promise over a lost connection:
 * everything under way ends with that, so those who wait get their turn at once, and find it lost.
 */
export interface Turns {
  /** Calls `go` when its turn has come, at once if there is room; `done` gives the place to the next. */
  take(go: (done: () => void) => void): void;
}

/** @param most how many may be under way. */
export function createTurns(most: number): Turns {
  let waiting: ((done: () => void) => void)[] = [];
  let next = 0;
  let underWay = 0;

  function start(go: (done: () => void) => void): void {
    underWay += 1;
    let isDone = false;
    go(() => {
      if (isDone) return;
      isDone = true;
      underWay -= 1;
      startNext();
    });
  }

  function startNext(): void {
    const go = waiting[next];
    if (go === undefined) return;
    next += 1;
    // Not shifted one by one: that moves all others each time.
    if (next === waiting.length) {
      waiting = [];
      next = 0;
    }
    start(go);
  }

  return {
    take(go) {
      if (underWay < most) start(go);
      else waiting.push(go);
    },
  };
}
