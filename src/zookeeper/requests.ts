import type { Clock } from '../core/clock.ts';
import type { Acls } from './acl.ts';
import { describeError } from './failure.ts';
import {
  type LibraryError,
  type LibraryRequests,
  type LibraryStat,
  library,
  type Watcher,
} from './library.ts';
import { failure, type Needs, type Problem } from './refusal.ts';
import { createTurns } from './turns.ts';
import { dataBytesMax } from './znode-data.ts';

/** `/a/b` of `/a/b/c`; `/` of `/a`. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

export type Answer<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: Problem; readonly detail: string };

/** A znode as read. `owner` is the session id in hex, undefined for a persistent node. */
export interface Znode {
  readonly owner: string | undefined;
  readonly version: number;
  /** Changes with every write: tells two states of a node apart. */
  readonly mzxid: string;
  /** Milliseconds since 1970, by the wall clock of the ensemble's leader: for people. */
  readonly createdMs: number;
  readonly data: Buffer | undefined;
}

/** Stands for every version of a znode. */
export const anyVersion = -1;

export type OnAnswer<Value> = (answer: Answer<Value>) => void;

/**
 * Requests to ZooKeeper. Each is answered exactly once, off the library's stack and in the order of ZooKeeper's
 * answers. None is sent unless the session's lease stands, and none is ever kept for a later connection. Readings, that
 * is those with a watcher, go some at a time; writes and heartbeats never wait for them.
 */
export interface Requests {
  getChildren(path: string, watcher: Watcher, onAnswer: OnAnswer<readonly string[]>): void;
  getData(path: string, watcher: Watcher | undefined, onAnswer: OnAnswer<Znode>): void;
  exists(path: string, watcher: Watcher | undefined, onAnswer: OnAnswer<boolean>): void;
  createEphemeral(path: string, data: Buffer, onAnswer: OnAnswer<void>): void;
  /** @param users who creates nodes in it. */
  createPersistent(path: string, users: 'us' | 'operators', onAnswer: OnAnswer<void>): void;
  /** A persistent node with data; what is above it must be there. */
  createRecord(path: string, data: Buffer, onAnswer: OnAnswer<void>): void;
  /** @param version the one it must have still; `anyVersion`: none in particular. */
  setData(path: string, data: Buffer, version: number, onAnswer: OnAnswer<void>): void;
  remove(path: string, version: number, onAnswer: OnAnswer<void>): void;
  /** Removes the node and creates ours in one transaction: no watcher ever sees it absent. */
  replace(path: string, version: number, data: Buffer, onAnswer: OnAnswer<void>): void;
  /**
   * Finds out whether we may create and delete nodes in a parent that is there, and leaves nothing behind: ZooKeeper
   * judges every part of a transaction in turn, and the last part of this one always fails.
   */
  rehearse(parent: string, onAnswer: OnAnswer<void>): void;
  /** Makes the quorum answer, changing nothing: even a failed transaction is agreed on. */
  check(path: string, onAnswer: OnAnswer<void>): void;
}

export interface RequestPorts {
  readonly clock: Clock;
  /** The client to use, or undefined while the lease does not stand. */
  liveClient(): LibraryRequests | undefined;
  deadlineMs(): number;
  readonly acls: Acls;
  /** Of longer data only this much and a byte more is kept, which tells that it is too long; default: {@link dataBytesMax}. */
  readonly bytesMax?: number | undefined;
}

/**
 * Readings under way at a time. More would not be answered sooner (a server answers one connection's requests one after
 * the other), but each answer would find the heartbeat and the writes behind it, and one chunk of answers would hold
 * the event loop for longer.
 */
const readingsMax = 100;

export function createRequests(ports: RequestPorts): Requests {
  return { ...createReadings(ports), ...createWrites(ports) };
}

function createReadings(ports: RequestPorts): Pick<Requests, 'getChildren' | 'getData' | 'exists'> {
  const { bytesMax = dataBytesMax } = ports;
  const turns = createTurns(readingsMax);
  const read = <Result, Value>(
    path: string,
    watcher: Watcher | undefined,
    request: Pick<Request<Result, Value>, 'onAnswer' | 'take' | 'issue'>,
  ) => {
    const whole = { ...request, needs: { permission: 'read', path } };
    // Without a watch it is asked for the sake of a write.
    if (watcher === undefined) send(ports, whole, () => {});
    else turns.take((done) => send(ports, whole, done));
  };
  return {
    getChildren: (path, watcher, onAnswer) =>
      read(path, watcher, {
        onAnswer,
        take: (names: string[]) => names,
        issue: (client, done) => client.getChildren(path, watcher, done),
      }),
    getData: (path, watcher, onAnswer) =>
      read(path, watcher, {
        onAnswer,
        take: (read: { data: Buffer | undefined; stat: LibraryStat }) =>
          znodeOf(read.data, read.stat, bytesMax),
        issue: (client, done) =>
          watcher === undefined
            ? client.getData(path, (error, data, stat) => done(error, { data, stat }))
            : client.getData(path, watcher, (error, data, stat) => done(error, { data, stat })),
      }),
    exists: (path, watcher, onAnswer) =>
      read(path, watcher, {
        onAnswer,
        take: (stat: LibraryStat | null) => stat !== null,
        issue: (client, done) =>
          watcher === undefined ? client.exists(path, done) : client.exists(path, watcher, done),
      }),
  };
}

