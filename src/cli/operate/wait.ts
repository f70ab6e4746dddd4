import type { Clock } from '../../core/clock.ts';
import { buildFleetView } from '../../observe/build-fleet-view.ts';
import type { FleetAccess } from '../fleet/access.ts';
import { watchFleet } from '../fleet/read.ts';
import { type Goal, missing, untold } from './goal.ts';

/** What the end of a session gets; without it the server ends it. */
const closeMs = 500;

/** How a wait ended. */
export interface Awaited {
  /** None: the goal was reached. */
  readonly missing: readonly string[];
  readonly untold: readonly string[];
}

/**
 * Waits until the fleet has come to a goal. Resolves to what is missing at the end: nothing, or after `timeoutMs`
 * whatever was missing last; and to what ZooKeeper cannot tell.
 * @param tell is called with what is missing, whenever that changes.
 */
export function awaitGoal(
  access: FleetAccess,
  { service, goal }: { readonly service: string; readonly goal: Goal },
  ports: { readonly clock: Clock; tell(missing: readonly string[]): void },
  timeoutMs: number,
): Promise<Awaited> {
  let last: readonly string[] = ['ZooKeeper has not been read yet'];
  // As it was read last, while ZooKeeper is away.
  let read: readonly string[] = [];
  let doubts: readonly string[] = [];
  return new Promise((resolve) => {
    const finish = (left: readonly string[]) => {
      cancelDeadline();
      void reader.close(closeMs).then(() => resolve({ missing: left, untold: doubts }));
    };
    const learn = (left: readonly string[]) => {
      if (left.join() !== last.join()) ports.tell(left);
      last = left;
      if (left.length === 0) finish(left);
    };
    const reader = watchFleet(access, service, {
      read: (reading) => {
        const view = buildFleetView(reading).services.find((one) => one.service === service);
        // Nobody is there any more, and nothing is claimed.
        read = view === undefined ? [] : missing(goal, view);
        doubts = view === undefined ? [] : untold(goal, view);
        learn(read);
      },
      lost: (detail) => learn([`ZooKeeper: ${detail}`]),
    });
    const cancelDeadline = ports.clock.setTimer(timeoutMs, () =>
      finish([...new Set([...last, ...read])]),
    );
  });
}
