import { createInterface } from 'node:readline';
import zookeeper, { type Client } from 'node-zookeeper-client';
import { zooKeeperAddress, zooKeeperPort } from './plan.ts';
import { nowMs } from './wait.ts';

export interface ZnodeRequest {
  readonly id: number;
  readonly operation: 'tree' | 'create' | 'delete';
  readonly path: string;
}

export interface ZnodeAnswer {
  readonly id: number;
  /** When the request went to ZooKeeper. */
  readonly sentMs: number;
  readonly error?: string;
  readonly tree?: readonly Znode[];
}

export interface Znode {
  readonly path: string;
  readonly isEphemeral: boolean;
  readonly data: string;
}

const answerWithinMs = 2_000;

/**
 * Runs on the management network: requests on standard input, answers on standard output, a JSON line each. Every
 * request has a connection of its own, so a ZooKeeper that was killed or hung in between leaves nothing behind.
 */
export function runZnodeService(): void {
  createInterface(process.stdin)
    .on('line', (line) => {
      const request = JSON.parse(line) as ZnodeRequest;
      void answer(request).then((reply) => process.stdout.write(`${JSON.stringify(reply)}\n`));
    })
    .on('close', () => process.exit(0));
}

async function answer({ id, operation, path }: ZnodeRequest): Promise<ZnodeAnswer> {
  const client = zookeeper.createClient(`${zooKeeperAddress}:${zooKeeperPort}`, {
    sessionTimeout: 4_000,
    spinDelay: 100,
    retries: 0,
  });
  let sentMs = nowMs();
  try {
    await within(
      new Promise<void>((resolve) => {
        client.once('connected', resolve);
        client.connect();
      }),
    );
    sentMs = nowMs();
    if (operation === 'tree') return { id, sentMs, tree: await within(readTree(client, path)) };
    await within(operation === 'create' ? create(client, path) : remove(client, path));
    return { id, sentMs };
  } catch (error) {
    return { id, sentMs, error: error instanceof Error ? error.message : String(error) };
  } finally {
    client.close();
  }
}

async function readTree(client: Client, path: string): Promise<readonly Znode[]> {
  const children = await new Promise<readonly string[]>((resolve) => {
    client.getChildren(path, (error, names) => resolve(error ? [] : names));
  });
  const found: Znode[] = [];
  for (const name of [...children].sort()) {
    const child = `${path}/${name}`;
    const node = await readNode(client, child);
    if (node !== undefined) found.push(node, ...(await readTree(client, child)));
  }
  return found;
}

/** A node that vanished since it was listed is no error. */
function readNode(client: Client, path: string): Promise<Znode | undefined> {
  return new Promise((resolve) => {
    client.getData(path, (error, data: Buffer | undefined, stat) => {
      if (error) return resolve(undefined);
      const isEphemeral = stat.ephemeralOwner.some((byte) => byte !== 0);
      resolve({ path, isEphemeral, data: data?.toString('utf8') ?? '' });
    });
  });
}

function create(client: Client, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    client.mkdirp(path, (error) => (error ? reject(asError(error)) : resolve()));
  });
}

function remove(client: Client, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    client.remove(path, (error) => (error ? reject(asError(error)) : resolve()));
  });
}

/** The library's exceptions are errors, though its types do not say so. */
function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function within<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('ZooKeeper does not answer')), answerWithinMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
