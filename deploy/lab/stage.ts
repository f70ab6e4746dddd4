import { readFileSync } from 'node:fs';
import { writeAgentConfig } from './agent-config.ts';
import { readSpinePaths } from './bird.ts';
import { startExabgp } from './exabgp.ts';
import { findDaemon } from './namespaces.ts';
import {
  type LoadBalancerName,
  loadBalancers,
  othersThan,
  settleMs,
  type Vip,
  vips,
  vipsOf,
} from './plan.ts';
import { Prober } from './prober.ts';
import { RouteMonitor } from './route-monitor.ts';
import type { Run } from './run.ts';
import { chooseSetup, type Setup, setupOf } from './setups.ts';
import { agentLogFile, stopExabgp } from './speaker.ts';
import { nowMs, waitFor } from './wait.ts';
import { Znodes } from './znodes.ts';

/** A running lab together with everything that watches it. */
export interface Stage {
  readonly run: Run;
  readonly routes: RouteMonitor;
  readonly prober: Prober;
  readonly znodes: Znodes;
}

const everybody = loadBalancers.map(({ name }) => name).join();

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

/** Waits until every VIP is carried and announced as the setup has it, claimed, and answered on every flow. */
export async function waitUntilRecovered(
  stage: Stage,
  served: readonly Vip[] = vips,
): Promise<void> {
  await waitFor(() => isRecovered(stage, served), {
    what: 'every VIP to be carried by its owner alone',
    timeoutMs: 60_000,
    pollMs: 50,
  }).catch((error: unknown) => {
    throw new Error(`routes: ${describeRoutes(stage)}`, { cause: error });
  });
}

/**
 * Makes the lab run with another setup: ExaBGP and agents of all LBs are started anew, everything else goes on. Nothing to
 * do when it runs with that one already.
 */
export async function refit({ run }: Stage, setup: Setup): Promise<void> {
  if (setupOf(run).name === setup.name) return;
  const running = loadBalancers.filter(({ name }) => findDaemon(run, name, 'exabgp') !== undefined);
  // SIGTERM would be kinder, but healthcheck then waits for an answer of the ExaBGP that waits for its end.
  await Promise.all(running.map(({ name }) => stopExabgp(run, name, 'SIGKILL')));
  chooseSetup(run, setup);
  writeAgentConfig(run);
  for (const { name } of loadBalancers) startExabgp(run, name);
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

/** Waits until an LB's VIPs are carried by as many others as the setup has backups, and by itself no more. */
export async function waitForTakeover(
  stage: Stage,
  owner: LoadBalancerName,
  timeoutMs = 30_000,
): Promise<void> {
  const count = setupOf(stage.run).backups ?? othersThan(owner).length;
  const isTakenOver = () =>
    vipsOf(owner).every(({ address }) => {
      const carriers = stage.routes.carriers(address);
      return carriers.length === count && !carriers.includes(owner);
    });
  await waitFor(isTakenOver, { what: `a takeover from ${owner}`, timeoutMs });
}

/** Waits until the spine knows no route to an LB any more: it carries nothing, and may be taken apart. */
export async function waitUntilEmpty(
  stage: Stage,
  node: LoadBalancerName,
  timeoutMs = 30_000,
): Promise<void> {
  const isEmpty = () => [...readSpinePaths(stage.run).values()].every((lbs) => !lbs.includes(node));
  await waitFor(isEmpty, { what: `${node} to announce nothing`, timeoutMs, pollMs: 50 });
}

/** The spine's routes in one line. */
function describeRoutes(stage: Stage): string {
  return vips
    .map(({ address }) => `${address} -> ${stage.routes.carriers(address).join('+') || 'nobody'}`)
    .join(', ');
}

async function isRecovered(stage: Stage, served: readonly Vip[] = vips): Promise<boolean> {
  failOnDeadSpeaker(stage.run);
  const setup = setupOf(stage.run);
  const isCarried = served.every(
    ({ address, owner }) => stage.routes.carriers(address).join() === carriersOf(setup, owner),
  );
  if (!isCarried || !stage.prober.isQuiet()) return false;
  if (setup.healthcheck === undefined && !(await stage.znodes.isAllClaimed(served))) return false;
  return isAnnouncedAsWell(stage.run, setup, served);
}

/** Who forwards for a VIP while all is well: its owner alone, but healthcheck's metrics are lost at the leaves. */
function carriersOf({ healthcheck }: Setup, owner: LoadBalancerName): string {
  return healthcheck === undefined ? owner : everybody;
}

/**
 * Which LBs the spine knows for a VIP, used or not. A backup that steps back is out of use before it is out of BGP: it
 * withdraws only after the release time.
 */
function isAnnouncedAsWell(run: Run, { announcers }: Setup, served: readonly Vip[]): boolean {
  const paths = readSpinePaths(run);
  return served.every(({ address, owner }) => {
    const known = [...(paths.get(address) ?? [])].sort().join();
    return known === (announcers === 'owner' ? owner : everybody);
  });
}

/** Waiting for an ExaBGP that is gone would only hide why: the last words of its agent are the reason. */
function failOnDeadSpeaker(run: Run): void {
  for (const { name } of loadBalancers) {
    if (findDaemon(run, name, 'exabgp') !== undefined) continue;
    const lastLine = readFileSync(agentLogFile(run, name), 'utf8').trimEnd().split('\n').at(-1);
    throw new Error(`ExaBGP on ${name} has ended; last line of the agent's log: ${lastLine}`);
  }
}
