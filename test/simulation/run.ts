import { boundsOf } from './bounds.ts';
import type { CreateChecker } from './checkers/checker.ts';
import { chooseFleet, type FleetSettings } from './fleet-settings.ts';
import { choosePlan, type Plan } from './plan.ts';
import { createRandom } from './random.ts';
import { type Breach, World } from './world.ts';

/** What a seed stands for, less the chances of the world itself, which come from the seed as well. */
export interface Case {
  readonly seed: number;
  readonly fleet: FleetSettings;
  readonly plan: Plan;
}

export interface Outcome {
  readonly breach: Breach | undefined;
  /** Virtual time that passed. */
  readonly simulatedMs: number;
  readonly transcript: readonly string[];
  readonly faultCount: number;
  readonly eventCount: number;
}

interface RunOptions {
  readonly withTranscript?: boolean;
  /** Default: all. */
  readonly checkers?: readonly CreateChecker[];
}

/** The fleet and the plan of a seed. */
export function caseOf(seed: number): Case {
  const random = createRandom(seed);
  const fleet = chooseFleet(random.fork('fleet'));
  const plan = choosePlan(random.fork('plan'), fleet, boundsOf(fleet).recoveryMs);
  return { seed, fleet, plan };
}

/** Runs one case to its end, or to the first promise that is broken. Equal cases run equally. */
export async function runCase(
  { seed, fleet, plan }: Case,
  { withTranscript = false, checkers }: RunOptions = {},
): Promise<Outcome> {
  const transcript: string[] | undefined = withTranscript ? [] : undefined;
  const random = createRandom(seed).fork('world');
  const world = new World({ fleet, plan, random, transcript, ...(checkers && { checkers }) });
  const breach = await world.run();
  return {
    breach,
    simulatedMs: world.scheduler.nowMs,
    transcript: transcript ?? [],
    faultCount: plan.faults.length,
    eventCount: world.scheduler.count,
  };
}
