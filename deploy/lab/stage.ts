import { type LoadBalancerName, vips } from './plan.ts';
import { Prober } from './prober.ts';
import { RouteMonitor } from './route-monitor.ts';
import type { Run } from './run.ts';
import { waitFor } from './wait.ts';
import { Znodes } from './znodes.ts';

/** A running lab together with everything that watches it. */
export interface Stage {
  readonly run: Run;
  readonly routes: RouteMonitor;
  readonly prober: Prober;
  readonly znodes: Znodes;
}

/** Starts watching a lab. */
export async function openStage(run: Run): Promise<Stage> {
  return {
    run,
    routes: RouteMonitor.start(run),
    znodes: new Znodes(run),
    prober: await Prober.start(run),
  };
}

/** Stops watching; the lab goes on. */
export function closeStage(stage: Stage): void {
  stage.routes.stop();
  stage.prober.stop();
  stage.znodes.stop();
}

/** Waits until every VIP is carried by its owner alone, claimed, and answered on every flow. */
export async function waitUntilSettled(stage: Stage, timeoutMs = 60_000): Promise<void> {
  await waitFor(() => isSettled(stage), {
    what: `the fabric to settle`,
    timeoutMs,
    pollMs: 50,
  }).catch((error: unknown) => {
    throw new Error(`not settled, routes: ${describeRoutes(stage)}`, { cause: error });
  });
}

/** Waits until a VIP is carried by others than its owner, and by its owner no more. */
export async function waitForTakeover(
  stage: Stage,
  owner: LoadBalancerName,
  timeoutMs = 30_000,
): Promise<void> {
  const isTakenOver = () =>
    vips
      .filter((vip) => vip.owner === owner)
      .every(({ address }) => {
        const carriers = stage.routes.carriers(address);
        return carriers.length > 0 && !carriers.includes(owner);
      });
  await waitFor(isTakenOver, { what: `a takeover from ${owner}`, timeoutMs });
}

/** The spine's routes in one line. */
export function describeRoutes(stage: Stage): string {
  return vips
    .map(({ address }) => `${address} -> ${stage.routes.carriers(address).join('+') || 'nobody'}`)
    .join(', ');
}

async function isSettled(stage: Stage): Promise<boolean> {
  const isOwnersOnly = vips.every(
    ({ address, owner }) => stage.routes.carriers(address).join() === owner,
  );
  return isOwnersOnly && stage.prober.isQuiet() && (await stage.znodes.isAllClaimed());
}
