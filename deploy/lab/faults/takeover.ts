import type { LoadBalancerName } from '../plan.ts';
import { type Stage, waitForTakeover, waitUntilRecovered, waitUntilSettled } from '../stage.ts';
import { nowMs } from '../wait.ts';
import { type Check, within } from './fault.ts';
import { allUntouched, othersUntouched, silenceOf } from './observe.ts';

/** What breaks an LB, and what mends it. */
export interface Breakage {
  readonly victim: LoadBalancerName;
  readonly break: (stage: Stage) => void | Promise<void>;
  readonly repair: (stage: Stage) => void | Promise<void>;
}

export interface TakeoverFault extends Breakage {
  /** The bound on the silence, which may depend on what the agent logged since the fault at that time. */
  readonly boundMs: (stage: Stage, brokenMs: number) => number | Promise<number>;
}

/**
 * The shape that most faults share: break an LB, wait until others carry its VIPs, measure the silence; repair it,
 * wait until it carries them alone again, and measure that the return cost nothing.
 */
export async function runTakeover(stage: Stage, fault: TakeoverFault): Promise<readonly Check[]> {
  await waitUntilSettled(stage);
  const brokenMs = nowMs();
  await fault.break(stage);
  await waitForTakeover(stage, fault.victim);
  const boundMs = await fault.boundMs(stage, brokenMs);
  const outage = await stage.prober.report(brokenMs);
  const repairedMs = nowMs();
  await fault.repair(stage);
  await waitUntilRecovered(stage);
  const recoveredMs = nowMs();
  const back = await stage.prober.report(repairedMs);
  return [
    within(`silence of ${fault.victim}'s VIPs`, silenceOf(outage, fault.victim), boundMs),
    othersUntouched(outage, fault.victim),
    allUntouched('its return', back),
    within('time from repair to recovery', recoveredMs - repairedMs, 60_000),
  ];
}
