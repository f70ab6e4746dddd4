import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { ServerConnection } from './connection.ts';
import type { Link } from './link.ts';
import { Server } from './server.ts';
import { type Session, SessionTable } from './sessions.ts';
import type { Change, Operation } from './tree.ts';
import type { Hello, Reply } from './wire.ts';

export interface EnsembleOptions {
  readonly serverCount: number;
  readonly tickMs: number;
  /** After so many ticks without a word a follower and a leader give each other up. */
  readonly syncLimit: number;
}

/** Agreed changes of one transaction. */
type Entry = readonly Change[];

/**
 * A ZooKeeper ensemble with the rules that clients can feel: one leader with a quorum orders all writes; followers lag
 * behind and answer reads from what they have, also for a while when they are cut off; whoever leaves the quorum drops its
 * clients; a write under way is applied or lost, and its client does not learn which.
 */
export class Ensemble {
  readonly servers: readonly Server[];
  readonly sessions: SessionTable;
  readonly log: Entry[] = [];
  readonly options: EnsembleOptions;
  /** Told of every ephemeral that is made, and by which session. */
  onEphemeral: (path: string, session: string) => void = () => undefined;
  #leader: Server | undefined;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #lastApplyMs: number[];
  /** Waits at a server for a leader with a quorum. */
  readonly #stalled = new Map<Server, (() => void)[]>();
  /** What people asked for, in their order. */
  readonly #people: { readonly operation: Operation; readonly done: () => void }[] = [];
  #isElecting = false;

