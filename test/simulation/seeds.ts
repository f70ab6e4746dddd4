import { parentPort, Worker, workerData } from 'node:worker_threads';
import { caseOf, runCase } from './run.ts';
import type { Breach } from './world.ts';

/** What a range of seeds came to. */
export interface Tally {
  readonly seeds: number;
  readonly simulatedMs: number;
  /** The same for each agent. */
  readonly agentMs: number;
  readonly faults: number;
  readonly events: number;
  /** The first seed that broke a promise. */
  readonly failed: { readonly seed: number; readonly breach: Breach } | undefined;
}

interface Range {
  readonly from: number;
  readonly step: number;
  readonly count: number;
  readonly seconds: number;
}

const nothing: Tally = {
  seeds: 0,
  simulatedMs: 0,
  agentMs: 0,
  faults: 0,
  events: 0,
  failed: undefined,
};

/** Runs seeds from `from` on, in parallel, until one fails, `count` are done, or the time is up. */
export async function runSeeds(options: {
  readonly from: number;
  readonly count: number;
  readonly seconds: number;
  readonly workers: number;
}): Promise<Tally> {
  const { from, count, seconds, workers } = options;
  const ranges = Array.from({ length: workers }, (_, index) => ({
    from: from + index,
    step: workers,
    count: Math.ceil((count - index) / workers),
    seconds,
  }));
  if (workers === 1 && ranges[0] !== undefined) return runRange(ranges[0]);
  const tallies = await Promise.all(ranges.map(runInWorker));
  return tallies.reduce(add, nothing);
}

/** The part of a worker: answers its range with a tally. */
export async function serveRange(): Promise<void> {
  parentPort?.postMessage(await runRange(workerData as Range));
}

async function runRange({ from, step, count, seconds }: Range): Promise<Tally> {
  const endMs = performance.now() + seconds * 1_000;
  let tally = nothing;
  for (let done = 0; done < count && performance.now() < endMs; done += 1) {
    const seed = from + done * step;
    const chosen = caseOf(seed);
    const { breach, simulatedMs, faultCount, eventCount } = await runCase(chosen);
    tally = add(tally, {
      seeds: 1,
      simulatedMs,
      agentMs: simulatedMs * chosen.fleet.members.length,
      faults: faultCount,
      events: eventCount,
      failed: breach && { seed, breach },
    });
    if (breach !== undefined) break;
  }
  return tally;
}

function runInWorker(range: Range): Promise<Tally> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: range });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a worker ended with code ${code}`)));
  });
}

function add(one: Tally, other: Tally): Tally {
  const failures = [one.failed, other.failed].filter((failed) => failed !== undefined);
  return {
    seeds: one.seeds + other.seeds,
    simulatedMs: one.simulatedMs + other.simulatedMs,
    agentMs: one.agentMs + other.agentMs,
    faults: one.faults + other.faults,
    events: one.events + other.events,
    failed: failures.sort((first, second) => first.seed - second.seed)[0],
  };
}
