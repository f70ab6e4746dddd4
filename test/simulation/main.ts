import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { type Case, caseOf, runCase } from './run.ts';
import { runSeeds, serveRange, type Tally } from './seeds.ts';
import { shrink } from './shrink.ts';

const usage = `npm run sim -- [options]
  --seed N       replay one seed, with its whole transcript
  --shrink       with --seed: leave out all faults that its failure does not need
  --seconds S    how long to go through seeds (default 60)
  --seeds N      how many seeds at most
  --from N       the first seed (default 1)
  --soak S       for S seconds, from a seed that nobody has chosen
  --brief        say only which seed failed
  --workers N    how many threads (default: one for each core)`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      shrink: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '60' },
      seeds: { type: 'string', default: '1000000000' },
      from: { type: 'string', default: '1' },
      soak: { type: 'string' },
      brief: { type: 'boolean', default: false },
      workers: { type: 'string', default: String(availableParallelism()) },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    print(usage);
    return 0;
  }
  if (values.seed !== undefined) return replay(integer('--seed', values.seed), values.shrink);
  const startedMs = performance.now();
  const from =
    values.soak === undefined
      ? integer('--from', values.from)
      : Math.floor(Math.random() * 1_000_000_000);
  const tally = await runSeeds({
    from,
    count: integer('--seeds', values.seeds),
    seconds: integer('--seconds', values.soak ?? values.seconds),
    workers: integer('--workers', values.workers),
  });
  print(summaryOf(tally, from, (performance.now() - startedMs) / 1_000));
  if (tally.failed === undefined) return 0;
  if (values.brief) return 1;
  return replay(tally.failed.seed, true);
}

/** Runs one seed again, and prints what happened in it. */
async function replay(seed: number, isShrunk: boolean): Promise<number> {
  const found = caseOf(seed);
  const first = await runCase(found);
  const shown: Case =
    isShrunk && first.breach !== undefined ? await shrink(found, first.breach.checker) : found;
  const { breach, transcript } = await runCase(shown, { withTranscript: true });
  const { plan, fleet } = shown;
  print(`seed ${seed}: a plan of the kind "${plan.kind}", ${JSON.stringify(fleet)}`);
  if (shown !== found)
    print(`shrunk from ${found.plan.faults.length} faults to ${plan.faults.length}`);
  print(transcript.join('\n'));
  if (breach === undefined) {
    print(`seed ${seed}: every promise held`);
    return 0;
  }
  const { checker, atMs, sentence } = breach;
  print(`seed ${seed}: "${checker}" broken at ${(atMs / 1_000).toFixed(3)} s: ${sentence}`);
  print(`replay: npm run sim -- --seed ${seed} (the commit decides as well)`);
  return 1;
}

function summaryOf(tally: Tally, from: number, seconds: number): string {
  const inHours = (ms: number) => {
    const hours = ms / 3_600_000;
    return `${hours.toFixed(0)} (${Math.round((hours / seconds) * 60)} a minute)`;
  };
  const verdict =
    tally.failed === undefined
      ? 'every promise held'
      : `seed ${tally.failed.seed} broke "${tally.failed.breach.checker}": ${tally.failed.breach.sentence}`;
  return (
    `sim: ${tally.seeds} seeds from ${from}, ${tally.faults} faults in ${seconds.toFixed(0)} s; simulated hours of fleets: ` +
    `${inHours(tally.simulatedMs)}, of agents: ${inHours(tally.agentMs)}: ${verdict}`
  );
}

function integer(flag: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`${flag}: expected a whole number, found "${text}"`);
  return Number(text);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

if (isMainThread) {
  try {
    process.exitCode = await main();
  } catch (error) {
    process.stderr.write(`sim: ${error instanceof Error ? error.message : error}\n${usage}\n`);
    process.exitCode = 64;
  }
} else {
  await serveRange();
}