  constructor(scheduler: Scheduler, random: Random, options: EnsembleOptions) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.options = options;
    this.servers = Array.from(
      { length: options.serverCount },
      (_, index) => new Server(index, this),
    );
    this.#lastApplyMs = this.servers.map(() => 0);
    this.sessions = new SessionTable(scheduler, random, {
      tickMs: options.tickMs,
      hasLeader: () => this.#workingLeader() !== undefined,
      expire: (session) => this.end(session),
    });
    this.#elect();
  }

  /** Whether writes are agreed on now. */
  get isAvailable(): boolean {
    return this.#workingLeader() !== undefined;
  }

  get leader(): Server | undefined {
    return this.#leader;
  }

  /** What is open over some links: a dead process's kernel closes it. */
  connectionsOf(links: readonly Link[]): readonly ServerConnection[] {
    return this.servers.flatMap((server) => server.connectionsOver(links));
  }

  /** The network link over which a session speaks now. */
  linkOf(session: string): Link | undefined {
    return this.sessions.open.find(({ hex }) => hex === session)?.connection?.link;
  }

  /** A person's write, by whatever tool: waits until there is a quorum. */
  operate(operation: Operation, done: () => void = () => undefined): void {
    this.#people.push({ operation, done });
    if (this.#people.length === 1) this.#servePeople();
  }

  #servePeople(): void {
    const leader = this.#workingLeader();
    if (leader === undefined) {
      this.#scheduler.after(500, () => this.#servePeople());
      return;
    }
    for (const { operation, done } of this.#people.splice(0)) {
      this.#createParents(leader, operation.path);
      this.#propose(leader, [operation]);
      done();
    }
  }

  #createParents(leader: Server, path: string): void {
    const parent = path.slice(0, path.lastIndexOf('/'));
    if (parent === '' || leader.tree.get(parent) !== undefined) return;
    this.#createParents(leader, parent);
    this.#propose(leader, [
      { kind: 'create', path: parent, data: Buffer.alloc(0), owner: undefined },
    ]);
  }

  touch(session: Session, server: Server): void {
    const isLeader = server === this.#leader;
    if (isLeader || this.#reachesLeader(server))
      this.sessions.touch(session, server.index, isLeader);
  }

  establish(hello: Hello): Session | undefined {
    if (hello.resume === undefined) return this.sessions.create(hello);
    const session = this.sessions.find(hello.resume);
    if (session !== undefined) session.touchedMs = this.#scheduler.nowMs;
    return session;
  }

  /** The session's end is agreed on: its ephemerals go. */
  end(session: Session): void {
    const leader = this.#workingLeader();
    if (session.isClosed || leader === undefined) return;
    this.sessions.close(session);
    const paths = leader.tree.ephemeralsOf(session);
    this.#commit(paths.map((path) => ({ kind: 'delete', path })));
    const { connection } = session;
    this.#scheduler.after(this.#hopMs(), () => connection?.close('session expired'));
  }

  /** Runs `act` once the leader and a quorum had a say, and the server has what was agreed before. */
  agree(server: Server, act: () => void): void {
    this.#toLeader(server, () => server.whenApplied(this.log.length, act));
  }

  write(server: Server, operations: readonly Operation[], reply: Reply): void {
    this.#toLeader(server, (leader) => {
      const outcome = this.#propose(leader, operations);
      server.whenApplied(this.log.length, () => reply(outcome));
    });
  }

  /** Whether what that server passes on is agreed on now. */
  hasQuorumAt(server: Server): boolean {
    return this.#workingLeader() !== undefined && this.#reachesLeader(server);
  }

  /** How a write that changes nothing ends. */
  outcomeOf(operations: readonly Operation[]): number | undefined {
    const leader = this.#workingLeader();
    if (leader === undefined) throw new Error('nobody is there to agree');
    return this.#propose(leader, operations);
  }

  /** After every change of what works and who reaches whom. */
  reconsider(): void {
    for (const server of this.servers) {
      if (!server.isUp || server.isHung) continue;
      if (server.role === 'leader') this.#reconsiderLeader(server);
      else if (server.role === 'follower') this.#reconsiderFollower(server);
    }
    for (const server of this.servers) if (server.role === 'looking') this.#seek(server);
    this.#electSoon();
  }

  kill(server: Server): void {
    server.isUp = false;
    server.isHung = false;
    this.#leave(server, 'connection reset');
    this.reconsider();
  }

  start(server: Server): void {
    server.isUp = true;
    this.reconsider();
  }

  hang(server: Server): void {
    server.isHung = true;
    this.sessions.forgetTouches(server.index);
    const { tickMs, syncLimit } = this.options;
    server.cancelPatience?.();
    let isGivenUp = false;
    const cancel = this.#scheduler.after(tickMs * syncLimit, () => {
      isGivenUp = true;
    });
    server.cancelPatience = () => {
      cancel();
      server.cancelPatience = undefined;
      if (isGivenUp && this.servers.length > 1) this.#leave(server, 'left the quorum');
    };
    this.reconsider();
  }

  resume(server: Server): void {
    if (!server.isHung) return;
    server.isHung = false;
    server.cancelPatience?.();
    if (server.role === 'leader' && server !== this.#leader) this.#leave(server, 'deposed');
    // Its session tracker runs before it has read what waits in its sockets.
    if (server === this.#leader) this.sessions.expireOverdue();
    server.wake();
    this.reconsider();
  }

  /** Servers of different groups do not reach one another; clients are not concerned. */
  partition(groups: readonly number[]): void {
    for (const server of this.servers) {
      const group = groups[server.index] ?? 0;
      if (group !== server.group) this.sessions.forgetTouches(server.index);
      server.group = group;
    }
    this.reconsider();
  }

  #reconsiderLeader(server: Server): void {
    if (server !== this.#leader) {
      // Cut off from those who chose another, it learns that by its own patience only.
      if (this.#reachesLeader(server)) this.#leave(server, 'deposed');
      else this.#losePatience(server, () => server !== this.#leader);
    } else if (this.#hasQuorum(server)) {
      server.cancelPatience?.();
      this.#flush();
    } else {
      this.#losePatience(server, () => !this.#hasQuorum(server));
    }
  }

  #reconsiderFollower(server: Server): void {
    const leader = this.#leader;
    if (leader === undefined || !leader.isUp) {
      this.#scheduler.after(this.#random.between(1, 20), () => {
        if (server.role === 'follower' && this.#leader?.isUp !== true)
          this.#leave(server, 'lost the leader');
        this.reconsider();
      });
    } else if (this.#reachesLeader(server)) {
      server.cancelPatience?.();
      this.#catchUp(server);
      this.#flush();
    } else {
      this.#losePatience(server, () => !this.#reachesLeader(server));
    }
  }

  /** What cannot be reached may only be slow, so nothing is given up before the sync limit. */
  #losePatience(server: Server, isStillLost: () => boolean): void {
    if (server.cancelPatience !== undefined) return;
    const { tickMs, syncLimit } = this.options;
    const patienceMs = tickMs * syncLimit * this.#random.between(0.8, 1);
    const cancel = this.#scheduler.after(patienceMs, () => {
      server.cancelPatience = undefined;
      if (server.isHung || !isStillLost()) return;
      this.#leave(server, 'left the quorum');
      this.reconsider();
    });
    server.cancelPatience = () => {
      cancel();
      server.cancelPatience = undefined;
    };
  }

  #leave(server: Server, detail: string): void {
    if (server === this.#leader) this.#leader = undefined;
    server.role = 'looking';
    server.cancelPatience = undefined;
    this.#stalled.delete(server);
    this.sessions.forgetTouches(server.index);
    server.dropClients(detail);
  }

  /** A server without a leader joins the one that it reaches. */
  #seek(server: Server): void {
    if (!server.isUp || server.isHung || !this.#reachesLeader(server)) return;
    this.#scheduler.after(this.#random.between(50, 500), () => {
      if (server.role !== 'looking' || !server.isUp || server.isHung) return;
      if (!this.#reachesLeader(server)) return;
      server.role = 'follower';
      server.applyUpTo(this.log.length);
      this.reconsider();
    });
  }

  #electSoon(): void {
    if (this.#isElecting || this.#workingLeader() !== undefined) return;
    this.#isElecting = true;
    this.#scheduler.after(this.#random.between(200, 1_500), () => {
      this.#isElecting = false;
      this.#elect();
    });
  }

  #elect(): void {
    if (this.#workingLeader() !== undefined) return;
    const able = this.servers.filter(
      (server) => server.isUp && !server.isHung && server.role === 'looking',
    );
    const elected = able.find(
      (server) =>
        able.filter(({ group }) => group === server.group).length > this.servers.length / 2,
    );
    if (elected === undefined) return;
    this.#leader = elected;
    elected.role = 'leader';
    elected.applyUpTo(this.log.length);
    for (const server of able) {
      if (server === elected || server.group !== elected.group) continue;
      server.role = 'follower';
      server.applyUpTo(this.log.length);
    }
    this.sessions.touchAll();
    this.reconsider();
  }

  #hasQuorum(leader: Server): boolean {
    const reached = this.servers.filter(
      (server) => server.isUp && !server.isHung && server.group === leader.group,
    );
    return reached.length > this.servers.length / 2;
  }

  #workingLeader(): Server | undefined {
    const leader = this.#leader;
    if (leader === undefined || !leader.isUp || leader.isHung) return undefined;
    return this.#hasQuorum(leader) ? leader : undefined;
  }

  #reachesLeader(server: Server): boolean {
    const leader = this.#leader;
    return leader?.isUp === true && !leader.isHung && leader.group === server.group;
  }

  #toLeader(server: Server, act: (leader: Server) => void): void {
    // Its own word goes nowhere first.
    if (server === this.#leader && server.isServing && this.#hasQuorum(server)) {
      act(server);
      return;
    }
    this.#scheduler.after(this.#hopMs(), () => {
      if (!server.isServing) return;
      const leader = this.#workingLeader();
      if (leader !== undefined && this.#reachesLeader(server)) {
        act(leader);
        return;
      }
      const waiting = this.#stalled.get(server) ?? [];
      waiting.push(() => this.#toLeader(server, act));
      this.#stalled.set(server, waiting);
    });
  }

  #flush(): void {
    if (this.#workingLeader() === undefined) return;
    for (const [server, waiting] of [...this.#stalled]) {
      if (!this.#reachesLeader(server)) continue;
      this.#stalled.delete(server);
      for (const act of waiting) act();
    }
  }

  #propose(leader: Server, operations: readonly Operation[]): number | undefined {
    const changes: Change[] = [];
    for (const operation of operations) {
      // A node that an earlier operation of the same transaction removed may be created anew.
      const removed = changes.some(
        ({ kind, path }) => kind === 'delete' && path === operation.path,
      );
      const change =
        removed && operation.kind === 'create'
          ? ({
              kind: 'create',
              path: operation.path,
              data: operation.data,
              owner: operation.owner,
            } as const)
          : leader.tree.prepare(operation);
      if (typeof change === 'number') return change;
      if (change !== undefined) changes.push(change);
    }
    if (changes.length > 0) this.#commit(changes);
    return undefined;
  }

  #commit(changes: Entry): void {
    const leader = this.#leader;
    if (leader === undefined || changes.length === 0) return;
    this.log.push(changes);
    for (const change of changes)
      if (change.kind === 'create' && change.owner !== undefined)
        this.onEphemeral(change.path, change.owner.hex);
    leader.applyUpTo(this.log.length);
    for (const server of this.servers) if (server !== leader) this.#catchUp(server);
  }

  #catchUp(server: Server): void {
    const target = this.log.length;
    if (server.applied >= target) return;
    const atMs = Math.max(
      this.#lastApplyMs[server.index] ?? 0,
      this.#scheduler.nowMs + this.#random.magnitude(0.1, 30),
    );
    this.#lastApplyMs[server.index] = atMs;
    this.#scheduler.at(atMs, () => {
      if (server.role === 'follower' && server.isServing && this.#reachesLeader(server))
        server.applyUpTo(target);
    });
  }

  #hopMs(): number {
    return this.#random.magnitude(0.1, 5);
  }
}
