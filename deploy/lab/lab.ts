import { readFileSync, rmSync } from 'node:fs';
import { writeAgentConfig } from './agent-config.ts';
import { startRouters } from './bird.ts';
import { startExabgp } from './exabgp.ts';
import { removeNamespaces, startDaemon } from './namespaces.ts';
import { startNginx } from './nginx.ts';
import { knownVips, type LoadBalancerName, loadBalancers, probePort } from './plan.ts';
import { createRun, isAbandoned, labEntry, listRuns, type Run } from './run.ts';
import { buildTopology } from './topology.ts';
import { waitFor } from './wait.ts';
import { startZooKeeper } from './zookeeper.ts';

export interface RunOptions {
  readonly isKept: boolean;
  readonly tell: (line: string) => void;
}

/** Builds the whole leaf-spine: network, routers, ZooKeeper, services, ExaBGP with its agents. */
export function startLab(options: RunOptions): Promise<Run> {
  return startRun(options, (run) => buildLeafSpine(run, options.tell));
}

/** Registers a run and builds in it. It is removed when this process ends, unless it is to be kept and was built. */
export async function startRun(
  options: RunOptions,
  build: (run: Run) => Promise<void>,
): Promise<Run> {
  removeAbandonedRuns(options.tell);
  const run = createRun(options);
  const remove = () => removeLab(run);
  process.once('exit', remove);
  await build(run);
  if (options.isKept) process.removeListener('exit', remove);
  return run;
}

async function buildLeafSpine(run: Run, tell: (line: string) => void): Promise<void> {
  tell(`network: 10 namespaces ${run.prefix}*`);
  buildTopology(run);
  startZooKeeper(run);
  tell('routers: BIRD on spine, leaf1, leaf2, leaf3');
  await startRouters(run);
  tell('load balancers: nginx, ExaBGP and vipkeeper on lb1, lb2, lb3');
  writeAgentConfig(run);
  await Promise.all(
    loadBalancers.map(async ({ name }) => {
      await startService(run, name);
      startExabgp(run, name);
    }),
  );
}

/** Removes a lab: every process in its namespaces, the namespaces, its files. Twice is harmless. */
export function removeLab(run: Run): void {
  removeNamespaces(run.prefix);
  rmSync(run.directory, { recursive: true, force: true });
}

/**
 * Starts what an LB serves: the responder that answers probes, and then nginx, which the health check asks: an LB that is
 * healthy answers.
 */
export async function startService(run: Run, node: LoadBalancerName): Promise<void> {
  const command = [process.execPath, labEntry(), 'responder', node] as const;
  const { pid } = startDaemon({ run, node, name: 'responder', command: [...command] });
  await waitFor(() => countBound(pid) >= knownVips.length, {
    what: `the responder on ${node}`,
    timeoutMs: 20_000,
    pollMs: 10,
  });
  startNginx(run, node);
}

/** How many sockets for probes there are in the network namespace of a process. */
function countBound(pid: number): number {
  const port = `:${probePort.toString(16).toUpperCase()} `;
  return ['udp', 'udp6']
    .flatMap((table) => readFileSync(`/proc/${pid}/net/${table}`, 'latin1').split('\n'))
    .filter((line) => line.includes(port)).length;
}

/** The lab that `up` left running, if any. */
export function findKeptRun(): Run | undefined {
  return listRuns().find((run) => run.isKept);
}

/** Removes what crashed runs left behind. */
function removeAbandonedRuns(tell: (line: string) => void): void {
  for (const run of listRuns().filter(isAbandoned)) {
    tell(`removing what an earlier run left behind: ${run.prefix}*`);
    removeLab(run);
  }
}
