import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { caseOf, runCase } from './run.ts';

const root = join(import.meta.dirname, '../..');
/** What CI spends on seeds; `npm run sim -- --soak` spends more. */
const budgetSeconds = 60;

describe('the simulation', () => {
  it('keeps every promise, seed after seed', () => {
    const file = join(root, 'dist/sim.js');
    expect(existsSync(file), 'dist/sim.js: npm run build').toBe(true);
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [file, '--seconds', String(budgetSeconds)],
      { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    );
    console.info(stdout.split('\n')[0]);
    expect(status, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/^sim: [1-9]\d* seeds .* every promise held\n$/);
  });

  it('runs a seed the same way every time', async () => {
    const [one, other] = await Promise.all(
      [1, 2].map(() => runCase(caseOf(3), { withTranscript: true })),
    );
    expect(one?.transcript.length).toBeGreaterThan(50);
    expect(one?.transcript).toEqual(other?.transcript);
  });

  it('differs from seed to seed', () => {
    const plans = [1, 2, 3, 4].map((seed) => JSON.stringify(caseOf(seed).plan));
    expect(new Set(plans).size).toBe(plans.length);
  });
});

describe('the mutants', () => {
  const mutants = z
    .array(
      z.object({
        name: z.string(),
        file: z.string(),
        from: z.string(),
        to: z.string(),
      }),
    )
    .parse(JSON.parse(readFileSync(join(import.meta.dirname, 'mutants.json'), 'utf8')));

  it('are at least ten, and each still has its place in the core', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(10);
    for (const { name, file, from, to } of mutants) {
      const text = readFileSync(join(root, file), 'utf8');
      expect(text.split(from).length, `${name}: found once in ${file}`).toBe(2);
      expect(to, name).not.toBe(from);
    }
  });

  it('are caught', () => {
    const { stdout, status } = spawnSync(
      process.execPath,
      [join(root, 'scripts/mutants.mjs'), '60', 'settle'],
      { encoding: 'utf8' },
    );
    expect(status, stdout).toBe(0);
    expect(stdout.split('\n').filter((line) => line.includes('settle')).length).toBe(2);
  });
});
