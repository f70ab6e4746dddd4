import { markAgentLog, readAgentLog } from '../agent-log.ts';
import {
  families,
  holdTimeSeconds,
  type LoadBalancerName,
  releaseMs,
  sessionTimeoutMs,
  settleMs,
  tickMs,
  vipsOf,
} from '../plan.ts';
import type { Run } from '../run.ts';
import { type Stage, waitUntilRecovered, waitUntilSettled } from '../stage.ts';
import { nowMs, pass, waitFor } from '../wait.ts';
import { type Check, type Fault, holds, within } from './fault.ts';
import { dropPackets, type Link, setLink } from './links.ts';
import { allUntouched } from './observe.ts';
import { type Breakage, runTakeover } from './takeover.ts';

/** All links of an LB lose their carrier. */
export const powerCut: Breakage = {
  victim: 'lb1',
  break: ({ run }) => setAllLinks(run, 'lb1', 'down'),
  repair: ({ run }) => setAllLinks(run, 'lb1', 'up'),
};

/** All packets of an LB are lost, and nobody is told. */
export const blackHole: Breakage = {
  victim: 'lb2',
  break: ({ run }) => dropPackets(run, 'lb2', allLinks, 'start'),
  repair: ({ run }) => dropPackets(run, 'lb2', allLinks, 'stop'),
};

const expiryMs = sessionTimeoutMs + tickMs;
const allLinks: readonly Link[] = ['uplink', 'mgmt'];

export const powerOff: Fault = {
  name: 'power-off',
  title: 'power off (all links down)',
  bound: 'session timeout + tick + <= 0.5 s, recovers',
  exazk: '11.6 s, never recovers',
  victim: 'lb1',
  run: (stage) => runTakeover(stage, { ...powerCut, boundMs: () => expiryMs + 500 }),
};

export const packetsDropped: Fault = {
  name: 'packets-dropped',
  title: 'packets dropped on all links',
  bound: 'max(hold, session timeout + tick) + <= 0.5 s, recovers',
  exazk: '10.3 s, never recovers',
  victim: 'lb2',
  run: (stage) =>
    runTakeover(stage, {
      ...blackHole,
      boundMs: () => Math.max(holdTimeSeconds * 1_000, expiryMs) + 500,
    }),
};

export const uplinkDown: Fault = {
  name: 'uplink-down',
  title: 'uplink to the leaf lost (carrier), management network fine',
  bound: '<= 0.5 s after ExaBGP reports the neighbor down',
  exazk: 'dark until repaired',
  victim: 'lb3',
  run: (stage) =>
    runUplinkLost(stage, {
      victim: 'lb3',
      break: ({ run }) => setLink(run, 'lb3', 'uplink', 'down'),
      repair: ({ run }) => setLink(run, 'lb3', 'uplink', 'up'),
    }),
};

export const uplinkDropped: Fault = {
  name: 'uplink-dropped',
  title: 'uplink to the leaf lost (packets dropped), management network fine',
  bound: '<= 0.5 s after ExaBGP reports the neighbor down',
  exazk: 'dark until repaired',
  victim: 'lb1',
  run: (stage) =>
    runUplinkLost(stage, {
      victim: 'lb1',
      break: ({ run }) => dropPackets(run, 'lb1', ['uplink'], 'start'),
      repair: ({ run }) => dropPackets(run, 'lb1', ['uplink'], 'stop'),
    }),
};

export const managementLost: Fault = {
  name: 'zookeeper-unreachable',
  title: 'one LB cut off from ZooKeeper for 20 s',
  bound: '0 on every flow, recovers within settle + release + 1 s',
  exazk: 'never recovers',
  victim: 'lb2',
  run: runManagementLost,
};

function setAllLinks(run: Run, node: LoadBalancerName, state: 'up' | 'down'): void {
  for (const link of allLinks) setLink(run, node, link, state);
}

function runUplinkLost(stage: Stage, fault: Breakage): Promise<readonly Check[]> {
  const mark = markAgentLog(stage.run, fault.victim);
  return runTakeover(stage, {
    ...fault,
    boundMs: async ({ run }, brokenMs) =>
      (await neighborsDownMs(run, fault.victim, mark)) - brokenMs + 500,
  });
}

/** When ExaBGP had reported every neighbor down: an LB with one session left still announces. */
function neighborsDownMs(run: Run, node: LoadBalancerName, mark: number): Promise<number> {
  const lastLost = () =>
    readAgentLog(run, node, mark)
      .filter(({ event, isEstablished }) => event === 'neighborChanged' && isEstablished === false)
      .map(({ atMs }) => atMs)[families.length - 1];
  // A log line may come after the routes that follow from it.
  return waitFor(lastLost, { what: `${node} to log its lost neighbors`, timeoutMs: 5_000 });
}

async function runManagementLost(stage: Stage): Promise<readonly Check[]> {
  await waitUntilSettled(stage);
  const fromMs = nowMs();
  setLink(stage.run, 'lb2', 'mgmt', 'down');
  await pass(20_000);
  const isCovered = vipsOf('lb2').every(({ address }) => stage.routes.carriers(address).length > 1);
  const repairedMs = nowMs();
  setLink(stage.run, 'lb2', 'mgmt', 'up');
  await waitUntilRecovered(stage);
  const recoveredMs = nowMs();
  return [
    holds('its claim expired and the others announced too', isCovered),
    allUntouched('silence on every flow', await stage.prober.report(fromMs)),
    within('time to recover', recoveredMs - repairedMs, settleMs + releaseMs + 1_000),
  ];
}
