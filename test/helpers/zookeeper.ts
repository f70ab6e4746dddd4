import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askServer } from './four-letter-words.ts';
import { waitFor } from './wait.ts';

export interface ZooKeeperOptions {
  /** One server, or an ensemble of three. */
  readonly servers?: 1 | 3;
  /** Default 500 ms: session timeouts are negotiated between 2 and 20 of these. */
  readonly tickTimeMs?: number;
  /** Address to listen on; default 127.0.0.1. */
  readonly address?: string;
  /** More lines for zoo.cfg. */
  readonly config?: readonly string[];
  /** Lines for zoo.cfg that make certificates known; every server then has a `securePort` beside the plain one. */
  readonly secure?: readonly string[];
  /** More `-D` options for the JVM. */
  readonly properties?: readonly string[];
  /** Where each server is to run; default all on loopback. */
  readonly places?: readonly Place[];
}

/** A network namespace with an address of its own, where all ports are free. */
export interface Place {
  readonly address: string;
  /** The command that runs another one in there. */
  readonly enter: readonly string[];
}

/** One server process. */
export interface ZooKeeperServer {
  readonly host: string;
  readonly port: number;
  /** For TLS; served only with the option `secure`. */
  readonly securePort: number;
  readonly pid: number | undefined;
  /** `leader`, `follower`, `standalone`, `read` when it can only be read, or undefined when it does not serve. */
  mode(): Promise<string | undefined>;
  /** How many watches it keeps for all its clients. */
  watchCount(): Promise<number>;
  kill(signal: NodeJS.Signals): void;
  /** Ends the process and waits for it. */
  stop(): Promise<void>;
  /** Starts it again on the same port and data, and waits until it serves. */
  start(): Promise<void>;
  /** Removes all data of a stopped server. */
  wipe(): void;
  pause(): void;
  resume(): void;
}

export interface ZooKeeper {
  readonly connectString: string;
  readonly servers: readonly ZooKeeperServer[];
  /** Ends every server and removes what they wrote. */
  stop(): Promise<void>;
}

const firstPort = 10_000;
const portCount = 20_000;

/** Whether this machine has ZooKeeper and Java. */
export function hasZooKeeper(): boolean {
  return existsSync('/usr/share/java/zookeeper.jar') && existsSync('/usr/bin/java');
}

