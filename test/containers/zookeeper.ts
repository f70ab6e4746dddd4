import {
  GenericContainer,
  type StartedNetwork,
  type StartedTestContainer,
  Wait,
} from 'testcontainers';
import { images } from './images.ts';

export interface ContainedZooKeeper {
  /** For clients on this machine. */
  readonly connectString: string;
  /** For containers of the same network. */
  readonly address: string;
  stop(): Promise<void>;
}

const port = 2181;
const startMs = 60_000;

/** Starts one ZooKeeper server in a container, by whatever Docker engine answers. */
export async function startZooKeeper(network: StartedNetwork): Promise<ContainedZooKeeper> {
  const container: StartedTestContainer = await new GenericContainer(images.zooKeeper)
    .withNetwork(network)
    .withEnvironment({ ZOO_TICK_TIME: '500' })
    .withExposedPorts(port)
    .withWaitStrategy(Wait.forListeningPorts())
    .withStartupTimeout(startMs)
    .start();
  return {
    connectString: `${container.getHost()}:${container.getMappedPort(port)}`,
    // No alias: an engine of version 20.10 leaves the interface of such a container behind.
    address: container.getIpAddress(network.getName()),
    stop: async () => void (await container.stop({ timeout: 1_000 })),
  };
}
