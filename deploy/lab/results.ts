import { cpSync, lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import type { Check, Fault } from './faults/fault.ts';
import { runHere } from './namespaces.ts';
import { flowsPerVip, probeIntervalMs } from './probe.ts';
import { answerWithinMs } from './probe-flow.ts';
import { restore } from './restore.ts';
import { type Run, repositoryRoot } from './run.ts';
import { ownership } from './setups.ts';
import { refit, type Stage } from './stage.ts';

/** What the figures mean, printed below them. */
const legend = `Silence is the longest time between two answered probes of one flow, by the times they were sent, minus the
probe interval of ${probeIntervalMs} ms; the worst of ${flowsPerVip} flows per VIP counts. 0 means that not one probe was lost: one answered
within ${answerWithinMs} ms is late, not lost.`;

/** What came of one fault. */
export interface FaultResult {
  readonly name: string;
  readonly title: string;
  readonly bound: string;
  readonly exazk?: string | undefined;
  readonly isHeld: boolean;
  readonly checks: readonly Check[];
  /** Why the fault could not be run to its end. */
  readonly failure?: string;
}

/** Runs a fault; what goes wrong on the way is a result, not the end of the others. */
export async function runFault(stage: Stage, fault: Fault): Promise<FaultResult> {
  const { name, title, bound, exazk } = fault;
  try {
    await refit(stage, fault.setup ?? ownership);
    const checks = await fault.run(stage);
    const isHeld = checks.every((check) => check.isHeld);
    return { name, title, bound, exazk, isHeld, checks };
  } catch (error) {
    await restore(stage);
    return { name, title, bound, exazk, isHeld: false, checks: [], failure: explain(error) };
  }
}

/** The lines that tell a result in the terminal. */
export function describeResult(result: FaultResult): readonly string[] {
  const head = `${result.isHeld ? 'held  ' : 'MISSED'} ${result.title}: ${result.bound}`;
  const failure = result.failure === undefined ? [] : [`         ${result.failure}`];
  return [head, ...result.checks.map((check) => `         ${describeCheck(check)}`), ...failure];
}

/** The measured tables, as docs/measurements.md has them: what exazk.py was measured at as well, and what it was not. */
export function faultTables(results: readonly FaultResult[]): string {
  const known = results.filter(({ exazk }) => exazk !== undefined);
  const others = results.filter(({ exazk }) => exazk === undefined);
  const tables = [
    table(
      ['fault', 'exazk.py', 'vipkeeper must', 'measured', 'held'],
      known.map((result) => [result.title, result.exazk ?? '', ...outcomeCells(result)]),
    ),
    table(
      ['move or fault', 'vipkeeper must', 'measured', 'held'],
      others.map((result) => [result.title, ...outcomeCells(result)]),
    ),
  ];
  return tables.filter((text) => text !== '').join('\n\n');
}

/** A Markdown table; nothing when there are no rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Writes results/NAME.json and results/NAME.md in the repository: what was measured, by which command, on what. */
export function writeTables(measured: {
  readonly name: string;
  readonly command: string;
  readonly tables: string;
  readonly rows: readonly unknown[];
}): void {
  const { name, command, tables, rows } = measured;
  const directory = join(repositoryRoot(), 'results');
  mkdirSync(directory, { recursive: true });
  const machine = describeMachine();
  const measuredAt = new Date().toISOString();
  const json = { command, ...machine, measuredAt, results: rows };
  writeFileSync(join(directory, `${name}.json`), `${JSON.stringify(json, undefined, 2)}\n`);
  const heading = `Measured ${measuredAt} by \`${command}\`; ${machine.machine}; ${machine.versions.join(', ')}.`;
  writeFileSync(join(directory, `${name}.md`), `${heading}\n\n${tables}\n\n${legend}\n`);
}

/** Keeps the logs of a lab in a folder of results/lab-logs, for whoever looks for the reason of a miss; returns where. */
export function saveLogs(run: Run): string {
  const directory = join(repositoryRoot(), 'results', 'lab-logs', run.prefix.slice(0, -1));
  rmSync(directory, { recursive: true, force: true });
  cpSync(run.directory, directory, {
    recursive: true,
    filter: (path) => !lstatSync(path).isSocket() && !path.endsWith('/data'),
  });
  return directory;
}

/** A check in a line. */
export function describeCheck({
  what,
  measuredMs,
  boundMs,
  isHeld,
  figure,
  detail,
}: Check): string {
  const mark = isHeld ? 'ok    ' : 'MISSED';
  const counted = figure === undefined ? '' : `: ${figure}`;
  const value = measuredMs === undefined ? counted : `: ${measuredMs} ms (at most ${boundMs} ms)`;
  const more = detail === undefined || detail === '' ? '' : ` [${detail}]`;
  return `${mark} ${what}${value}${more}`;
}

function outcomeCells({ bound, checks, isHeld, failure }: FaultResult): readonly string[] {
  const measured = checks.map((check) => {
    if (check.measuredMs === undefined)
      return `${check.what}: ${check.figure ?? (check.isHeld ? 'yes' : 'no')}`;
    return `${check.what}: ${check.measuredMs} ms (<= ${check.boundMs})`;
  });
  return [bound, failure ?? measured.join('; '), isHeld ? 'yes' : '**no**'];
}

function describeMachine() {
  const processors = cpus();
  const packages = ['bird2', 'exabgp', 'zookeeper'].map((name) =>
    runHere('dpkg-query', '-W', name).trim().replace(/\s+/, ' '),
  );
  return {
    machine: `${processors.length} x ${processors[0]?.model ?? 'unknown'}, Linux ${release()}`,
    versions: [`node ${process.version}`, ...packages],
  };
}

/** An error and its causes in one line. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${explain(error.cause)}`;
}
