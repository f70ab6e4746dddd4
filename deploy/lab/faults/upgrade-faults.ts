import { markAgentLog, readAgentLog } from '../agent-log.ts';
import { startExabgp } from '../exabgp.ts';
import { type LoadBalancerName, loadBalancers, sessionTimeoutMs, tickMs } from '../plan.ts';
import { graceful, type Setup } from '../setups.ts';
import { signalAgent, stopExabgp, waitForSuccessor } from '../speaker.ts';
import { type Stage, waitUntilEmpty, waitUntilRecovered } from '../stage.ts';
import { nowMs, pass, waitFor } from '../wait.ts';
import type { Check, Fault } from './fault.ts';
import { routesUnchanged } from './observe.ts';
import { lossless, runPlannedMove } from './planned-move.ts';

export const agentStopped: Fault = {
  name: 'agent-term',
  title: 'agent stopped (SIGTERM) with hand-over, started again by ExaBGP',
  bound: lossless,
  victim: 'lb1',
  run: (stage) => runPlannedMove(stage, { move: () => restartAgent(stage, 'lb1', 'SIGTERM') }),
};

export const agentsUpgraded: Fault = upgrade({
  name: 'upgrade-agents',
  title: 'rolling upgrade of all agents (SIGTERM), without stateDir',
  one: (stage, node) => restartAgent(stage, node, 'SIGTERM'),
});

export const agentsUpgradedInPlace: Fault = {
  name: 'upgrade-agents-resumed',
  title: 'rolling upgrade of all agents (SIGKILL), sessions resumed from stateDir',
  bound: `${lossless}; no route changes`,
  setup: graceful,
  run: (stage) =>
    runPlannedMove(stage, {
      move: async () => {
        const fromMs = nowMs();
        await onEach(stage, (node) => restartAgent(stage, node, 'SIGKILL'));
        // A session that was not resumed would end only now, and its claim with it.
        await pass(sessionTimeoutMs + tickMs);
        return [routesUnchanged(stage, fromMs)];
      },
    }),
};

export const exabgpUpgraded: Fault = upgrade({
  name: 'upgrade-exabgp',
  title: 'rolling upgrade of all ExaBGPs (drain, restart, lift), without stateDir',
  one: restartExabgpDrained,
});

export const exabgpUpgradedWithState: Fault = upgrade({
  name: 'upgrade-exabgp-resumed',
  title: 'rolling upgrade of all ExaBGPs (drain, restart, lift), with stateDir and 65535:0',
  setup: graceful,
  one: restartExabgpDrained,
});

function upgrade(options: {
  readonly name: string;
  readonly title: string;
  readonly setup?: Setup;
  readonly one: (stage: Stage, node: LoadBalancerName) => Promise<unknown>;
}): Fault {
  const { one, ...rest } = options;
  return {
    ...rest,
    bound: lossless,
    run: (stage) =>
      runPlannedMove(stage, {
        move: async () => {
          await onEach(stage, (node) => one(stage, node));
          return [];
        },
      }),
  };
}

/** One LB after the other: the next one when the fleet is whole again, as whoever upgrades a fleet waits. */
async function onEach(
  stage: Stage,
  work: (node: LoadBalancerName) => Promise<unknown>,
): Promise<void> {
  for (const { name } of loadBalancers) {
    await work(name);
    await waitUntilRecovered(stage);
  }
}

/** Ends an agent, and waits until ExaBGP has started another one, whose service is up. */
export async function restartAgent(
  { run }: Stage,
  node: LoadBalancerName,
  name: NodeJS.Signals,
): Promise<readonly Check[]> {
  const mark = markAgentLog(run, node);
  const agent = signalAgent(run, node, name);
  await waitForSuccessor(run, node, agent, 30_000);
  const isUp = () =>
    readAgentLog(run, node, mark).some(({ event, to }) => event === 'healthChanged' && to === 'up');
  await waitFor(isUp, { what: `the service on ${node} to be up`, timeoutMs: 10_000 });
  return [];
}

async function restartExabgpDrained(stage: Stage, node: LoadBalancerName): Promise<void> {
  await stage.znodes.setDrain(node, true);
  await waitUntilEmpty(stage, node);
  await stopExabgp(stage.run, node, 'SIGTERM');
  startExabgp(stage.run, node);
  await stage.znodes.setDrain(node, false);
}
