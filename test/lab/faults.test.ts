import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogue } from '../../deploy/lab/faults/catalogue.ts';
import { removeLab, startLab } from '../../deploy/lab/lab.ts';
import { describeResult, type FaultResult, runFault, saveLogs } from '../../deploy/lab/results.ts';
import { type Run, repositoryRoot } from '../../deploy/lab/run.ts';
import { closeStage, openStage, type Stage } from '../../deploy/lab/stage.ts';
import { tellStory } from '../../deploy/lab/story.ts';

const missing = whatIsMissing();
if (missing.length > 0)
  console.warn(`THE LAB IS SKIPPED, NOT PASSED: missing ${missing.join(', ')}`);

describe.skipIf(missing.length > 0)('three LBs behind a leaf-spine', () => {
  let run: Run | undefined;
  let stage: Stage | undefined;
  let hasMissed = false;

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

  it('lives through kill, takeover, return and maintenance', async () => {
    const steps = await tellStory(opened(stage), () => undefined);
    const missed = steps.flatMap(({ title, checks }) =>
      checks.filter(({ isHeld }) => !isHeld).map((check) => ({ title, ...check })),
    );
    hasMissed ||= missed.length > 0;
    expect(missed).toEqual([]);
  });

  it.each(catalogue)('keeps its promise when: $title', async (fault) => {
    const result = await runFault(opened(stage), fault);
    hasMissed ||= !result.isHeld;
    expect(missesOf(result)).toBe('');
  });
});

function opened(stage: Stage | undefined): Stage {
  if (stage === undefined) throw new Error('the lab did not come up');
  return stage;
}

/** All that is wrong with a result, as the terminal would tell it; empty when it held. */
function missesOf(result: FaultResult): string {
  return result.isHeld ? '' : describeResult(result).join('\n');
}

/** What this machine lacks to run the lab. */
function whatIsMissing(): readonly string[] {
  const programs = [
    '/usr/sbin/ip',
    '/usr/sbin/bird',
    '/usr/sbin/exabgp',
    '/usr/sbin/nginx',
    '/usr/sbin/iptables',
    '/usr/bin/java',
    '/usr/bin/curl',
    '/usr/share/java/zookeeper.jar',
    join(repositoryRoot(), 'dist', 'lab.js'),
    join(repositoryRoot(), 'dist', 'vipkeeper.js'),
  ];
  const absent = programs.filter((program) => !existsSync(program));
  return process.getuid?.() === 0 ? absent : ['root', ...absent];
}
