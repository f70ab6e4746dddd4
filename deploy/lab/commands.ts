import { readSpinePaths } from './bird.ts';
import { compare, compareTable, describeComparison } from './compare.ts';
import { catalogue } from './faults/catalogue.ts';
import { findKeptRun, removeLab, startLab, startRun } from './lab.ts';
import { startPage } from './page.ts';
import { vips, zooKeeperAddress, zooKeeperPort } from './plan.ts';
import { restore } from './restore.ts';
import {
  describeCheck,
  describeResult,
  type FaultResult,
  faultTables,
  runFault,
  saveLogs,
  writeTables,
} from './results.ts';
import { describeShown, playActs, type Topology } from './scenes.ts';
import { closeStage, openStage, type Stage, waitUntilSettled } from './stage.ts';
import { tellStory } from './story.ts';
import { Znodes } from './znodes.ts';

/** Prints a line to the terminal. */
export function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** `lab`: builds the lab, tells the story, removes the lab. */
export async function storyCommand(): Promise<boolean> {
  return withNewLab(async (stage) => {
    const steps = await tellStory(stage, (step) => {
      tell(`\n== ${step.title}`);
      for (const route of step.routes) tell(`   spine: ${route}`);
      tell(`   longest silence: ${step.silences.join(', ') || 'dark by order'}`);
      for (const line of describeResult({ ...asResult(step.title), checks: step.checks }).slice(
        1,
      )) {
        tell(line);
      }
    });
    const isHeld = steps.every(({ checks }) => checks.every((check) => check.isHeld));
    tell(isHeld ? '\nEverything held.' : '\nNOT everything held.');
    return isHeld;
  });
}

/** `lab TOPOLOGY`: builds a network, tells its story, removes it. */
export async function topologyCommand(topology: Topology): Promise<boolean> {
  tell(topology.title);
  const run = await startRun({ isKept: false, tell }, async () => undefined);
  let isHeld = false;
  try {
    await topology.build(run, tell);
    const checks = await playActs(topology, run, (act, scene) => {
      tell(`\n== ${act.title}`);
      for (const shown of scene.shown) tell(`\n${describeShown(shown).join('\n')}`);
      tell('');
      for (const check of scene.checks) tell(`   ${describeCheck(check)}`);
    });
    isHeld = checks.every((check) => check.isHeld);
    tell(isHeld ? '\nEverything held.' : '\nNOT everything held.');
    return isHeld;
  } finally {
    if (!isHeld) tell(`The logs of this lab are in ${saveLogs(run)}`);
    removeLab(run);
  }
}

/** `lab faults [NAME...]`: runs all faults, or those named, and writes the results. */
export async function faultsCommand(names: readonly string[]): Promise<boolean> {
  const unknown = names.filter((name) => catalogue.every((fault) => fault.name !== name));
  if (unknown.length > 0) return refuseFaults(unknown);
  const chosen = catalogue.filter(({ name }) => names.length === 0 || names.includes(name));
  return withNewLab(async (stage) => {
    const results: FaultResult[] = [];
    for (const fault of chosen) {
      tell(`\n-- ${fault.name}`);
      const result = await runFault(stage, fault);
      for (const line of describeResult(result)) tell(line);
      results.push(result);
    }
    const command = ['npm run lab -- faults', ...names].join(' ');
    const tables = faultTables(results);
    writeTables({ name: 'lab', command, tables, rows: results });
    tell(`\n${tables}\n`);
    return results.every(({ isHeld }) => isHeld);
  });
}

/** `lab compare`: measures vipkeeper and ExaBGP's healthcheck side by side, and writes the table. */
export async function compareCommand(): Promise<boolean> {
  return withNewLab(async (stage) => {
    const comparisons = await compare(stage, (comparison) => {
      tell(`${comparison.setup}: ${comparison.job}: ${describeComparison(comparison)}`);
    });
    const tables = compareTable(comparisons);
    writeTables({ name: 'compare', command: 'npm run lab -- compare', tables, rows: comparisons });
    tell(`\n${tables}\n`);
    return true;
  });
}

