import { describe, expect, it, onTestFinished } from 'vitest';
import { removeLab, startRun } from '../../deploy/lab/lab.ts';
import { saveLogs } from '../../deploy/lab/results.ts';
import { playActs } from '../../deploy/lab/scenes.ts';
import { topologies } from '../../deploy/lab/topologies.ts';
import { whatIsMissing } from './missing.ts';

const missing = whatIsMissing();
if (missing.length > 0)
  console.warn(`THE LABS ARE SKIPPED, NOT PASSED: missing ${missing.join(', ')}`);

describe.skipIf(missing.length > 0)('the networks of docs/labs', () => {
  it.each(topologies)('$name: $title', async (topology) => {
    const run = await startRun({ isKept: false, tell: () => undefined }, async () => undefined);
    let hasMissed = true;
    onTestFinished(() => {
      if (hasMissed) console.warn(`The logs of this lab are in ${saveLogs(run)}`);
      removeLab(run);
    });
    await topology.build(run, () => undefined);
    const checks = await playActs(topology, run, () => undefined);
    const missed = checks.filter(({ isHeld }) => !isHeld);
    hasMissed = missed.length > 0;
    expect(missed).toEqual([]);
    expect(checks).not.toHaveLength(0);
  });
});
