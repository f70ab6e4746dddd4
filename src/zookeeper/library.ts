import { strict as assert } from 'node:assert';
import type { Socket } from 'node:net';
import zookeeper from 'node-zookeeper-client';

/**
 * What we use of node-zookeeper-client 1.1.3, private members included, as it is at run time: its published types
 * lack half of this and get some of the rest wrong. The version is pinned, and `assertLibrary` checks the members.
 */
export interface LibraryClient extends LibraryRequests {
  readonly connectionManager: ConnectionManager;
  connect(): void;
  close(): void;
  addAuthInfo(scheme: string, auth: Buffer): void;
}

/** The part of the client that sends requests. */
export interface LibraryRequests {
  exists(path: string, ...rest: WatchedCall<[stat: LibraryStat | null]>): void;
  getChildren(path: string, ...rest: WatchedCall<[children: string[], stat: LibraryStat]>): void;
  getData(path: string, ...rest: WatchedCall<[data: Buffer | undefined, stat: LibraryStat]>): void;
  create(path: string, data: Buffer, acl: LibraryAcl[], mode: number, done: Done<[string]>): void;
  setData(path: string, data: Buffer, version: number, done: Done<[LibraryStat]>): void;
  remove(path: string, version: number, done: Done<[]>): void;
  transaction(): LibraryTransaction;
}

/** A watcher is registered by identity, so the same function is never called twice for one change. */
export type Watcher = (event: { readonly type: number }) => void;

type Done<Results extends unknown[]> = (error: LibraryError | null, ...results: Results) => void;
type WatchedCall<Results extends unknown[]> =
  | [done: Done<Results>]
  | [watcher: Watcher, done: Done<Results>];

/** A server's or the library's error; `code` as in ZooKeeper's KeeperException. */
export interface LibraryError {
  readonly code: number;
  readonly name: string;
  readonly message: string;
}

/** Longs are 8-byte buffers. */
export interface LibraryStat {
  readonly czxid: Buffer;
  readonly mzxid: Buffer;
  /** When it was created: milliseconds since 1970 by the leader's clock. */
  readonly ctime: Buffer;
  readonly version: number;
  readonly ephemeralOwner: Buffer;
}

export interface LibraryTransaction {
  /** The methods turn version 0 into "any version", so the version is set here after the call. */
  readonly ops: { version?: number }[];
  check(path: string): this;
  remove(path: string): this;
  create(path: string, data: Buffer, acl: LibraryAcl[], mode: number): this;
  commit(done: Done<[results: unknown]>): void;
}

export interface LibraryAcl {
  toRecord(): unknown;
}

/** A request that waits to be sent or answered; its callback has never been called. */
interface Packet {
  readonly callback: ((error: LibraryError) => void) | undefined;
}

export interface ConnectionManager {
  state: number;
  xid: number;
  servers: readonly { host: string; port: number }[];
  socket: Socket | undefined;
  pendingBuffer: Buffer | null;
  readonly pendingQueue: Packet[];
  readonly packetQueue: { readonly queue: Packet[] };
  readonly watcherManager: {
    dataWatchers: object;
    childWatchers: object;
    existenceWatchers: object;
  };
  connect: () => void;
  setState(state: number): void;
  getSessionId(): Buffer;
  getSessionPassword(): Buffer;
  getSessionTimeout(): number;
  onSocketConnected(): void;
  onSocketData(bytes: Buffer): void;
  onSocketDrain(): void;
  onSocketClosed(hadError: boolean): void;
  on(event: 'state', listener: (state: number) => void): void;
}

interface Library {
  createClient(
    connectString: string,
    options: {
      readonly sessionTimeout: number;
      readonly spinDelay: number;
      readonly retries: number;
      readonly sessionId?: Buffer;
      readonly sessionPassword?: Buffer;
    },
  ): LibraryClient;
  readonly ACL: {
    new (permission: number, id: unknown): LibraryAcl;
    readonly OPEN_ACL_UNSAFE: LibraryAcl[];
    readonly CREATOR_ALL_ACL: LibraryAcl[];
  };
  readonly Id: {
    new (scheme: string, id: string): unknown;
    readonly ANYONE_ID_UNSAFE: unknown;
  };
  readonly Permission: {
    readonly READ: number;
    readonly CREATE: number;
    readonly DELETE: number;
    readonly ALL: number;
  };
  readonly CreateMode: { readonly PERSISTENT: number; readonly EPHEMERAL: number };
  readonly Exception: {
    create(code: number, path?: string): LibraryError;
    readonly [name: string]: unknown;
  };
}

/** The library itself. This cast is the one place where its real shape is claimed; `assertLibrary` backs it. */
export const library = zookeeper as unknown as Library;

/** The connection manager's states, `lib/ConnectionManager.js` STATES. */
export const managerState = {
  connecting: 1,
  connected: 2,
  closing: -1,
  closed: -2,
  expired: -3,
  authenticationFailed: -4,
} as const;

/** The type of a watch event that says the node is gone, `lib/Event.js`. */
export const nodeDeleted = 2;

/** ZooKeeper's error codes that we tell apart. */
export const errorCode = {
  connectionLoss: -4,
  noNode: -101,
  noAuth: -102,
  badVersion: -103,
  nodeExists: -110,
  sessionExpired: -112,
  invalidAcl: -114,
  authFailed: -115,
} as const;

const patched = Symbol.for('vipkeeper.patched');

/**
 * Makes the library take error codes it does not know: it throws on them out of the socket handler, and servers send
 * some (-125 quota exceeded, -127 throttled). Doing it twice is harmless.
 */
export function tolerateUnknownErrors(): void {
  const exception = library.Exception as Library['Exception'] & { [patched]?: boolean };
  if (exception[patched] === true) return;
  const { create, API_ERROR } = exception;
  const known = new Set(Object.values(exception).filter((value) => typeof value === 'number'));
  exception.create = (code, path) => {
    if (known.has(code)) return create(code, path);
    const error = create(Number(API_ERROR), path);
    return Object.assign(error, { code, name: `UNKNOWN_${code}`, message: `error code ${code}` });
  };
  exception[patched] = true;
}

/** Fails at start, not at night, when the library is not the one that this code was written against. */
export function assertLibrary(client: LibraryClient): void {
  const manager = client.connectionManager;
  const methods = [
    'setState',
    'getSessionId',
    'getSessionPassword',
    'getSessionTimeout',
    'onSocketConnected',
    'onSocketData',
    'onSocketDrain',
    'onSocketClosed',
    'connect',
  ] as const;
  for (const name of methods)
    assert.equal(typeof manager[name], 'function', `node-zookeeper-client has no ${name}`);
  assert.ok(Array.isArray(manager.pendingQueue), 'node-zookeeper-client has no pendingQueue');
  assert.ok(Array.isArray(manager.packetQueue.queue), 'node-zookeeper-client has no packetQueue');
  assert.equal(manager.pendingBuffer, null, 'node-zookeeper-client has no pendingBuffer');
  assert.equal(manager.xid, 0, 'node-zookeeper-client has no xid');
  assert.equal(manager.state, 0, 'node-zookeeper-client has no state');
  assert.ok(Array.isArray(manager.servers), 'node-zookeeper-client has no servers');
  for (const kind of ['dataWatchers', 'childWatchers', 'existenceWatchers'] as const)
    assert.equal(typeof manager.watcherManager[kind], 'object', `no ${kind}`);
  assert.ok(Array.isArray(client.transaction().ops), 'node-zookeeper-client has no ops');
}
