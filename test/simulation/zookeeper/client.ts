import type { Client, ClientFactory } from '../../../src/zookeeper/client.ts';
import { createDialer, type Dialer } from '../../../src/zookeeper/dialer.ts';
import {
  errorCode,
  type LibraryError,
  type LibraryRequests,
  type LibraryTransaction,
  type Watcher,
} from '../../../src/zookeeper/library.ts';
import type { SimulatedProcess } from '../process.ts';
import type { ServerConnection } from './connection.ts';
import type { Ensemble } from './ensemble.ts';
import type { Link } from './link.ts';
import type { Operation, SessionId } from './tree.ts';
import type { ClientEnd, Granted, Reply, Request, Welcome } from './wire.ts';

type Options = Parameters<ClientFactory>[0];
type Listener = Parameters<ClientFactory>[1];

export interface SimulatedClientOptions {
  readonly process: SimulatedProcess;
  readonly ensemble: Ensemble;
  /** By the index of the server; a server's port is that index. */
  readonly links: readonly Link[];
  /** Index of the server to begin with. */
  readonly firstServer: number;
}

/** Builds clients over simulated connections, in place of those of src/zookeeper/client.ts, with their behaviour. */
export function createSimulatedClients(options: SimulatedClientOptions): ClientFactory {
  const servers = options.links.map((_, port) => ({ host: 'zk', port }));
  const { firstServer, process } = options;
  const ports = { clock: process.clock, note: () => undefined };
  const dialer = createDialer({ servers, firstServer, share: 0.5 }, ports);
  return (ofLife, listener) => new SimulatedClient(options, dialer, ofLife, listener);
}

/** The client's side of one attempt to connect, and of the connection that may come of it. */
interface Attempt {
  readonly link: Link;
  readonly server: { readonly host: string; readonly port: number };
  connection: ServerConnection | undefined;
  sentMs: number;
  isEstablished: boolean;
  cancelDeadline: () => void;
}

