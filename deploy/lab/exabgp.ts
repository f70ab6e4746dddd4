import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentConfigFile } from './agent-config.ts';
import { healthcheckConfigFile, writeHealthcheckConfig } from './healthcheck.ts';
import { findDaemon, nodeDirectory, startDaemon } from './namespaces.ts';
import {
  families,
  holdTimeSeconds,
  type LoadBalancer,
  type LoadBalancerName,
  leafLink,
  loadBalancer,
} from './plan.ts';
import { childrenOf, commandOf, signal } from './processes.ts';
import { labEntry, type Run, repositoryRoot } from './run.ts';
import { setupOf } from './setups.ts';
import { waitFor } from './wait.ts';

/** Starts ExaBGP on an LB, which starts what the lab's setup says. Nothing restarts it after a fault but the lab. */
export function startExabgp(run: Run, node: LoadBalancerName): void {
  const directory = nodeDirectory(run, node);
  writeFileSync(join(directory, 'exabgp.conf'), exabgpConfig(run, loadBalancer(node)));
  startDaemon({
    run,
    node,
    name: 'exabgp',
    command: ['exabgp', join(directory, 'exabgp.conf')],
    environment: {
      LAB_MEMBER: node,
      LAB_AS: String(loadBalancer(node).asn),
      LAB_STATE: join(directory, 'state'),
      'exabgp.daemon.user': 'root',
      'exabgp.daemon.drop': 'false',
      'exabgp.tcp.bind': '',
      'exabgp.api.cli': 'false',
      'exabgp.log.level': 'INFO',
      'exabgp.log.destination': 'stdout',
    },
  });
}

/** Sends ExaBGP a signal that it survives. */
export function signalExabgp(run: Run, node: LoadBalancerName, name: NodeJS.Signals): void {
  signal(exabgpPid(run, node), name);
}

/** Sends ExaBGP a signal and waits until it and its agent are gone. */
export async function stopExabgp(
  run: Run,
  node: LoadBalancerName,
  name: NodeJS.Signals,
): Promise<void> {
  const agent = findAgent(run, node);
  signal(exabgpPid(run, node), name);
  const isGone = () =>
    findDaemon(run, node, 'exabgp') === undefined &&
    (agent === undefined || commandOf(agent) === '');
  await waitFor(isGone, { what: `the end of ExaBGP and its agent on ${node}`, timeoutMs: 15_000 });
}

/** The helper's process on an LB: ExaBGP's child, once it is the program that the setup names. */
export function findAgent(run: Run, node: LoadBalancerName): number | undefined {
  const exabgp = findDaemon(run, node, 'exabgp');
  const isHelper = (pid: number) =>
    /vipkeeper run|healthcheck --|exazk-member/.test(commandOf(pid));
  return exabgp && childrenOf(exabgp.pid).find(isHelper);
}

/** Sends the agent of an LB a signal; returns the process that got it. */
export function signalAgent(run: Run, node: LoadBalancerName, name: NodeJS.Signals): number {
  const agent = findAgent(run, node);
  if (agent === undefined) throw new Error(`no agent runs on ${node}`);
  signal(agent, name);
  return agent;
}

/** Waits until ExaBGP has started another agent in the place of one that ended or will end; returns its process. */
export async function waitForSuccessor(
  run: Run,
  node: LoadBalancerName,
  agent: number,
  timeoutMs = 10_000,
): Promise<number> {
  return waitFor(() => [findAgent(run, node)].find((pid) => pid !== undefined && pid !== agent), {
    what: `ExaBGP on ${node} to start the agent again`,
    timeoutMs,
  });
}

/** A fault that needs a running ExaBGP and finds none has nothing to break. */
function exabgpPid(run: Run, node: LoadBalancerName): number {
  const daemon = findDaemon(run, node, 'exabgp');
  if (daemon === undefined) throw new Error(`ExaBGP does not run on ${node}`);
  return daemon.pid;
}

/** Where the agent's log lines go: ExaBGP hands its own standard error to the helper, and logs to its output. */
export function agentLogFile(run: Run, node: LoadBalancerName): string {
  return join(run.directory, node, 'exabgp.err.log');
}

function exabgpConfig(run: Run, balancer: LoadBalancer): string {
  // healthcheck takes every line that it reads for an answer, and exazk.py reads none.
  const { healthcheck, isExazk } = setupOf(run, balancer.name);
  const hearsNeighbors = healthcheck === undefined && isExazk === undefined;
  // An IPv6 route with "next-hop self" on an IPv4 session is lost, so each family has a session of its own.
  const neighbors = families.map((family) => {
    const { near, far } = leafLink(balancer.rack)[family];
    return `neighbor ${far} {
  router-id ${leafLink(balancer.rack).ipv4.near};
  local-address ${near};
  local-as ${balancer.asn};
  peer-as ${balancer.leafAsn};
  hold-time ${holdTimeSeconds};
  family {
    ${family} unicast;
  }
  api {
    processes [ helper ];${hearsNeighbors ? '\n    neighbor-changes;' : ''}
  }
}`;
  });
  return `process helper {
  run ${helperCommand(run, balancer).join(' ')};
  encoder json;
}
${neighbors.join('\n')}
`;
}

function helperCommand(run: Run, balancer: LoadBalancer): readonly string[] {
  const { healthcheck, isExazk } = setupOf(run, balancer.name);
  if (isExazk) return [process.execPath, labEntry(), 'exazk-member', balancer.name];
  if (healthcheck !== undefined) {
    writeHealthcheckConfig(run, balancer, healthcheck);
    const config = healthcheckConfigFile(run, balancer.name);
    return ['/usr/bin/python3', '-m', 'exabgp', 'healthcheck', '--config', config];
  }
  const program = join(repositoryRoot(), 'bin', 'vipkeeper');
  return [process.execPath, program, 'run', '-f', agentConfigFile(run)];
}
