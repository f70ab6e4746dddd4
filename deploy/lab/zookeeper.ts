import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findDaemon, nodeDirectory, startDaemon } from './namespaces.ts';
import { tickMs, zooKeeperAddress, zooKeeperPort } from './plan.ts';
import { signal } from './processes.ts';
import type { Run } from './run.ts';
import { waitFor } from './wait.ts';

const java = '/usr/share/java';
const jars = ['zookeeper', 'zookeeper-jute', 'slf4j-api', 'slf4j-simple', 'netty-all'];

/** Where a server runs, and the address it is reached at. */
export interface ZooKeeperPlace {
  readonly node: string;
  readonly address: string;
}

const onManagement: ZooKeeperPlace = { node: 'zk', address: zooKeeperAddress };

/**
 * Starts Debian's ZooKeeper, one server, by default on the leaf-spine's management network; its data outlives it, as on
 * a real host.
 */
export function startZooKeeper(run: Run, { node, address }: ZooKeeperPlace = onManagement): void {
  const directory = nodeDirectory(run, node);
  writeFileSync(
    join(directory, 'zoo.cfg'),
    [
      `tickTime=${tickMs}`,
      `dataDir=${join(directory, 'data')}`,
      `clientPort=${zooKeeperPort}`,
      `clientPortAddress=${address}`,
      'admin.enableServer=false',
      'maxClientCnxns=0',
      '',
    ].join('\n'),
  );
  const classPath = jars.map((jar) => `${java}/${jar}.jar`).join(':');
  const machine = ['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', classPath];
  const program = 'org.apache.zookeeper.server.ZooKeeperServerMain';
  startDaemon({
    run,
    node,
    name: 'zookeeper',
    command: ['java', ...machine, program, 'zoo.cfg'],
  });
}

/** Sends the server a signal: SIGKILL for a crash, SIGSTOP and SIGCONT for a hang. */
export async function signalZooKeeper(run: Run, name: NodeJS.Signals): Promise<void> {
  const server = findDaemon(run, 'zk', 'zookeeper');
  if (server === undefined) throw new Error('ZooKeeper does not run');
  signal(server.pid, name);
  if (name !== 'SIGKILL') return;
  const isGone = () => findDaemon(run, 'zk', 'zookeeper') === undefined;
  await waitFor(isGone, { what: 'the end of ZooKeeper', timeoutMs: 5_000 });
}
