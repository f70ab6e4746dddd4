import { markAgentLog, readAgentLog } from '../agent-log.ts';
import { startService } from '../lab.ts';
import { findDaemon } from '../namespaces.ts';
import { type LoadBalancerName, vips } from '../plan.ts';
import { signal } from '../processes.ts';
import type { Run } from '../run.ts';
import { type Stage, waitUntilRecovered, waitUntilSettled } from '../stage.ts';
import { nowMs, waitFor } from '../wait.ts';
import { type Check, type Fault, holds, within } from './fault.ts';
import { allUntouched, describeChange } from './observe.ts';
import { runTakeover } from './takeover.ts';

export const serviceBroken: Fault = {
  name: 'service',
  title: 'local service broken',
  bound: 'time to the verdict + <= 0.2 s',
  exazk: '16.5 s',
  victim: 'lb2',
  run: runServiceBroken,
};

export const maintenance: Fault = {
  name: 'maintenance',
  title: 'maintenance on / off',
  bound: '<= 0.3 s / <= 1 s',
  exazk: '12.6 s / 8.0 s',
  run: runMaintenance,
};

function runServiceBroken(stage: Stage): Promise<readonly Check[]> {
  const mark = markAgentLog(stage.run, 'lb2');
  return runTakeover(stage, {
    victim: 'lb2',
    break: ({ run }) => killService(run, 'lb2'),
    repair: ({ run }) => startService(run, 'lb2'),
    // Until the verdict nobody can know; the VIP is dark for that long whatever the agent does.
    boundMs: async ({ run }, brokenMs) => (await verdictMs(run, 'lb2', mark)) - brokenMs + 200,
  });
}

/** Ends what the VIPs lead to: nginx, which the health check asks, and the responder, which the probes ask. */
export function killService(run: Run, node: LoadBalancerName): void {
  for (const name of ['nginx', 'responder']) {
    const daemon = findDaemon(run, node, name);
    if (daemon !== undefined) signal(daemon.pid, 'SIGKILL');
  }
}

function verdictMs(run: Run, node: LoadBalancerName, mark: number): Promise<number> {
  const verdict = () =>
    readAgentLog(run, node, mark).find(
      ({ event, to }) => event === 'healthChanged' && to === 'down',
    )?.atMs;
  // A log line may come after the routes that follow from it.
  return waitFor(verdict, { what: `${node} to log its verdict`, timeoutMs: 5_000 });
}

async function runMaintenance(stage: Stage): Promise<readonly Check[]> {
  await waitUntilSettled(stage);
  const onMs = await stage.znodes.setMaintenance(true);
  const goneMs = await lastChange(
    stage,
    onMs,
    'all routes to be gone',
    (carriers) => carriers === '',
  );
  const offMs = await stage.znodes.setMaintenance(false);
  const backMs = await lastChange(
    stage,
    offMs,
    'all routes to be back',
    (carriers) => carriers !== '',
  );
  await stage.prober.untilQuiet();
  const quietMs = nowMs();
  const strays = stage.routes
    .changes(offMs)
    .filter(({ vip, after }) => after.some((name) => !isOwner(name, vip)));
  await waitUntilRecovered(stage);
  return [
    within('on: all routes gone', goneMs - onMs, 300),
    within('off: all routes back', backMs - offMs, 1_000),
    holds(
      'off: owners alone came back',
      strays.length === 0,
      strays.map(describeChange).join('; '),
    ),
    allUntouched('after it', await stage.prober.report(quietMs)),
  ];
}

/** Waits until every VIP's routes are as wanted, and returns when the last of them came to be so. */
async function lastChange(
  stage: Stage,
  fromMs: number,
  what: string,
  isWanted: (carriers: string) => boolean,
): Promise<number> {
  await waitFor(
    () => vips.every(({ address }) => isWanted(stage.routes.carriers(address).join())),
    {
      what,
      timeoutMs: 30_000,
    },
  );
  return Math.max(...stage.routes.changes(fromMs).map(({ atMs }) => atMs));
}

function isOwner(name: LoadBalancerName, vip: string): boolean {
  return vips.some(({ address, owner }) => address === vip && owner === name);
}
