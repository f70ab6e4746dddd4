import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import {
  startZooKeeper,
  type ZooKeeper,
  type ZooKeeperOptions,
  type ZooKeeperServer,
} from './zookeeper.ts';

/** Three servers with a network between them that can be cut. */
export interface Ensemble extends ZooKeeper {
  leader(): Promise<ZooKeeperServer>;
  followers(): Promise<readonly ZooKeeperServer[]>;
  /**
   * Swallows all that a server and the others say to each other as leader and follower, without closing anything. It
   * goes on serving clients until `syncLimit` ticks have passed, and does not know. Votes pass: they move no data.
   */
  isolate(server: ZooKeeperServer): void;
  /** Ends every isolation. */
  heal(): void;
}

interface Link {
  readonly from: number;
  readonly to: number;
  readonly proxy: TcpProxy;
}

/** Starts three servers whose quorum connections pass through relays of this process. */
export async function startEnsemble(options: ZooKeeperOptions = {}): Promise<Ensemble> {
  const links: Link[] = [];
  const zooKeeper = await startZooKeeper({
    ...options,
    servers: 3,
    link: async (from, to, port) => {
      const proxy = await startTcpProxy({ host: '127.0.0.1', port });
      links.push({ from, to, proxy });
      return proxy.port;
    },
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
      const id = zooKeeper.servers.indexOf(server) + 1;
      for (const { from, to, proxy } of links)
        if (from === id || to === id) proxy.swallow('toServer', 'toClient');
    },
    heal() {
      for (const { proxy } of links) proxy.heal();
    },
    async stop() {
      await zooKeeper.stop();
      await Promise.all(links.map(({ proxy }) => proxy.stop()));
    },
  };
}
