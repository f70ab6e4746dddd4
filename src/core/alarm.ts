/** Collects the moments at which a step must be run again though nothing happened. Lives for one step only. */
export interface Alarm {
  /** Asks to be woken at `atMs`; moments that have passed and undefined are ignored. */
  at(atMs: number | undefined): void;
  /** The earliest moment asked for. */
  earliestMs(): number | undefined;
}

/** An empty alarm for the step that runs at `nowMs`. */
export function createAlarm(nowMs: number): Alarm {
  let earliest: number | undefined;
  return {
    at(atMs) {
      if (atMs === undefined || atMs <= nowMs) return;
      earliest = earliest === undefined ? atMs : Math.min(earliest, atMs);
    },
    earliestMs: () => earliest,
  };
}
