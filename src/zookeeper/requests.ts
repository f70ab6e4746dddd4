import type { Clock } from '../core/clock.ts';
import { describeError } from './failure.ts';
import {
  errorCode,
  type LibraryAcl,
  type LibraryError,
  type LibraryRequests,
  type LibraryStat,
  library,
  type Watcher,
} from './library.ts';
import { dataBytesMax } from './znode-data.ts';

/** Why a request brought no value. `lost`: sent, but the answer is missing, so a write may or may not be applied. */
export type Problem =
  | 'notConnected'
  | 'lost'
  | 'noNode'
  | 'nodeExists'
  | 'noAuth'
  | 'badVersion'
  | 'other';

export type Answer<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: Problem; readonly detail: string };

/** A znode as read. `owner` is the session id in hex, undefined for a persistent node. */
export interface Znode {
  readonly owner: string | undefined;
  readonly version: number;
  /** Changes with every write: tells two states of a node apart. */
  readonly mzxid: string;
  readonly data: Buffer | undefined;
}

export type OnAnswer<Value> = (answer: Answer<Value>) => void;

/**
 * Requests to ZooKeeper. Each is answered exactly once, off the library's stack and in the order of ZooKeeper's
 * answers. None is sent unless the session's lease stands, and none is ever kept for later.
 */
export interface Requests {
  getChildren(path: string, watcher: Watcher, onAnswer: OnAnswer<readonly string[]>): void;
  getData(path: string, watcher: Watcher | undefined, onAnswer: OnAnswer<Znode>): void;
  exists(path: string, watcher: Watcher | undefined, onAnswer: OnAnswer<boolean>): void;
  createEphemeral(path: string, data: Buffer, onAnswer: OnAnswer<void>): void;
  createPersistent(path: string, onAnswer: OnAnswer<void>): void;
  setData(path: string, data: Buffer, onAnswer: OnAnswer<void>): void;
  remove(path: string, version: number, onAnswer: OnAnswer<void>): void;
  /** Removes the node and creates ours in one transaction: no watcher ever sees it absent. */
  replace(path: string, version: number, data: Buffer, onAnswer: OnAnswer<void>): void;
  /** Makes the quorum answer, changing nothing: even a failed transaction is agreed on. */
  check(path: string, onAnswer: OnAnswer<void>): void;
}

export interface RequestPorts {
  readonly clock: Clock;
  /** The client to use, or undefined while the lease does not stand. */
  liveClient(): LibraryRequests | undefined;
  deadlineMs(): number;
  /** With credentials our nodes may be changed by them alone, and read by everybody. */
  readonly hasAuth: boolean;
}

export function createRequests(ports: RequestPorts): Requests {
  const acl = ports.hasAuth ? restrictedAcl() : library.ACL.OPEN_ACL_UNSAFE;
  const { PERSISTENT, EPHEMERAL } = library.CreateMode;
  const ignore = () => undefined;
  const create = (path: string, data: Buffer, mode: number, onAnswer: OnAnswer<void>) =>
    send(ports, onAnswer, ignore, (client, done) => client.create(path, data, acl, mode, done));

  return {
    getChildren: (path, watcher, onAnswer) =>
      send(
        ports,
        onAnswer,
        (names: string[]) => names,
        (client, done) => client.getChildren(path, watcher, done),
      ),
    getData: (path, watcher, onAnswer) =>
      send(
        ports,
        onAnswer,
        (read: { data: Buffer | undefined; stat: LibraryStat }) => znodeOf(read.data, read.stat),
        (client, done) =>
          watcher === undefined
            ? client.getData(path, (error, data, stat) => done(error, { data, stat }))
            : client.getData(path, watcher, (error, data, stat) => done(error, { data, stat })),
      ),
    exists: (path, watcher, onAnswer) =>
      send(
        ports,
        onAnswer,
        (stat: LibraryStat | null) => stat !== null,
        (client, done) =>
          watcher === undefined ? client.exists(path, done) : client.exists(path, watcher, done),
      ),
    createEphemeral: (path, data, onAnswer) => create(path, data, EPHEMERAL, onAnswer),
    createPersistent: (path, onAnswer) => create(path, Buffer.alloc(0), PERSISTENT, onAnswer),
    setData: (path, data, onAnswer) =>
      send(ports, onAnswer, ignore, (client, done) => client.setData(path, data, -1, done)),
    remove: (path, version, onAnswer) =>
      send(ports, onAnswer, ignore, (client, done) =>
        client.remove(path, version, (error) => done(error, undefined)),
      ),
    replace: (path, version, data, onAnswer) =>
      send(ports, onAnswer, ignore, (client, done) => {
        const transaction = client.transaction().remove(path);
        for (const operation of transaction.ops) operation.version = version;
        transaction.create(path, data, acl, EPHEMERAL).commit(done);
      }),
    check: (path, onAnswer) =>
      send(ports, onAnswer, ignore, (client, done) =>
        client.transaction().check(path).commit(done),
      ),
  };
}