/** `lab up`: builds the lab and leaves it running. */
export async function upCommand(): Promise<boolean> {
  const kept = findKeptRun();
  if (kept !== undefined) {
    tell(`A lab is up already: namespaces ${kept.prefix}*. Remove it with: npm run lab -- down`);
    return false;
  }
  const run = await startLab({ isKept: true, tell });
  let page: string;
  try {
    const stage = await openStage(run);
    await waitUntilSettled(stage);
    closeStage(stage);
    page = await startPage(run);
  } catch (error) {
    removeLab(run);
    throw error;
  }
  tell(`The page of its fleet: ${page}`);
  tell(`The lab is up: namespaces ${run.prefix}*, files in ${run.directory}. Try:`);
  const fleet = `-z ${zooKeeperAddress}:${zooKeeperPort}`;
  tell(`  ip netns exec ${run.prefix}zk bin/vipkeeper status ${fleet}`);
  tell(`  ip netns exec ${run.prefix}zk bin/vipkeeper drain apex lb2 --wait ${fleet}`);
  tell('  npm run lab -- status');
  tell(`  npm run lab -- fault ${catalogue[0]?.name}`);
  tell(`  ip netns exec ${run.prefix}client curl http://${vips[0]?.address}/`);
  tell('  npm run lab -- down');
  return true;
}

/** `lab down`: removes the lab that `up` left. */
export function downCommand(): boolean {
  const run = findKeptRun();
  if (run === undefined) {
    tell('No lab is up.');
    return true;
  }
  removeLab(run);
  tell(`Removed the lab ${run.prefix}*.`);
  return true;
}

/** `lab status`: routes as the spine sees them, and the znodes. */
export async function statusCommand(): Promise<boolean> {
  const run = findKeptRun();
  if (run === undefined) return refuseNoLab();
  const paths = readSpinePaths(run);
  tell('routes as the spine sees them:');
  for (const { address, owner } of vips) {
    const carriers = [...(paths.get(address) ?? [])].sort().join(', ') || 'no route';
    tell(`  ${address.padEnd(16)} owner ${owner}   carried by ${carriers}`);
  }
  const znodes = new Znodes(run);
  const tree = await znodes.tree();
  znodes.stop();
  tell('znodes:');
  if (tree === undefined) tell('  ZooKeeper does not answer');
  for (const { path, isEphemeral, data } of tree ?? []) {
    tell(`  ${path}${isEphemeral ? ' (ephemeral)' : ''} ${data}`);
  }
  return true;
}

/** `lab fault NAME`: runs one fault on the lab that `up` left; without a name, lists them. */
export async function faultCommand(name: string | undefined): Promise<boolean> {
  if (name === undefined) {
    for (const line of listed(catalogue)) tell(line);
    return true;
  }
  const fault = catalogue.find((candidate) => candidate.name === name);
  if (fault === undefined) return refuseFaults([name]);
  const run = findKeptRun();
  if (run === undefined) return refuseNoLab();
  const stage = await openStage(run);
  // A fault that was interrupted may have left the lab broken.
  await restore(stage);
  const result = await runFault(stage, fault);
  closeStage(stage);
  for (const line of describeResult(result)) tell(line);
  return result.isHeld;
}

/** Builds a lab for one piece of work and removes it after. */
async function withNewLab(work: (stage: Stage) => Promise<boolean>): Promise<boolean> {
  const run = await startLab({ isKept: false, tell });
  let isHeld = false;
  try {
    const stage = await openStage(run);
    isHeld = await work(stage);
    closeStage(stage);
    return isHeld;
  } finally {
    if (!isHeld) tell(`The logs of this lab are in ${saveLogs(run)}`);
    removeLab(run);
  }
}

function asResult(title: string): FaultResult {
  return { name: '', title, bound: '', isHeld: true, checks: [] };
}

function refuseFaults(names: readonly string[]): boolean {
  tell(`No fault is called ${names.join(', ')}. There are:`);
  for (const line of listed(catalogue)) tell(line);
  return false;
}

/** A line for each, names first. */
export function listed(
  all: readonly { readonly name: string; readonly title: string }[],
): readonly string[] {
  const width = Math.max(...all.map(({ name }) => name.length));
  return all.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`);
}

function refuseNoLab(): boolean {
  tell('No lab is up. Start one with: npm run lab -- up');
  return false;
}
