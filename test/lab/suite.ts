import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../../deploy/lab/faults/fault.ts';
import { removeLab, startLab } from '../../deploy/lab/lab.ts';
import { describeResult, type FaultResult, runFault, saveLogs } from '../../deploy/lab/results.ts';
import type { Run } from '../../deploy/lab/run.ts';
import { closeStage, openStage, type Stage } from '../../deploy/lab/stage.ts';
import { whatIsMissing } from './missing.ts';

/** Defines the tests of some faults, on a lab of their own. */
export function describeLab(title: string, faults: readonly Fault[], more?: LabTests): void {
  const missing = whatIsMissing();
  if (missing.length > 0)
    console.warn(`THE LAB IS SKIPPED, NOT PASSED: missing ${missing.join(', ')}`);

  describe.skipIf(missing.length > 0)(title, () => {
    let run: Run | undefined;
    let stage: Stage | undefined;
    let hasMissed = false;
    const expectHeld = (isHeld: boolean, misses: string) => {
      hasMissed ||= !isHeld;
      expect(misses).toBe('');
    };

    beforeAll(async () => {
      run = await startLab({ isKept: false, tell: () => undefined });
      stage = await openStage(run);
    });

    afterAll(() => {
      if (stage !== undefined) closeStage(stage);
      if (run === undefined) return;
      if (hasMissed) console.warn(`The logs of this lab are in ${saveLogs(run)}`);
      removeLab(run);
    });

    more?.(() => opened(stage), expectHeld);

    it.each(faults)('keeps its promise when: $title', async (fault) => {
      const result = await runFault(opened(stage), fault);
      expectHeld(result.isHeld, missesOf(result));
    });
  });
}

/** Tests beside the faults; the stage is there only while they run. */
type LabTests = (stage: () => Stage, expectHeld: (isHeld: boolean, misses: string) => void) => void;

function opened(stage: Stage | undefined): Stage {
  if (stage === undefined) throw new Error('the lab did not come up');
  return stage;
}

/** All that is wrong with a result, as the terminal would tell it; empty when it held. */
function missesOf(result: FaultResult): string {
  return result.isHeld ? '' : describeResult(result).join('\n');
}
