import { createHash } from 'node:crypto';
import zookeeper from 'node-zookeeper-client';
import { onTestFinished } from 'vitest';
import { claimsPath, drainsPath, maintenancePath, membersPath } from './harness.ts';

/** Credentials of a superuser, whom no ACL stops, on servers started with {@link superuserProperty}. */
export const superuser = 'super:test';
export const superuserProperty = `-Dzookeeper.DigestAuthenticationProvider.superDigest=${digestId(superuser)}`;

/** The id in an ACL of the digest scheme: user, colon, and the hash of the credential. */
export function digestId(credential: string): string {
  const hash = createHash('sha1').update(credential).digest('base64');
  return `${credential.split(':')[0]}:${hash}`;
}

type Client = ReturnType<typeof zookeeper.createClient>;

/** What somebody with zkCli sees and does, beside the code under test. */
export interface Operator {
  readonly client: Client;
  readonly session: string;
  create(path: string, data?: string | Buffer, ephemeral?: boolean): Promise<void>;
  remove(path: string): Promise<void>;
  /** Removes the node and makes an ephemeral one in its place, in one moment. */
  replace(path: string, data: string | Buffer): Promise<void>;
  setData(path: string, data: string | Buffer): Promise<void>;
  setAcl(path: string, permissions: number, scheme: string, id: string): Promise<void>;
  children(path: string): Promise<readonly string[]>;
  exists(path: string): Promise<boolean>;
  /** Session id in hex of the node's owner, zeros for a persistent one; undefined without the node. */
  owner(path: string): Promise<string | undefined>;
  data(path: string): Promise<string>;
  /** How often a child was made or removed. */
  childChanges(path: string): Promise<number | undefined>;
  close(): void;
}

/** Connects with the bare library, also to make what the code under test must cope with. Closed with the test. */
export async function operatorOf(
  server: { readonly host: string; readonly port: number },
  options: { readonly digest?: string; readonly sessionTimeoutMs?: number } = {},
): Promise<Operator> {
  const client = zookeeper.createClient(`${server.host}:${server.port}`, {
    sessionTimeout: options.sessionTimeoutMs ?? 10_000,
    spinDelay: 50,
  });
  if (options.digest !== undefined) client.addAuthInfo('digest', Buffer.from(options.digest));
  const connected = new Promise<void>((resolve) => client.once('connected', resolve));
  client.connect();
  await connected;
  let isOpen = true;
  const close = () => {
    if (isOpen) client.close();
    isOpen = false;
  };
  onTestFinished(close);
  const call = <Value>(issue: (done: (error: unknown, value: Value) => void) => void) =>
    new Promise<Value>((resolve, reject) => {
      issue((error, value) =>
        error ? reject(error instanceof Error ? error : new Error(String(error))) : resolve(value),
      );
    });
  const stat = (path: string) =>
    call<{ ephemeralOwner: Buffer; cversion: number } | null>((done) => client.exists(path, done));
  const { PERSISTENT, EPHEMERAL } = zookeeper.CreateMode;
  return {
    client,
    session: client.getSessionId().toString('hex'),
    create: async (path, data = '', ephemeral = false) => {
      const parent = path.replace(/\/[^/]*$/, '');
      // It would try to create each name on the way, for which those who may create below it can lack the right.
      if (!ephemeral && parent !== '' && (await stat(parent)) === null)
        await call((done) => client.mkdirp(parent, done));
      const mode = ephemeral ? EPHEMERAL : PERSISTENT;
      await call((done) => client.create(path, Buffer.from(data), mode, done));
    },
    remove: (path) =>
      call<void>((done) => client.remove(path, -1, (error) => done(error, undefined))),
    replace: async (path, data) => {
      const transaction = client.transaction().remove(path);
      await call((done) => transaction.create(path, Buffer.from(data), EPHEMERAL).commit(done));
    },
    setData: async (path, data) => {
      await call((done) => client.setData(path, Buffer.from(data), done));
    },
    setAcl: async (path, permissions, scheme, id) => {
      const acl = new zookeeper.ACL(permissions, new zookeeper.Id(scheme, id));
      await call((done) => client.setACL(path, [acl], done));
    },
    children: (path) => call((done) => client.getChildren(path, done)),
    exists: async (path) => (await stat(path)) !== null,
    owner: async (path) => (await stat(path))?.ephemeralOwner.toString('hex'),
    data: async (path) => (await call<Buffer>((done) => client.getData(path, done))).toString(),
    childChanges: async (path) => (await stat(path))?.cversion,
    close,
  };
}

/** Removes all claims, members, drains and the maintenance node of service apex, so that tests do not meet. */
export async function wipe(server: {
  readonly host: string;
  readonly port: number;
}): Promise<void> {
  const operator = await operatorOf(server, { digest: superuser });
  for (const path of [claimsPath, membersPath, drainsPath]) {
    await operator.create(path).catch(() => {});
    for (const name of await operator.children(path)) await operator.remove(`${path}/${name}`);
  }
  await operator.remove(maintenancePath).catch(() => {});
  operator.close();
}