/** Whether ZooKeeper answered this, be it with a refusal: then the quorum had a say in a write. */
export function isAnswered(answer: Answer<unknown>): boolean {
  if (answer.ok) return true;
  return ['noNode', 'nodeExists', 'noAuth', 'badVersion'].includes(answer.problem);
}

function send<Result, Value>(
  ports: RequestPorts,
  onAnswer: OnAnswer<Value>,
  read: (result: Result) => Value,
  issue: (
    client: LibraryRequests,
    done: (error: LibraryError | null, result: Result) => void,
  ) => void,
): void {
  let isOpen = true;
  let cancelDeadline = () => {};
  const settle = (answer: Answer<Value>) => {
    // An answer after the deadline is ignored: the outcome was already declared unknown.
    if (!isOpen) return;
    isOpen = false;
    cancelDeadline();
    ports.clock.defer(() => onAnswer(answer));
  };
  const client = ports.liveClient();
  if (client === undefined) {
    settle({ ok: false, problem: 'notConnected', detail: 'no live session' });
    return;
  }
  const deadlineMs = Math.round(ports.deadlineMs());
  cancelDeadline = ports.clock.setTimer(deadlineMs, () =>
    settle({ ok: false, problem: 'lost', detail: `no answer within ${deadlineMs} ms` }),
  );
  try {
    issue(client, (error, result) =>
      settle(error ? failure(error) : { ok: true, value: read(result) }),
    );
  } catch (error) {
    settle({ ok: false, problem: 'other', detail: describeError(error) });
  }
}

function failure(error: LibraryError): {
  readonly ok: false;
  readonly problem: Problem;
  readonly detail: string;
} {
  return { ok: false, problem: problemOf(error.code), detail: error.message };
}

function problemOf(code: number): Problem {
  switch (code) {
    case errorCode.connectionLoss:
    case errorCode.sessionExpired:
    case errorCode.authFailed:
      return 'lost';
    case errorCode.noNode:
      return 'noNode';
    case errorCode.nodeExists:
      return 'nodeExists';
    // Credentials that the server took for none make an ACL of "whoever I am" invalid.
    case errorCode.noAuth:
    case errorCode.invalidAcl:
      return 'noAuth';
    case errorCode.badVersion:
      return 'badVersion';
    default:
      return 'other';
  }
}

function znodeOf(data: Buffer | undefined, stat: LibraryStat): Znode {
  const owner = stat.ephemeralOwner.toString('hex');
  return {
    owner: /^0*$/.test(owner) ? undefined : owner,
    version: stat.version,
    mzxid: stat.mzxid.toString('hex'),
    // The rest would only be kept in memory: this much is already too much to be read.
    data:
      data && data.length > dataBytesMax ? Buffer.from(data.subarray(0, dataBytesMax + 1)) : data,
  };
}

function restrictedAcl(): LibraryAcl[] {
  const { ACL, Id, Permission } = library;
  return [...ACL.CREATOR_ALL_ACL, new ACL(Permission.READ, Id.ANYONE_ID_UNSAFE)];
}