function createWrites(ports: RequestPorts): Omit<Requests, 'getChildren' | 'getData' | 'exists'> {
  const { PERSISTENT, EPHEMERAL } = library.CreateMode;
  const { ours, shared } = ports.acls;
  const write = (
    needs: Needs,
    onAnswer: OnAnswer<void>,
    issue: (client: LibraryRequests, done: (error: LibraryError | null) => void) => void,
  ) => send<void, void>(ports, { needs, onAnswer, take: () => undefined, issue }, () => {});
  const inParent = (permission: string, path: string) => ({ permission, path: parentOf(path) });
  return {
    createEphemeral: (path, data, onAnswer) =>
      write(inParent('create', path), onAnswer, (client, done) =>
        client.create(path, data, ours, EPHEMERAL, done),
      ),
    createPersistent: (path, users, onAnswer) =>
      write(inParent('create', path), onAnswer, (client, done) => {
        const acl = users === 'operators' ? shared : ours;
        client.create(path, Buffer.alloc(0), acl, PERSISTENT, done);
      }),
    createRecord: (path, data, onAnswer) =>
      write(inParent('create', path), onAnswer, (client, done) =>
        client.create(path, data, ours, PERSISTENT, done),
      ),
    setData: (path, data, version, onAnswer) =>
      write({ permission: 'write', path }, onAnswer, (client, done) =>
        client.setData(path, data, version, done),
      ),
    remove: (path, version, onAnswer) =>
      write(inParent('delete', path), onAnswer, (client, done) =>
        client.remove(path, version, done),
      ),
    replace: (path, version, data, onAnswer) =>
      write(inParent('create and delete', path), onAnswer, (client, done) => {
        const transaction = client.transaction().remove(path);
        for (const operation of transaction.ops) operation.version = version;
        transaction.create(path, data, ours, EPHEMERAL).commit(done);
      }),
    rehearse: (parent, onAnswer) =>
      write(
        { permission: 'create and delete', path: parent },
        (answer) => onAnswer(isEndOfRehearsal(answer) ? { ok: true, value: undefined } : answer),
        (client, done) => {
          const path = `${parent}/vipkeeper-rehearsal`;
          const transaction = client.transaction();
          transaction.create(path, Buffer.alloc(0), ours, PERSISTENT).remove(path);
          transaction.check('/vipkeeper-never-there').commit(done);
        },
      ),
    check: (path, onAnswer) =>
      write({ permission: 'read', path }, onAnswer, (client, done) =>
        client.transaction().check(path).commit(done),
      ),
  };
}

/** All parts before the last one would have been done. */
function isEndOfRehearsal(answer: Answer<void>): boolean {
  return !answer.ok && answer.problem === 'noNode';
}

/** Whether ZooKeeper answered this, be it with a refusal: then the quorum had a say in a write. */
export function isAnswered(answer: Answer<unknown>): boolean {
  if (answer.ok) return true;
  return ['noNode', 'nodeExists', 'noAuth', 'badVersion'].includes(answer.problem);
}

interface Request<Result, Value> {
  readonly needs: Needs;
  readonly onAnswer: OnAnswer<Value>;
  take(result: Result): Value;
  issue(client: LibraryRequests, done: (error: LibraryError | null, result: Result) => void): void;
}

function send<Result, Value>(
  ports: RequestPorts,
  { needs, onAnswer, take, issue }: Request<Result, Value>,
  answered: () => void,
): void {
  let isOpen = true;
  let cancelDeadline = () => {};
  const settle = (answer: Answer<Value>) => {
    // An answer after the deadline is ignored: the outcome was already declared unknown.
    if (!isOpen) return;
    isOpen = false;
    cancelDeadline();
    // Off the library's stack, on which it takes itself for connected even when it has just lost the connection.
    ports.clock.defer(() => {
      onAnswer(answer);
      answered();
    });
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
      settle(error ? failure(error, needs) : { ok: true, value: take(result) }),
    );
  } catch (error) {
    settle({ ok: false, problem: 'other', detail: describeError(error) });
  }
}

function znodeOf(data: Buffer | undefined, stat: LibraryStat, bytesMax: number): Znode {
  const owner = stat.ephemeralOwner.toString('hex');
  return {
    owner: /^0*$/.test(owner) ? undefined : owner,
    version: stat.version,
    mzxid: stat.mzxid.toString('hex'),
    createdMs: Number(stat.ctime.readBigInt64BE()),
    // The rest would only be kept in memory: this much is already too much to be read.
    data: data && data.length > bytesMax ? Buffer.from(data.subarray(0, bytesMax + 1)) : data,
  };
}
