import { startExabgp } from '../exabgp.ts';
import {
  holdTimeSeconds,
  type LoadBalancerName,
  sessionTimeoutMs,
  stallAfterMs,
  tickMs,
  vipsOf,
} from '../plan.ts';
import { findAgent, signalAgent, signalExabgp, stopExabgp, waitForSuccessor } from '../speaker.ts';
import { type Stage, waitForTakeover, waitUntilRecovered, waitUntilSettled } from '../stage.ts';
import { nowMs, pass, waitFor } from '../wait.ts';
import { type Check, type Fault, holds, within } from './fault.ts';
import { allUntouched, describeChange, nobodyElseCarried } from './observe.ts';
import { type Breakage, runTakeover } from './takeover.ts';

/** ExaBGP of an LB ends without a word. */
export const exabgpCrash: Breakage = {
  victim: 'lb1',
  break: ({ run }) => stopExabgp(run, 'lb1', 'SIGKILL'),
  repair: ({ run }) => startExabgp(run, 'lb1'),
};

export const exabgpKilled: Fault = {
  name: 'exabgp-kill',
  title: 'ExaBGP killed (-9)',
  bound: '<= 0.3 s',
  exazk: '17.2 s',
  victim: 'lb1',
  run: (stage) => runTakeover(stage, { ...exabgpCrash, boundMs: () => 300 }),
};

export const exabgpStopped: Fault = {
  name: 'exabgp-term',
  title: 'ExaBGP stopped (SIGTERM)',
  bound: '<= 0.2 s',
  exazk: '0.2 s',
  victim: 'lb2',
  run: (stage) =>
    runTakeover(stage, {
      victim: 'lb2',
      break: ({ run }) => stopExabgp(run, 'lb2', 'SIGTERM'),
      repair: ({ run }) => startExabgp(run, 'lb2'),
      boundMs: () => 200,
    }),
};

export const exabgpHangs: Fault = {
  name: 'exabgp-hang',
  title: 'ExaBGP hangs (SIGSTOP) until its peers have taken over, then goes on',
  bound: '0, on every flow: its routes outlast the takeover',
  victim: 'lb2',
  run: runExabgpHangs,
};

export const ownerReturns: Fault = {
  name: 'owner-returns',
  title: 'owner returns',
  bound: '0, on every flow',
  exazk: '0',
  victim: 'lb3',
  run: runOwnerReturns,
};

export const agentKilled: Fault = {
  name: 'agent-kill',
  title: 'agent killed (-9), ExaBGP respawns it',
  bound: '0, and nobody else ever announces its VIP',
  exazk: '0',
  victim: 'lb3',
  run: runAgentKilled,
};

async function runExabgpHangs(stage: Stage): Promise<readonly Check[]> {
  await waitUntilSettled(stage);
  const fromMs = nowMs();
  signalExabgp(stage.run, 'lb2', 'SIGSTOP');
  const { address } = vipsOf('lb2')[0] ?? {};
  // The leaf still has its route, so everybody carries the VIP.
  await waitFor(() => stage.routes.carriers(address ?? '').length === 3, {
    what: 'the peers of an ExaBGP that hangs to announce as well',
    timeoutMs: holdTimeSeconds * 1_000,
  });
  const takenMs = nowMs();
  signalExabgp(stage.run, 'lb2', 'SIGCONT');
  await waitUntilRecovered(stage);
  return [
    allUntouched('silence on every flow', await stage.prober.report(fromMs)),
    within('its peers announce after', takenMs - fromMs, stallAfterMs + 2_000),
  ];
}

async function runOwnerReturns(stage: Stage): Promise<readonly Check[]> {
  await waitUntilSettled(stage);
  await stopExabgp(stage.run, 'lb3', 'SIGTERM');
  await waitForTakeover(stage, 'lb3');
  await stage.prober.untilQuiet();
  const fromMs = nowMs();
  startExabgp(stage.run, 'lb3');
  await waitUntilRecovered(stage);
  return [
    allUntouched('silence on every flow', await stage.prober.report(fromMs)),
    makeBeforeBreak(stage, 'lb3', fromMs),
  ];
}

/** Probes can miss a gap of a millisecond; the spine's own record of its routes cannot. */
function makeBeforeBreak(stage: Stage, owner: LoadBalancerName, fromMs: number): Check {
  const early = stage.routes
    .changes(fromMs)
    .filter(({ vip }) => vipsOf(owner).some(({ address }) => address === vip))
    .filter(({ before, after }) => after.length < before.length && !after.includes(owner));
  const detail = early.map(describeChange).join('; ');
  return holds('nobody stepped back before the owner was there', early.length === 0, detail);
}

async function runAgentKilled(stage: Stage): Promise<readonly Check[]> {
  await waitUntilSettled(stage);
  const fromMs = nowMs();
  const agent = signalAgent(stage.run, 'lb3', 'SIGKILL');
  const successor = await waitForSuccessor(stage.run, 'lb3', agent);
  // The dead agent's session ends only now; until then its claim could still vanish under the new one.
  await pass(sessionTimeoutMs + tickMs + 1_000);
  await waitUntilRecovered(stage);
  return [
    allUntouched('silence', await stage.prober.report(fromMs)),
    nobodyElseCarried(stage, 'lb3', fromMs),
    holds('the new agent still runs', findAgent(stage.run, 'lb3') === successor),
  ];
}
