import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findDaemon, nodeDirectory, startDaemon } from './namespaces.ts';
import { childrenOf, commandOf, signal } from './processes.ts';
import { type Run, repositoryRoot } from './run.ts';
import { waitFor } from './wait.ts';

/** A BGP session of ExaBGP. */
export interface Neighbor {
  readonly local: string;
  readonly localAs: number;
  readonly remote: string;
  readonly remoteAs: number;
  readonly routerId: string;
  readonly holdTimeSeconds: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** What runs under an ExaBGP, and with whom it speaks. */
export interface Speaker {
  /** The helper's command line. */
  readonly helper: readonly string[];
  /** Whether the helper is told of neighbors that come and go: healthcheck takes every line that it reads for an answer. */
  readonly hearsNeighbors: boolean;
  readonly neighbors: readonly Neighbor[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts ExaBGP on a node. Nothing restarts it after a fault but the lab. */
export function startSpeaker(run: Run, node: string, speaker: Speaker): void {
  const directory = nodeDirectory(run, node);
  writeFileSync(join(directory, 'exabgp.conf'), speakerConfig(speaker));
  startDaemon({
    run,
    node,
    name: 'exabgp',
    command: ['exabgp', join(directory, 'exabgp.conf')],
    environment: {
      ...speaker.environment,
      'exabgp.daemon.user': 'root',
      'exabgp.daemon.drop': 'false',
      'exabgp.tcp.bind': '',
      'exabgp.api.cli': 'false',
      'exabgp.log.level': 'INFO',
      'exabgp.log.destination': 'stdout',
    },
  });
}

/** The command line of this repository's vipkeeper. */
export function vipkeeperCommand(...words: readonly string[]): readonly string[] {
  return [process.execPath, join(repositoryRoot(), 'bin', 'vipkeeper'), ...words];
}

/** Sends ExaBGP a signal that it survives. */
export function signalExabgp(run: Run, node: string, name: NodeJS.Signals): void {
  signal(exabgpPid(run, node), name);
}

/** Sends ExaBGP a signal and waits until it and its agent are gone. */
export async function stopExabgp(run: Run, node: string, name: NodeJS.Signals): Promise<void> {
  const agent = findAgent(run, node);
  signal(exabgpPid(run, node), name);
  const isGone = () =>
    findDaemon(run, node, 'exabgp') === undefined &&
    (agent === undefined || commandOf(agent) === '');
  await waitFor(isGone, { what: `the end of ExaBGP and its agent on ${node}`, timeoutMs: 15_000 });
}

/** The helper's process on an LB: ExaBGP's child, once it is the program that the setup names. */
export function findAgent(run: Run, node: string): number | undefined {
  const exabgp = findDaemon(run, node, 'exabgp');
  const isHelper = (pid: number) =>
    /vipkeeper run|healthcheck --|exazk-member/.test(commandOf(pid));
  return exabgp && childrenOf(exabgp.pid).find(isHelper);
}

/** Sends the agent of an LB a signal; returns the process that got it. */
export function signalAgent(run: Run, node: string, name: NodeJS.Signals): number {
  const agent = findAgent(run, node);
  if (agent === undefined) throw new Error(`no agent runs on ${node}`);
  signal(agent, name);
  return agent;
}

/** Waits until ExaBGP has started another agent in the place of one that ended or will end; returns its process. */
export async function waitForSuccessor(
  run: Run,
  node: string,
  agent: number,
  timeoutMs = 10_000,
): Promise<number> {
  return waitFor(() => [findAgent(run, node)].find((pid) => pid !== undefined && pid !== agent), {
    what: `ExaBGP on ${node} to start the agent again`,
    timeoutMs,
  });
}

/** A fault that needs a running ExaBGP and finds none has nothing to break. */
function exabgpPid(run: Run, node: string): number {
  const daemon = findDaemon(run, node, 'exabgp');
  if (daemon === undefined) throw new Error(`ExaBGP does not run on ${node}`);
  return daemon.pid;
}

/** Where the agent's log lines go: ExaBGP hands its own standard error to the helper, and logs to its output. */
export function agentLogFile(run: Run, node: string): string {
  return join(run.directory, node, 'exabgp.err.log');
}

function speakerConfig({ helper, hearsNeighbors, neighbors }: Speaker): string {
  const sessions = neighbors.map(
    (neighbor) => `neighbor ${neighbor.remote} {
  router-id ${neighbor.routerId};
  local-address ${neighbor.local};
  local-as ${neighbor.localAs};
  peer-as ${neighbor.remoteAs};
  hold-time ${neighbor.holdTimeSeconds};
  family {
    ${neighbor.family} unicast;
  }
  api {
    processes [ helper ];${hearsNeighbors ? '\n    neighbor-changes;' : ''}
  }
}`,
  );
  return `process helper {
  run ${helper.join(' ')};
  encoder json;
}
${sessions.join('\n')}
`;
}
