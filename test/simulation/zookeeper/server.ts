import { errorCode } from '../../../src/zookeeper/library.ts';
import { ServerConnection } from './connection.ts';
import type { Ensemble } from './ensemble.ts';
import type { Link } from './link.ts';
import type { Session } from './sessions.ts';
import { type Change, type Node, Tree } from './tree.ts';
import type { ClientEnd, Granted, Hello, Reply, Request } from './wire.ts';

type Role = 'leader' | 'follower' | 'looking';

/** One ZooKeeper server: its copy of the tree, its clients, and their watches. */
export class Server {
  readonly index: number;
  readonly tree = new Tree();
  role: Role = 'looking';
  isUp = true;
  isHung = false;
  /** Servers of the same group reach one another. */
  group = 0;
  /** How many of the log's entries its tree has. */
  applied = 0;
  /** Cancels what it will do about a leader, or a quorum, that it does not hear from. */
  cancelPatience: (() => void) | undefined;
  readonly #ensemble: Ensemble;
  readonly #connections = new Set<ServerConnection>();
  readonly #watches = {
    data: new Map<string, Set<ServerConnection>>(),
    children: new Map<string, Set<ServerConnection>>(),
  };
  #inbox: (() => void)[] = [];
  #waiters: { readonly index: number; readonly act: () => void }[] = [];

  constructor(index: number, ensemble: Ensemble) {
    this.index = index;
    this.#ensemble = ensemble;
  }

  get isServing(): boolean {
    return this.isUp && !this.isHung && this.role !== 'looking';
  }

  /** A client connects: the kernel answers, even for a server that hangs. Undefined: refused. */
  accept(link: Link, client: ClientEnd): ServerConnection | undefined {
    if (!this.isUp) return undefined;
    const connection = new ServerConnection(this, link, client);
    this.#connections.add(connection);
    return connection;
  }

  /** Something arrives; a server that hangs finds it when it goes on. */
  receive(act: () => void): void {
    if (!this.isUp) return;
    if (this.isHung) this.#inbox.push(act);
    else act();
  }

  /** It goes on: what arrived meanwhile is dealt with. */
  wake(): void {
    const arrived = this.#inbox;
    this.#inbox = [];
    for (const act of arrived) act();
  }

  greet(connection: ServerConnection, hello: Hello): void {
    if (this.role === 'looking') {
      connection.close('not serving');
      return;
    }
    this.#ensemble.agree(this, () => {
      if (connection.isClosed) return;
      const session = this.#ensemble.establish(hello);
      if (session !== undefined) session.connection = connection;
      connection.welcome(session);
    });
  }

  granted(session: Session): Granted {
    return this.#ensemble.sessions.granted(session);
  }

  handle(connection: ServerConnection, session: Session, request: Request, reply: Reply): void {
    this.#ensemble.touch(session, this);
    if (request.kind === 'read') {
      const { what, path, watch } = request;
      reply(...this.#read(connection, what, path, watch));
    } else if (request.kind === 'write') {
      this.#ensemble.write(this, request.operations, reply);
    } else {
      this.#ensemble.agree(this, () => {
        this.#ensemble.end(session);
        this.whenApplied(this.#ensemble.log.length, () => reply(undefined));
      });
    }
  }

  /** Whether it answers, and the quorum through it. */
  get isInQuorum(): boolean {
    return this.isServing && this.#ensemble.hasQuorumAt(this);
  }

  /** Answers a write that changes nothing, whose way through the quorum has taken its time already. */
  answerNow(session: Session, request: Request): void {
    if (request.kind !== 'write') throw new Error('only writes go through the quorum');
    this.#ensemble.touch(session, this);
    request.reply(this.#ensemble.outcomeOf(request.operations));
  }

  connectionsOver(links: readonly Link[]): readonly ServerConnection[] {
    return [...this.#connections].filter(({ link }) => links.includes(link));
  }

  forget(connection: ServerConnection): void {
    this.#connections.delete(connection);
    for (const watches of [this.#watches.data, this.#watches.children])
      for (const connections of watches.values()) connections.delete(connection);
  }

  /** Leaves the quorum, or ends: nobody is served any more. */
  dropClients(detail: string): void {
    this.#waiters = [];
    this.#inbox = [];
    for (const connection of [...this.#connections]) connection.close(detail);
  }

  /** Brings its tree up to the log, firing watches and answering writes on the way. */
  applyUpTo(index: number): void {
    const { log } = this.#ensemble;
    while (this.applied < index) {
      const entry = log[this.applied];
      if (entry === undefined) break;
      this.applied += 1;
      for (const change of entry) this.#apply(change);
      this.#answer();
    }
    this.#answer();
  }

  whenApplied(index: number, act: () => void): void {
    if (this.applied >= index) act();
    else this.#waiters.push({ index, act });
  }

  #answer(): void {
    while ((this.#waiters[0]?.index ?? Number.POSITIVE_INFINITY) <= this.applied)
      this.#waiters.shift()?.act();
  }

  #apply(change: Change): void {
    this.tree.apply(change, this.applied, (path, type, kind) => {
      const connections = this.#watches[kind].get(path);
      if (connections === undefined) return;
      // A watch fires once.
      this.#watches[kind].delete(path);
      for (const connection of connections) connection.event(path, type, kind);
    });
  }

  #read(
    connection: ServerConnection,
    what: 'children' | 'data' | 'exists',
    path: string,
    watch: boolean,
  ): [error: number | undefined, result?: unknown] {
    const node = this.tree.get(path);
    // Only `exists` leaves a watch on what is not there.
    if (watch && (node !== undefined || what === 'exists'))
      this.#watch(connection, path, what === 'children' ? 'children' : 'data');
    if (what === 'exists') return [undefined, node && statOf(node)];
    if (node === undefined) return [errorCode.noNode];
    if (what === 'children') return [undefined, this.tree.children(path)];
    return [undefined, { data: node.data, stat: statOf(node) }];
  }

  #watch(connection: ServerConnection, path: string, kind: 'data' | 'children'): void {
    const watches = this.#watches[kind];
    const connections = watches.get(path) ?? new Set();
    watches.set(path, connections.add(connection));
  }
}

const nobody = Buffer.alloc(8);

function statOf(node: Node) {
  const zxid = (value: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32BE(value, 4);
    return bytes;
  };
  return {
    czxid: zxid(node.createdZxid),
    mzxid: zxid(node.changedZxid),
    ctime: nobody,
    version: node.version,
    ephemeralOwner: node.owner?.bytes ?? nobody,
  };
}