class SimulatedClient implements Client {
  readonly library: LibraryRequests;
  readonly #world: SimulatedClientOptions;
  readonly #dialer: Dialer;
  readonly #options: Options;
  readonly #listener: Listener;
  #attempt: Attempt | undefined;
  #granted: Granted | undefined;
  #phase: 'living' | 'ended' | 'killed' = 'living';
  #cancelDial = () => {};
  #onClosed: (() => void) | undefined;
  readonly #open = new Set<Reply>();
  readonly #watchers = {
    data: new Map<string, Set<Watcher>>(),
    children: new Map<string, Set<Watcher>>(),
  };

  constructor(world: SimulatedClientOptions, dialer: Dialer, options: Options, listener: Listener) {
    this.#world = world;
    this.#dialer = dialer;
    this.#options = options;
    this.#listener = listener;
    this.library = this.#createLibrary();
  }

  connect(): void {
    this.#cancelDial = this.#dialer.next((server) => this.#dial(server));
  }

  isConnected(): boolean {
    return this.#phase === 'living' && this.#attempt?.isEstablished === true;
  }

  timeoutMs(): number {
    return this.#granted?.timeoutMs ?? this.#options.timeoutMs;
  }

  key(): Granted {
    if (this.#granted === undefined) throw new Error('no session yet');
    return this.#granted;
  }

  drop(detail: string): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    attempt.connection?.abandon();
    // As a destroyed socket, whose close event comes later.
    this.#world.process.clock.defer(() => this.#closed(attempt, detail));
  }

  kill(): void {
    if (this.#phase === 'killed') return;
    this.#phase = 'killed';
    this.#cancelDial();
    this.#attempt?.cancelDeadline();
    this.#attempt?.connection?.abandon();
    this.#attempt = undefined;
    this.#failOpen();
    this.#onClosed?.();
  }

  close(done: () => void): void {
    if (!this.isConnected()) {
      done();
      return;
    }
    this.#onClosed = done;
    this.#attempt?.connection?.request({ kind: 'closeSession', reply: () => undefined });
  }

  #dial(server: Attempt['server']): void {
    const link = this.#world.links[server.port];
    const target = this.#world.ensemble.servers[server.port];
    if (link === undefined || target === undefined) throw new Error('an unknown server');
    const { clock } = this.#world.process;
    const attempt: Attempt = {
      link,
      server,
      connection: undefined,
      sentMs: clock.nowMs(),
      isEstablished: false,
      cancelDeadline: () => {},
    };
    this.#attempt = attempt;
    const deadlineMs = this.#dialer.deadlineMs(this.timeoutMs());
    attempt.cancelDeadline = clock.setTimer(deadlineMs, () => this.drop('not answered'));
    link.send('toServer', () => {
      const connection = target.accept(link, this.#endOf(attempt));
      if (connection === undefined) {
        link.send('toClient', () => this.#arrive(() => this.#closed(attempt, 'ECONNREFUSED')));
        return;
      }
      if (this.#world.process.isDead || attempt !== this.#attempt) connection.abandon();
      attempt.connection = connection;
      link.send('toClient', () => this.#endOf(attempt).open());
    });
  }

  #arrive(act: () => void): void {
    this.#world.process.run(act);
  }

  #endOf(attempt: Attempt): ClientEnd {
    const onArrival = (act: () => void) =>
      this.#arrive(() => {
        if (attempt === this.#attempt) act();
      });
    return {
      open: () => onArrival(() => this.#opened(attempt)),
      welcome: (welcome) => onArrival(() => this.#welcomed(attempt, welcome)),
      event: (path, type, kind) => onArrival(() => this.#watchFired(path, type, kind)),
      closed: (detail) => onArrival(() => this.#closed(attempt, detail)),
    };
  }

  #opened(attempt: Attempt): void {
    attempt.sentMs = this.#world.process.clock.nowMs();
    const resume = this.#granted ?? this.#options.resume;
    attempt.connection?.hello({
      timeoutMs: this.timeoutMs(),
      resume: resume && { id: resume.id, password: resume.password },
    });
  }

  #welcomed(attempt: Attempt, welcome: Welcome): void {
    attempt.cancelDeadline();
    if (welcome === 'expired') {
      this.#phase = 'ended';
      this.#tell(() => this.#listener.ended('expired'));
      return;
    }
    this.#granted = welcome;
    attempt.isEstablished = true;
    this.#dialer.succeeded(attempt.server);
    this.#tell(() => this.#listener.connected(attempt.server, attempt.sentMs));
  }

  #watchFired(path: string, type: number, kind: 'data' | 'children'): void {
    const watchers = this.#watchers[kind].get(path);
    this.#watchers[kind].delete(path);
    for (const watcher of watchers ?? []) watcher({ type });
  }

  #closed(attempt: Attempt, detail: string): void {
    if (attempt !== this.#attempt) return;
    attempt.cancelDeadline();
    this.#attempt = undefined;
    this.#watchers.data.clear();
    this.#watchers.children.clear();
    this.#failOpen();
    if (attempt.isEstablished) this.#tell(() => this.#listener.disconnected(detail));
    else this.#dialer.failed(attempt.server, detail);
    this.#onClosed?.();
    if (this.#phase === 'living') this.connect();
  }

  #tell(call: () => void): void {
    this.#world.process.clock.defer(() => {
      if (this.#phase !== 'killed') call();
    });
  }

  #failOpen(): void {
    const open = [...this.#open];
    this.#open.clear();
    for (const reply of open) reply(errorCode.connectionLoss);
  }

  #send(make: (reply: Reply) => Request, done: Reply): void {
    const { connection } = this.#attempt ?? {};
    if (!this.isConnected() || connection === undefined) {
      this.#world.process.clock.defer(() => done(errorCode.connectionLoss));
      return;
    }
    this.#open.add(done);
    connection.request(
      make((error, result) =>
        this.#arrive(() => {
          // Answered by the end of the connection already.
          if (this.#open.delete(done)) done(error, result);
        }),
      ),
    );
  }

  #read(
    what: 'children' | 'data' | 'exists',
    path: string,
    watcher: Watcher | undefined,
    done: Reply,
  ) {
    const kind = what === 'children' ? 'children' : 'data';
    this.#send(
      (reply) => ({ kind: 'read', what, path, watch: watcher !== undefined, reply }),
      (error, result) => {
        if (watcher !== undefined && error === undefined) {
          const watchers = this.#watchers[kind].get(path) ?? new Set();
          this.#watchers[kind].set(path, watchers.add(watcher));
        }
        done(error, result);
      },
    );
  }

  #write(operations: readonly Operation[], done: Reply): void {
    this.#send((reply) => ({ kind: 'write', operations, reply }), done);
  }

  #ownerFor(mode: number): SessionId | undefined {
    if (mode === 0) return undefined;
    const { id } = this.key();
    return { hex: id.toString('hex'), bytes: id };
  }

  #createLibrary(): LibraryRequests {
    const watched = <Result>(
      what: 'children' | 'data' | 'exists',
      path: string,
      rest: readonly unknown[],
      give: (
        done: (error: LibraryError | null, ...results: never[]) => void,
        result: Result,
      ) => void,
    ) => {
      const done = rest.at(-1) as (error: LibraryError | null, ...results: never[]) => void;
      const watcher = rest.length === 2 ? (rest[0] as Watcher) : undefined;
      this.#read(what, path, watcher, (error, result) => {
        if (error === undefined) give(done, result as Result);
        else done(toError(error));
      });
    };
    const written = (done: (error: LibraryError | null, result: never) => void): Reply => {
      return (error) => done(error === undefined ? null : toError(error), undefined as never);
    };
    return {
      exists: (path, ...rest) =>
        watched('exists', path, rest, (done, stat) => done(null, (stat ?? null) as never)),
      getChildren: (path, ...rest) =>
        watched('children', path, rest, (done, names) => done(null, names as never)),
      getData: (path, ...rest) =>
        watched<{ data: unknown; stat: unknown }>('data', path, rest, (done, { data, stat }) =>
          done(null, data as never, stat as never),
        ),
      create: (path, data, _acl, mode, done) =>
        this.#write([{ kind: 'create', path, data, owner: this.#ownerFor(mode) }], written(done)),
      setData: (path, data, version, done) =>
        this.#write([{ kind: 'set', path, data, version }], written(done)),
      remove: (path, version, done) =>
        this.#write([{ kind: 'delete', path, version }], written(done as never)),
      transaction: () => this.#createTransaction(),
    };
  }

  #createTransaction(): LibraryTransaction {
    const ops: { version?: number; operation: Operation }[] = [];
    const transaction: LibraryTransaction = {
      ops,
      check(path) {
        ops.push({ operation: { kind: 'check', path } });
        return transaction;
      },
      remove(path) {
        ops.push({ operation: { kind: 'delete', path, version: -1 } });
        return transaction;
      },
      create: (path, data, _acl, mode) => {
        const owner = this.#ownerFor(mode);
        ops.push({ operation: { kind: 'create', path, data, owner } });
        return transaction;
      },
      commit: (done) =>
        this.#write(
          ops.map(({ version, operation }) =>
            operation.kind === 'delete' && version !== undefined
              ? { ...operation, version }
              : operation,
          ),
          (error) => done(error === undefined ? null : toError(error), undefined),
        ),
    };
    return transaction;
  }
}

function toError(code: number): LibraryError {
  return { code, name: `code ${code}`, message: `code ${code}` };
}
