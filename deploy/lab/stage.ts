import { readFileSync } from 'node:fs';
import { readSpinePaths } from './bird.ts';
import { agentLogFile } from './exabgp.ts';
import { findDaemon } from './namespaces.ts';
import {
  type LoadBalancerName,
  loadBalancers,
  othersThan,
  settleMs,
  vips,
  vipsOf,
} from './plan.ts';
import { Prober } from './prober.ts';
import { RouteMonitor } from './route-monitor.ts';
import type { Run } from './run.ts';
import { nowMs, waitFor } from './wait.ts';
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
export async function waitUntilRecovered(stage: Stage, timeoutMs = 60_000): Promise<void> {
  await waitFor(() => isRecovered(stage), {
    what: 'every VIP to be carried by its owner alone',
    timeoutMs,
    pollMs: 50,
  }).catch((error: unknown) => {
    throw new Error(`routes: ${describeRoutes(stage)}`, { cause: error });
  });
}

/**
 * Waits until the fabric has been recovered for as long as `takeover.settle`: a fault must not hit agents that still
 * give their peers that time, because then they take nothing over.
 */
export async function waitUntilSettled(stage: Stage): Promise<void> {
  await waitUntilRecovered(stage);
  let sinceMs = nowMs();
  const isSettled = async () => {
    if (!(await isRecovered(stage))) sinceMs = nowMs();
    return nowMs() - sinceMs > settleMs;
  };
  await waitFor(isSettled, { what: 'the fabric to settle', timeoutMs: 60_000, pollMs: 100 });
}

/** Waits until an LB's VIPs are carried by all others and by itself no more: every backup announces, as configured. */
export async function waitForTakeover(
  stage: Stage,
  owner: LoadBalancerName,
  timeoutMs = 30_000,
): Promise<void> {
  const backups = othersThan(owner).join();
  const isTakenOver = () =>
    vipsOf(owner).every(({ address }) => stage.routes.carriers(address).join() === backups);
  await waitFor(isTakenOver, { what: `a takeover from ${owner}`, timeoutMs });
}

/** The spine's routes in one line. */
function describeRoutes(stage: Stage): string {
  return vips
    .map(({ address }) => `${address} -> ${stage.routes.carriers(address).join('+') || 'nobody'}`)
    .join(', ');
}

async function isRecovered(stage: Stage): Promise<boolean> {
  failOnDeadSpeaker(stage.run);
  const isOwnersOnly = vips.every(
    ({ address, owner }) => stage.routes.carriers(address).join() === owner,
  );
  if (!isOwnersOnly || !stage.prober.isQuiet() || !(await stage.znodes.isAllClaimed()))
    return false;
  return areOwnersAlone(stage.run);
}

/** A backup that steps back is out of use before it is out of BGP: it withdraws only after the release time. */
function areOwnersAlone(run: Run): boolean {
  const paths = readSpinePaths(run);
  return vips.every(({ address, owner }) => paths.get(address)?.join() === owner);
}

/** Waiting for an ExaBGP that is gone would only hide why: the last words of its agent are the reason. */
function failOnDeadSpeaker(run: Run): void {
  for (const { name } of loadBalancers) {
    if (findDaemon(run, name, 'exabgp') !== undefined) continue;
    const lastLine = readFileSync(agentLogFile(run, name), 'utf8').trimEnd().split('\n').at(-1);
    throw new Error(`ExaBGP on ${name} has ended; last line of the agent's log: ${lastLine}`);
  }
}
