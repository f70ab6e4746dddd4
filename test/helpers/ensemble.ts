import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { missingForBgp, removeStaleNamespaces, stalePrefix } from './namespace.ts';
import {
  startZooKeeper,
  type ZooKeeper,
  type ZooKeeperOptions,
  type ZooKeeperServer,
} from './zookeeper.ts';

/** Three servers, each on a host of its own, with a network between them that can be cut. */
export interface Ensemble extends ZooKeeper {
  leader(): Promise<ZooKeeperServer>;
  followers(): Promise<readonly ZooKeeperServer[]>;
  /**
   * Drops all packets between a server and the other two. It goes on serving clients until `syncLimit` ticks have
   * passed, and does not know.
   */
  isolate(server: ZooKeeperServer): void;
  /** Ends every isolation. */
  heal(): void;
}

/** Why hosts of their own, or real BGP speakers, cannot run here; undefined when they can. */
export function missingForEnsemble(): string | undefined {
  return existsSync('/usr/sbin/iptables') ? missingForBgp() : 'iptables is not installed';
}

const numbers = [1, 2, 3] as const;
let ensembleCount = 0;

/** Starts three servers in three network namespaces, on one switch with this process. Needs root. */
export async function startEnsemble(options: ZooKeeperOptions = {}): Promise<Ensemble> {
  const network = createNetwork();
  const zooKeeper = await startZooKeeper({
    ...options,
    // Votes are sent again ever more seldom otherwise, up to a minute, and a healed network would not show for long.
    properties: [
      '-Dzookeeper.fastleader.maxNotificationInterval=500',
      ...(options.properties ?? []),
    ],
    servers: 3,
    places: numbers.map((number) => ({
      address: network.addressOf(number),
      enter: ['ip', 'netns', 'exec', network.namespaceOf(number)],
    })),
  }).catch((error: unknown) => {
    network.remove();
    throw error;
  });
  const inMode = async (mode: string) => {
    const modes = await Promise.all(zooKeeper.servers.map((server) => server.mode()));
    return zooKeeper.servers.filter((_, index) => modes[index] === mode);
  };
  return {
    ...zooKeeper,
    followers: () => inMode('follower'),
    async leader() {
      const [leader] = await inMode('leader');
      if (leader === undefined) throw new Error('no leader');
      return leader;
    },
    isolate(server) {
      const number = zooKeeper.servers.indexOf(server) + 1;
      for (const peer of numbers) {
        if (peer === number) continue;
        const inside = ['netns', 'exec', network.namespaceOf(number), 'iptables', '-w'];
        run('ip', ...inside, '-A', 'INPUT', '-s', network.addressOf(peer), '-j', 'DROP');
        run('ip', ...inside, '-A', 'OUTPUT', '-d', network.addressOf(peer), '-j', 'DROP');
      }
    },
    heal() {
      for (const number of numbers)
        run('ip', 'netns', 'exec', network.namespaceOf(number), 'iptables', '-w', '-F');
    },
    async stop() {
      await zooKeeper.stop();
      network.remove();
    },
  };
}

interface Network {
  addressOf(number: number): string;
  namespaceOf(number: number): string;
  remove(): void;
}

/** A switch in a namespace of its own, with one cable to each server and one to here. */
function createNetwork(): Network {
  removeStaleNamespaces();
  ensembleCount += 1;
  const name = `${stalePrefix}${process.pid}-zk${ensembleCount}`;
  // Of the range for tests of network devices; two test runs at once take different ones.
  const subnet = `198.18.${(process.pid + ensembleCount) % 256}`;
  const network: Network = {
    addressOf: (number) => `${subnet}.${number}`,
    namespaceOf: (number) => `${name}-${number}`,
    remove: () => {
      process.off('exit', network.remove);
      // Every cable ends in a namespace, and goes with it.
      for (const number of [0, ...numbers])
        run('ip', 'netns', 'delete', network.namespaceOf(number));
    },
  };
  const hub = network.namespaceOf(0);
  for (const number of [0, ...numbers]) run('ip', 'netns', 'add', network.namespaceOf(number));
  process.on('exit', network.remove);
  run('ip', '-n', hub, 'link', 'add', 'switch', 'type', 'bridge');
  run('ip', '-n', hub, 'link', 'set', 'switch', 'up');
  for (const number of numbers) {
    const inside = ['-n', network.namespaceOf(number)];
    plug(hub, `port${number}`, 'netns', network.namespaceOf(number), 'name', 'eth0');
    run('ip', ...inside, 'address', 'add', `${network.addressOf(number)}/24`, 'dev', 'eth0');
    for (const device of ['lo', 'eth0']) run('ip', ...inside, 'link', 'set', device, 'up');
  }
  const here = `vk${process.pid}-${ensembleCount}`;
  plug(hub, 'here', 'netns', `${process.pid}`, 'name', here);
  run('ip', 'address', 'add', `${subnet}.254/24`, 'dev', here);
  run('ip', 'link', 'set', here, 'up');
  return network;
}

/** A cable from a port of the switch to somewhere else. */
function plug(hub: string, port: string, ...far: readonly string[]): void {
  run('ip', '-n', hub, 'link', 'add', port, 'type', 'veth', 'peer', ...far);
  run('ip', '-n', hub, 'link', 'set', port, 'master', 'switch', 'up');
}

function run(program: string, ...args: readonly string[]): void {
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
