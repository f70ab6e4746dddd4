// Everything that must hold, in one command: the check chain, then every test. Ends with one summary, whose last line is
// `N passed, N failed`. Steps of the check chain count as one each.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { missingContainerPackages, missingPackages } from './packages.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const steps = ['build', 'typecheck', 'lint', 'deps', 'dead'];
// One after another: a lab next to unit tests would measure the unit tests.
const projects = ['unit', 'property', 'simulation', 'integration', 'lab', 'containers'];
/** Time that a stopped child has to clean up after itself. */
const graceMs = 15_000;

const results = [];
const directory = mkdtempSync(join(tmpdir(), 'vipkeeper-test-'));
let child;
let interruptedBy;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => interrupt(signal));

for (const step of steps) await stage(step, () => runStep(step));
for (const project of projects) await stage(project, () => runProject(project));
rmSync(directory, { recursive: true, force: true });
summarize();

async function stage(name, work) {
  if (interruptedBy !== undefined) return;
  process.stdout.write(`\n== ${name}\n`);
  const startedMs = performance.now();
  const result = await work();
  if (interruptedBy !== undefined) {
    result.failed.push({ name, message: `interrupted by ${interruptedBy}` });
  }
  results.push({ name, seconds: (performance.now() - startedMs) / 1000, ...result });
}

async function runStep(step) {
  const { code, reason } = await run('npm', ['run', '--silent', step]);
  const failed = code === 0 ? [] : [{ name: `npm run ${step}`, message: reason }];
  return { passed: code === 0 ? 1 : 0, failed, skipped: [] };
}

async function runProject(project) {
  const file = join(directory, `${project}.json`);
  const { code, reason } = await run(
    'node_modules/.bin/vitest',
    ['run', '--project', project, '--reporter=default', '--reporter=./scripts/tally-reporter.mjs'],
    { VIPKEEPER_TALLY: file },
  );
  const tally = readTally(file);
  const crashed = (message) => [{ name: `the ${project} tests`, message }];
  if (tally === undefined) {
    return { passed: 0, failed: crashed(`no report: ${reason}`), skipped: [] };
  }
  const unfinished = tally.unfinished.map((name) => ({ name, message: 'never finished' }));
  const failed = [...tally.failed, ...tally.broken, ...unfinished];
  const ran = tally.passed + failed.length + tally.skipped.length;
  if (ran === 0) failed.push(...crashed('there are none'));
  else if (!tally.isComplete) failed.push(...crashed('interrupted'));
  else if (code !== 0 && failed.length === 0) failed.push(...crashed(reason));
  return { passed: tally.passed, failed, skipped: tally.skipped };
}

function readTally(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Runs a command with our output; resolves to its exit code, and the reason in words when that is not 0. */
function run(file, args, environment = {}) {
  return new Promise((resolve) => {
    child = spawn(file, args, {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...environment },
    });
    child.once('error', (error) => resolve({ code: -1, reason: error.message }));
    child.once('exit', (code, signal) =>
      resolve({ code: code ?? -1, reason: signal ? `killed by ${signal}` : `exit code ${code}` }),
    );
  });
}

/** Stops what runs, and lets the summary tell what was done until then. */
function interrupt(signal) {
  if (interruptedBy !== undefined) return;
  interruptedBy = signal;
  child?.kill('SIGTERM');
  setTimeout(() => child?.kill('SIGKILL'), graceMs).unref();
}

function summarize() {
  const failed = results.flatMap((result) => result.failed);
  const skipped = results.flatMap((result) => result.skipped);
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const lines = ['', '== summary'];
  for (const { name, seconds, ...counts } of results) {
    const skips = counts.skipped.length > 0 ? `, ${counts.skipped.length} skipped` : '';
    lines.push(
      `${name.padEnd(12)} ${counts.passed} passed, ${counts.failed.length} failed${skips} (${seconds.toFixed(1)} s)`,
    );
  }
  lines.push(...failed.map(({ name, message }) => `failed: ${name}: ${firstLine(message)}`));
  const fallback = reasonOfMissing();
  lines.push(...skipped.map(({ name, reason }) => `skipped: ${name}: ${reason ?? fallback}`));
  lines.push(`${passed} passed, ${failed.length} failed`);
  process.stdout.write(`${lines.join('\n')}\n`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

/** Why a test that gives no reason itself may have been skipped. */
function reasonOfMissing() {
  const missing = [...missingPackages(), ...missingContainerPackages()];
  const isRoot = process.getuid?.() === 0;
  const reasons = [
    ...(missing.length > 0 ? [`Debian packages are missing: ${missing.join(' ')}`] : []),
    ...(isRoot ? [] : ['not run as root']),
  ];
  return reasons.length > 0 ? reasons.join('; ') : 'no reason given';
}

function firstLine(message) {
  return (message ?? '').split('\n')[0];
}