/** Runs Debian's ZooKeeper on free loopback ports, and resolves once every server serves. */
export async function startZooKeeper(options: ZooKeeperOptions = {}): Promise<ZooKeeper> {
  const { servers: count = 1, address = '127.0.0.1', places } = options;
  const directory = mkdtempSync(join(tmpdir(), 'vipkeeper-zookeeper-'));
  const ports = await freePorts(places === undefined ? count * 4 : 4, address);
  const members = Array.from({ length: count }, (_, index) => {
    const place = places?.[index];
    const first = place === undefined ? index * 4 : 0;
    return {
      id: index + 1,
      place: place ?? { address, enter: [] },
      client: portAt(ports, first),
      quorum: portAt(ports, first + 1),
      election: portAt(ports, first + 2),
      secure: portAt(ports, first + 3),
    };
  });
  const servers = members.map(
    ({ id, place, client, secure }) => new Server(join(directory, `${id}`), place, client, secure),
  );
  const ensemble = members.map(
    ({ id, place, quorum, election }) =>
      `server.${id}=${bracketed(place.address)}:${quorum}:${election}`,
  );
  const peers = count > 1 ? ensemble : [];
  for (const [index, server] of servers.entries()) server.configure(index + 1, options, peers);
  const removeAll = () => {
    for (const server of servers) server.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  };
  // Also when a test process ends in the middle: no server may outlive it.
  process.once('exit', removeAll);
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
    process.removeListener('exit', removeAll);
    removeAll();
  };
  try {
    await Promise.all(servers.map((server) => server.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    connectString: servers.map((server) => `${bracketed(server.host)}:${server.port}`).join(','),
    servers,
    stop,
  };
}

class Server implements ZooKeeperServer {
  readonly host: string;
  readonly port: number;
  readonly securePort: number;
  readonly #directory: string;
  readonly #enter: readonly string[];
  #process: ChildProcess | undefined;
  #properties: readonly string[] = [];

  constructor(directory: string, place: Place, port: number, securePort: number) {
    this.#directory = directory;
    this.#enter = place.enter;
    this.host = place.address;
    this.port = port;
    this.securePort = securePort;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  configure(id: number, options: ZooKeeperOptions, ensemble: readonly string[]): void {
    const data = join(this.#directory, 'data');
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, 'myid'), `${id}\n`);
    this.#properties = options.properties ?? [];
    const lines = [
      `tickTime=${options.tickTimeMs ?? 500}`,
      'initLimit=20',
      'syncLimit=5',
      `dataDir=${data}`,
      `clientPort=${this.port}`,
      `clientPortAddress=${this.host}`,
      'maxClientCnxns=0',
      'admin.enableServer=false',
      '4lw.commands.whitelist=*',
      ...ensemble,
      ...(options.config ?? []),
      ...(options.secure === undefined ? [] : this.#secureConfig(options.secure)),
    ];
    writeFileSync(join(this.#directory, 'zoo.cfg'), `${lines.join('\n')}\n`);
  }

  #secureConfig(certificates: readonly string[]): readonly string[] {
    return [
      'serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory',
      `secureClientPort=${this.securePort}`,
      `secureClientPortAddress=${this.host}`,
      ...certificates,
    ];
  }

  async mode(): Promise<string | undefined> {
    return /^Mode: (\w+)/m.exec(await askServer(this, 'srvr'))?.[1];
  }

  async watchCount(): Promise<number> {
    return Number(/^zk_watch_count\s+(\d+)/m.exec(await askServer(this, 'mntr'))?.[1]);
  }

  kill(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  pause(): void {
    this.kill('SIGSTOP');
  }

  resume(): void {
    this.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    const running = this.#process;
    if (running === undefined) return;
    if (running.exitCode === null && running.signalCode === null) {
      const exited = once(running, 'exit');
      running.kill('SIGKILL');
      await exited;
    }
    this.#process = undefined;
  }

  wipe(): void {
    if (this.#process !== undefined) throw new Error('this server is running');
    rmSync(join(this.#directory, 'data', 'version-2'), { recursive: true, force: true });
  }

  async start(): Promise<void> {
    if (this.#process !== undefined) throw new Error('this server was started already');
    const log = openSync(join(this.#directory, 'log'), 'a');
    const java = ['java', ...javaOptions, ...this.#properties, main];
    const command = [...this.#enter, ...dieWithParent, ...java, join(this.#directory, 'zoo.cfg')];
    const running = spawn('env', command, { stdio: ['ignore', log, log] });
    closeSync(log);
    this.#process = running;
    await waitFor(
      async () => {
        if (running.exitCode !== null) throw new Error(`it exited with code ${running.exitCode}`);
        return (await this.mode()) !== undefined;
      },
      { what: `ZooKeeper on port ${this.port} to serve`, timeoutMs: 60_000, everyMs: 50 },
    ).catch((error: unknown) => {
      throw new Error(`ZooKeeper did not start:\n${this.#log()}`, { cause: error });
    });
  }

  #log(): string {
    return readFileSync(join(this.#directory, 'log'), 'utf8').slice(-4_000);
  }
}

// An exit handler does not run when this process is killed; the kernel's parent death signal covers that.
const dieWithParent = existsSync('/usr/bin/setpriv') ? ['setpriv', '--pdeathsig', 'KILL'] : [];
const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
// Debian's manifest of zookeeper.jar names what it needs, except netty-codec.
const classpath = ['zookeeper', 'netty-codec', 'slf4j-simple']
  .map((jar) => `/usr/share/java/${jar}.jar`)
  .join(':');
const javaOptions = [
  '-Xmx128m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dzookeeper.extendedTypesEnabled=true',
  '-cp',
  classpath,
];

/** Ports that were free a moment ago, all different. */
/**
 * Ports that nobody listens on, below those that the kernel gives to outgoing connections, which could take one before the
 * server does. Test files run beside each other, so each begins to look somewhere else.
 */
async function freePorts(count: number, address: string): Promise<readonly number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = firstPort + Math.floor(Math.random() * portCount);
    if (!ports.includes(port) && (await isFree(port, address))) ports.push(port);
  }
  return ports;
}

function isFree(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const listener = createServer();
    listener.once('error', () => resolve(false));
    listener.listen(port, address, () => listener.close(() => resolve(true)));
  });
}

function portAt(ports: readonly number[], index: number): number {
  const port = ports[index];
  if (port === undefined) throw new Error('too few ports');
  return port;
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
