import { printable } from '../command/excerpt.ts';
import type { Clock } from '../core/clock.ts';

/** Longest detail of a verdict, in characters; src/core/event.ts promises it. */
const detailMax = 200;

/** What one run of a check came to. */
export interface Verdict {
  readonly passed: boolean;
  /** Why, in words: printable ASCII, at most 200 characters. */
  readonly detail: string;
  /** The disable file was there, so nothing was looked at. */
  readonly isDisabled?: true;
}

/** Who hears of a run. */
export interface RunListener {
  /** Once, never during the call that starts the run, and not after `kill`. */
  judged(verdict: Verdict): void;
  /** Once, when nothing of the run is left. */
  ended(): void;
}

/** A run that was started. */
export interface StartedRun {
  /** Ends it with all it holds; no verdict follows. Twice is harmless. */
  kill(): void;
}

/** Starts runs of one check. */
export type StartRun = (timeoutMs: number, on: RunListener) => StartedRun;

/** What a look has to say while it goes on. */
export interface Look {
  /** What it is waiting for, for the case that it waits too long. */
  waitsFor(what: string): void;
  /** Ends the look. Only the first call counts. */
  judge(passed: boolean, detail: string): void;
}

/** Begins a look at something, and returns how to let go of all that it holds; called when it was judged, or is not to be. */
export type BeginLook = (look: Look, timeoutMs: number) => () => void;

/** Runs that are looks of this process itself, each ended at its timeout at the latest. */
export function startLooks(begin: BeginLook, clock: Clock): StartRun {
  return (timeoutMs, on) => {
    let isOver = false;
    let awaited = '';
    let letGo = () => {};
    const end = () => {
      isOver = true;
      cancelTimeout();
      letGo();
      on.ended();
    };
    const judge = (passed: boolean, detail: string) => {
      if (isOver) return;
      end();
      on.judged({ passed, detail: printable(detail).slice(0, detailMax) });
    };
    const cancelTimeout = clock.setTimer(timeoutMs, () =>
      // A late timer may run before an answer that is already waiting to be heard: one turn of the event loop later that
      // has been heard, and counts.
      setImmediate(() => judge(false, `timed out after ${timeoutMs} ms${awaited}`)),
    );
    clock.defer(() => {
      if (isOver) return;
      const release = begin(
        {
          waitsFor(what) {
            awaited = `, waiting for ${what}`;
          },
          judge,
        },
        timeoutMs,
      );
      letGo = release;
      // Judged at once, when there was nothing to let go of yet.
      if (isOver) release();
    });
    return {
      kill() {
        if (!isOver) end();
      },
    };
  };
}

/** An error of a connection in words; when several addresses were tried, that of each. */
export function describeFailure(error: Error): string {
  if (error instanceof AggregateError) {
    return error.errors
      .map((each: unknown) => (each instanceof Error ? each.message : ''))
      .join(', ');
  }
  return error.message;
}
