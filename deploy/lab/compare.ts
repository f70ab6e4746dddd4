import { rmSync, writeFileSync } from 'node:fs';
import { startExabgp } from './exabgp.ts';
import { killService } from './faults/service-faults.ts';
import { disableFile } from './healthcheck.ts';
import { startService } from './lab.ts';
import { Load } from './load-client.ts';
import { type LoadBalancerName, vips } from './plan.ts';
import { table } from './results.ts';
import {
  healthcheckMetrics,
  healthcheckWithdraw,
  hotStandby,
  ownership,
  type Setup,
} from './setups.ts';
import { signalAgent, stopExabgp, waitForSuccessor } from './speaker.ts';
import {
  refit,
  type Stage,
  waitUntilEmpty,
  waitUntilRecovered,
  waitUntilSettled,
} from './stage.ts';
import { nowMs, waitFor } from './wait.ts';

/** What one thing that happens to an LB cost under one setup. */
export interface Comparison {
  readonly job: string;
  readonly setup: string;
  /** The worst flow of all VIPs. */
  readonly silenceMs: number;
  readonly requests: number;
  readonly failedRequests: number;
  readonly inFlightFailed: number;
  /** When the spine used no route to the LB any more; undefined when it went on using them. */
  readonly unusedAfterMs: number | undefined;
}

/** Something that happens to an LB, and how it is undone. */
interface Job {
  readonly title: string;
  readonly node: LoadBalancerName;
  readonly begin: (stage: Stage, setup: Setup) => unknown;
  readonly end: (stage: Stage, setup: Setup) => unknown;
}

/** How long an LB that the routers go on using is watched before it is repaired. */
const watchedMs = 15_000;

const contenders: readonly Setup[] = [
  ownership,
  hotStandby,
  healthcheckMetrics,
  healthcheckWithdraw,
];

const jobs: readonly Job[] = [
  {
    title: 'service broken',
    node: 'lb2',
    begin: ({ run }) => killService(run, 'lb2'),
    end: ({ run }) => startService(run, 'lb2'),
  },
  {
    title: 'ExaBGP killed (-9)',
    node: 'lb1',
    begin: ({ run }) => stopExabgp(run, 'lb1', 'SIGKILL'),
    end: ({ run }) => startExabgp(run, 'lb1'),
  },
  {
    title: 'planned leave (SIGTERM to the helper)',
    node: 'lb3',
    begin: ({ run }) => waitForSuccessor(run, 'lb3', signalAgent(run, 'lb3', 'SIGTERM'), 30_000),
    end: () => undefined,
  },
  {
    title: 'one LB in maintenance (drain znode; --disable file)',
    node: 'lb1',
    begin: (stage, setup) => setOutOfService(stage, setup, 'lb1', true),
    end: (stage, setup) => setOutOfService(stage, setup, 'lb1', false),
  },
];

/** Measures everything under every setup, one after the other on one lab. */
export async function compare(
  stage: Stage,
  tell: (comparison: Comparison) => void,
): Promise<readonly Comparison[]> {
  const all: Comparison[] = [];
  for (const setup of contenders) {
    await refit(stage, setup);
    for (const job of jobs) {
      const comparison = await measure(stage, setup, job);
      tell(comparison);
      all.push(comparison);
    }
  }
  return all;
}

/** What was measured, as a table with a column for each setup. */
export function compareTable(comparisons: readonly Comparison[]): string {
  const titles = contenders.map(({ title, healthcheck }) =>
    healthcheck === undefined ? `vipkeeper, ${title}` : title,
  );
  const rows = jobs.map(({ title }) => {
    const own = comparisons.filter(({ job }) => job === title);
    const cells = contenders.map(({ name }) => own.find(({ setup }) => setup === name));
    return [title, ...cells.map((cell) => (cell === undefined ? '' : describeComparison(cell)))];
  });
  return table(['what happens', ...titles], rows);
}

/** One measurement in a line. */
export function describeComparison(comparison: Comparison): string {
  const { silenceMs, requests, failedRequests, inFlightFailed, unusedAfterMs } = comparison;
  const silence =
    unusedAfterMs === undefined && silenceMs > watchedMs / 2
      ? 'dark until repaired'
      : `silence ${silenceMs} ms`;
  const used =
    unusedAfterMs === undefined
      ? `its routes stayed in use (watched ${watchedMs / 1_000} s)`
      : `not used any more after ${Math.round(unusedAfterMs)} ms`;
  const failed = `requests failed: ${failedRequests} of ${requests}, in flight ${inFlightFailed}`;
  return [silence, failed, used].join('; ');
}

async function measure(stage: Stage, setup: Setup, job: Job): Promise<Comparison> {
  await waitUntilSettled(stage);
  const load = await Load.start(stage.run);
  try {
    const fromMs = nowMs();
    await job.begin(stage, setup);
    const unusedAfterMs = await untilUnused(stage, job.node, fromMs);
    await job.end(stage, setup);
    await waitUntilRecovered(stage);
    const requests = await load.report(stage.routes, fromMs);
    const probes = await stage.prober.report(fromMs);
    return {
      job: job.title,
      setup: setup.name,
      silenceMs: Math.max(...probes.vips.map(({ silenceMs }) => silenceMs)),
      requests: requests.total,
      failedRequests: requests.failed.length,
      inFlightFailed: requests.inFlightFailed.length,
      unusedAfterMs,
    };
  } finally {
    load.stop();
  }
}

/** When the spine forwarded nothing to an LB for the first time since then; undefined when it goes on doing so. */
async function untilUnused(
  stage: Stage,
  node: LoadBalancerName,
  fromMs: number,
): Promise<number | undefined> {
  const leftMs = () => {
    const left = vips.map(({ address }) => {
      const changes = stage.routes.changes(fromMs).filter(({ vip }) => vip === address);
      const wasUsed = (changes[0]?.before ?? stage.routes.carriers(address)).includes(node);
      const leaving = changes.find(({ after }) => !after.includes(node));
      return wasUsed ? leaving?.atMs : fromMs;
    });
    return left.every((atMs) => atMs !== undefined) ? Math.max(...left) - fromMs : undefined;
  };
  const options = { what: `${node} not to be used any more`, timeoutMs: watchedMs };
  return waitFor(leftMs, options).catch(() => undefined);
}

async function setOutOfService(
  stage: Stage,
  { healthcheck }: Setup,
  node: LoadBalancerName,
  isOut: boolean,
): Promise<void> {
  const file = disableFile(stage.run, node);
  if (healthcheck === undefined) await stage.znodes.setDrain(node, isOut);
  else if (isOut) writeFileSync(file, '');
  else rmSync(file);
  if (isOut && healthcheck === undefined) await waitUntilEmpty(stage, node);
}
