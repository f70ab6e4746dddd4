import { Load } from '../load-client.ts';
import { type Stage, waitUntilRecovered, waitUntilSettled } from '../stage.ts';
import { nowMs } from '../wait.ts';
import type { Check } from './fault.ts';
import { requestsAnswered, untouchedBut } from './observe.ts';

/** What every planned move promises. */
export const lossless = '0 on every flow; no new request lost';

export interface PlannedMove {
  /** Makes the move and waits until it is over; its own checks come after the common ones. */
  readonly move: (stage: Stage) => Promise<readonly Check[]>;
  /** VIPs that are dark on purpose meanwhile. */
  readonly darkVips?: readonly string[];
}

/**
 * The shape of everything that is done on purpose: under 5 ms probes and a load of new HTTP requests, it may cost not one
 * probe, and no request but those under way at the instant of a move.
 */
export async function runPlannedMove(
  stage: Stage,
  planned: PlannedMove,
): Promise<readonly Check[]> {
  await waitUntilSettled(stage);
  const load = await Load.start(stage.run);
  try {
    const fromMs = nowMs();
    const checks = await planned.move(stage);
    await waitUntilRecovered(stage);
    const requests = await load.report(stage.routes, fromMs, planned.darkVips);
    const probes = await stage.prober.report(fromMs);
    return [
      untouchedBut('silence on every flow', probes, planned.darkVips ?? []),
      requestsAnswered(requests),
      ...checks,
    ];
  } finally {
    load.stop();
  }
}
