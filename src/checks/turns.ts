/** Waits for a turn with a job, which calls `done` when it is finished; the returned function gives up a turn that has not come. */
export type TakeTurn = (job: (done: () => void) => void) => () => void;

/**
 * Lets at most `max` jobs go on at once; others wait in line. Looks at files and names take threads of the few that all of
 * this process shares, and a file on a dead mount never gives its thread back: others must be left for the rest.
 */
export function createTurns(max: number): TakeTurn {
  const line = new Set<(done: () => void) => void>();
  let busy = 0;
  const advance = () => {
    for (const job of line) {
      if (busy >= max) return;
      line.delete(job);
      busy += 1;
      let isDone = false;
      job(() => {
        if (isDone) return;
        isDone = true;
        busy -= 1;
        advance();
      });
    }
  };
  return (job) => {
    // A function of its own each time, so that one job may stand in line twice.
    const entry = (done: () => void) => job(done);
    line.add(entry);
    advance();
    return () => void line.delete(entry);
  };
}
