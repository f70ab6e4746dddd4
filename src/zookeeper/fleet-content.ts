import { createExistenceReader } from './existence-reader.ts';
import type { FleetPorts, Refusal } from './fleet-part.ts';
import type { Watching } from './reading-schedule.ts';
import type { Znode } from './requests.ts';

/** One znode, which need not be in a folder that could be listed: whether it is there, and what is in it. */
export interface FleetContent extends Watching {
  /** Undefined: nothing is known on this connection yet. */
  reading(): ContentReading | undefined;
  refusals(): readonly Refusal[];
}

/** A znode that is there may not be readable. */
export type ContentReading =
  | { readonly isThere: false }
  | { readonly isThere: true; readonly znode: Znode | undefined };

/** Keeps a znode read that need not exist, and creates nothing. */
export function createFleetContent(
  path: string,
  { requests, clock, changed }: FleetPorts,
): FleetContent {
  let reading: ContentReading | undefined;
  let refusal: string | undefined;
  /** Tells the answer about an earlier state apart. */
  let turn = 0;
  const learn = (read: ContentReading, why?: string) => {
    reading = read;
    refusal = why;
    changed();
  };
  const readContent = () => {
    const mine = turn;
    requests.getData(path, undefined, (answer) => {
      if (mine !== turn) return;
      if (answer.ok) learn({ isThere: true, znode: answer.value });
      else if (answer.problem === 'noNode') learn({ isThere: false });
      else if (answer.problem === 'lost') existence.refresh();
      else if (answer.problem !== 'notConnected')
        learn({ isThere: true, znode: undefined }, answer.detail);
    });
  };
  const existence = createExistenceReader(
    {
      path,
      read(isPresent) {
        turn += 1;
        if (isPresent) readContent();
        else learn({ isThere: false });
      },
      failed: (detail) => learn({ isThere: false }, detail),
    },
    requests,
    clock,
  );
  return {
    restart() {
      turn += 1;
      reading = undefined;
      existence.restart();
    },
    stop() {
      turn += 1;
      existence.stop();
    },
    rereadAll: () => existence.refresh(),
    retry: () => existence.retry(),
    reading: () => reading,
    refusals: () => (refusal === undefined ? [] : [{ path, why: refusal }]),
  };
}
