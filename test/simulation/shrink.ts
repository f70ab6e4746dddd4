import type { Fault } from './plan.ts';
import { type Case, runCase } from './run.ts';

/** Runs at most: shrinking is for people, and must not take longer than finding. */
const runsMax = 300;

/**
 * The shortest plan found that breaks the same promise: faults are left out, in halves first, and the ones that remain
 * are made as short as they may be.
 */
export async function shrink(found: Case, checker: string): Promise<Case> {
  let best = found;
  let runs = 0;
  const breaks = async (faults: readonly Fault[]): Promise<boolean> => {
    if (runs >= runsMax) return false;
    runs += 1;
    const candidate = withFaults(found, faults);
    const { breach } = await runCase(candidate);
    if (breach?.checker !== checker) return false;
    best = candidate;
    return true;
  };
  for (let size = Math.ceil(best.plan.faults.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < best.plan.faults.length; ) {
      const { faults } = best.plan;
      const fewer = [...faults.slice(0, start), ...faults.slice(start + size)];
      if (!(await breaks(fewer))) start += size;
    }
  }
  for (let index = 0; index < best.plan.faults.length; index += 1) {
    const shorter = (fault: Fault) => ({ ...fault, durationMs: Math.floor(fault.durationMs / 2) });
    while ((best.plan.faults[index]?.durationMs ?? 0) > 100) {
      if (
        !(await breaks(
          best.plan.faults.map((fault, at) => (at === index ? shorter(fault) : fault)),
        ))
      )
        break;
    }
  }
  return best;
}

/** The case with other faults, and a safety phase that is just long enough for them. */
function withFaults(of: Case, faults: readonly Fault[]): Case {
  const endsMs = Math.max(0, ...faults.map((fault) => fault.atMs + fault.durationMs));
  return { ...of, plan: { ...of.plan, faults, safetyEndsMs: endsMs + 1 } };
}
