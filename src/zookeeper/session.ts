import type { Clock } from '../core/clock.ts';
import type { Event } from '../core/event.ts';
import type { Level } from '../core/report.ts';
import { type AclOptions, createAcls } from './acl.ts';
import type { Client, ClientFactory, SessionKey } from './client.ts';
import { placeOf, type Server } from './dialer.ts';
import {
  heartbeatEveryMs,
  isPresumedLost,
  isProven,
  leaseTickMinMs,
  leaseTickMs,
  provenUntilMs,
  requestDeadlineMs,
} from './lease.ts';
import { createRequests, isAnswered, type Requests } from './requests.ts';
import { createStormBrake, type StormBrake } from './storm-brake.ts';

export interface SessionOptions {
  readonly sessionTimeoutMs: number;
  readonly auth: { readonly scheme: 'digest'; readonly credential: string } | undefined;
  /** Default: everybody may read. */
  readonly acl?: AclOptions;
  /** How much of a znode's data is read at most; default: as much as any of those that decide may hold. */
  readonly bytesMax?: number;
}

/** Where the session is kept for the next life of the agent. Calls return at once and never throw. */
export interface SessionMemory {
  /** The earlier life's, to be continued. */
  readonly session: SessionKey | undefined;
  /** Keeps this one; undefined: there is none any more that a next life could continue. */
  keepSession(session: SessionKey | undefined): void;
}

export interface SessionPorts {
  readonly clock: Clock;
  /** Without one, every life makes a session of its own. */
  readonly memory?: SessionMemory | undefined;
  /** Builds one life of the ZooKeeper client after another. */
  readonly createClient: ClientFactory;
  emit(event: Event): void;
  note(level: Level, place: string, detail: string): void;
  /** The node that heartbeats check: an ephemeral of ours when there is one. */
  heartbeatPath(): string;
  /** The heartbeat's node does not exist. */
  heartbeatNodeGone(path: string): void;
  /** A handshake was answered: everything must be read again. */
  established(): void;
  interrupted(): void;
}

/**
 * Our ZooKeeper session over any number of connections, and the lease that says whether we may believe in it. Epochs
 * count sessions: an ended one is followed by a new one with the next epoch.
 */
export class Session {
  readonly requests: Requests;
  readonly #options: SessionOptions;
  readonly #ports: SessionPorts;
  readonly #brake: StormBrake;
  #client: Client | undefined;
  /** The session to resume: at first the earlier life's; undefined while there is none. */
  #key: SessionKey | undefined;
  #epoch: number;
  #connection = 0;
  #proofMs = Number.NEGATIVE_INFINITY;
  /** As asked for, then as negotiated. */
  #timeoutMs: number;
  #clientMadeMs = 0;
  #heartbeatSentMs = Number.NEGATIVE_INFINITY;
  /** The heartbeat in flight; a stale one of an earlier connection is told apart by identity. */
  #heartbeat: object | undefined;
  #cancelTick = () => {};
  #isEstablished = false;
  #phase: 'new' | 'started' | 'closed' = 'new';

  constructor(options: SessionOptions, ports: SessionPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#brake = createStormBrake();
    this.#key = ports.memory?.session;
    this.#epoch = this.#key === undefined ? 0 : 1;
    this.#timeoutMs = options.sessionTimeoutMs;
    this.requests = createRequests({
      clock: ports.clock,
      acls: createAcls(options.auth !== undefined, options.acl),
      bytesMax: options.bytesMax,
      liveClient: () => this.#liveClient(),
      deadlineMs: () => requestDeadlineMs(this.#timeoutMs),
    });
  }

  start(): void {
    if (this.#phase !== 'new') return;
    this.#phase = 'started';
    this.#renew();
    this.#tick();
  }

  /** Whether the lease stands right now; computed at every use, since timers are late after a pause. */
  isLive(): boolean {
    if (!this.#isEstablished || this.#client?.isConnected() !== true) return false;
    return (
      this.#phase === 'started' &&
      isProven(this.#proofMs, this.#timeoutMs, this.#ports.clock.nowMs())
    );
  }

  /** Number of the current connection, or of the last one; 0 before the first. */
  connection(): number {
    return this.#connection;
  }

  /** Our session's id in hex; undefined while there is none. */
  id(): string | undefined {
    return this.#key?.id.toString('hex');
  }

  /** Ends the session so that its ephemerals go; after the deadline, or without a connection, it is left to expire. */
  close(deadlineMs: number): Promise<void> {
    if (this.#phase !== 'closed') this.#ports.memory?.keepSession(undefined);
    this.#phase = 'closed';
    this.#cancelTick();
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined) return Promise.resolve();
    if (!client.isConnected()) {
      client.kill();
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const finish = () => {
        cancelDeadline();
        client.kill();
        resolve();
      };
      const cancelDeadline = this.#ports.clock.setTimer(deadlineMs, finish);
      client.close(finish);
    });
  }

  #liveClient(): Client['library'] | undefined {
    if (this.isLive()) return this.#client?.library;
    // A request was refused, so this connection's view may have a gap: it must not come back to life.
    if (this.#isEstablished) this.#client?.drop('no proof of the session for half its timeout');
    return undefined;
  }

  #tick(): void {
    if (this.#phase !== 'started') return;
    const nowMs = this.#ports.clock.nowMs();
    const timeoutMs = this.#timeoutMs;
    if (this.#client === undefined) {
      if (this.#brake.isReleased(nowMs)) this.#renew();
    } else if (this.#client.isConnected()) {
      this.#watchOver(this.#client, nowMs, timeoutMs);
    } else if (isPresumedLost(Math.max(this.#proofMs, this.#clientMadeMs), timeoutMs, nowMs)) {
      // The session may still live at the servers (they lost a leader, say), so it is resumed, not given up. The new
      // client starts without the old one's state, should that be what keeps it from connecting.
      this.#renew();
    }
    this.#cancelTick = this.#ports.clock.setTimer(this.#nextLookMs(nowMs), () => this.#tick());
  }

  /** How long nothing can be due; never so long that a connection made meanwhile would miss its first heartbeat. */
  #nextLookMs(nowMs: number): number {
    const timeoutMs = this.#timeoutMs;
    if (this.#client?.isConnected() !== true) return leaseTickMs(timeoutMs);
    const everyMs = heartbeatEveryMs(timeoutMs);
    const beatAtMs = this.#heartbeat === undefined ? this.#heartbeatSentMs + everyMs : Infinity;
    const dueMs = Math.min(beatAtMs, provenUntilMs(this.#proofMs, timeoutMs)) - nowMs;
    return Math.max(leaseTickMinMs, Math.min(everyMs, dueMs));
  }

  #watchOver(client: Client, nowMs: number, timeoutMs: number): void {
    if (!isProven(this.#proofMs, timeoutMs, nowMs)) {
      const ageMs = Math.round(nowMs - this.#proofMs);
      client.drop(`the quorum has answered nothing sent in the last ${ageMs} ms`);
    } else if (
      this.#heartbeat === undefined &&
      nowMs - this.#heartbeatSentMs >= heartbeatEveryMs(timeoutMs)
    ) {
      this.#beat(nowMs);
    }
  }

  #beat(sentMs: number): void {
    const heartbeat = {};
    const path = this.#ports.heartbeatPath();
    this.#heartbeat = heartbeat;
    this.#heartbeatSentMs = sentMs;
    this.requests.check(path, (answer) => {
      if (this.#heartbeat !== heartbeat) return;
      this.#heartbeat = undefined;
      if (!isAnswered(answer)) return;
      this.#proofMs = Math.max(this.#proofMs, sentMs);
      this.#ports.emit({ kind: 'sessionProven', epoch: this.#epoch, proofMs: sentMs });
      if (!answer.ok && answer.problem === 'noNode') this.#ports.heartbeatNodeGone(path);
    });
  }

  /** Replaces the client by a new one that resumes the session, if there is one. */
  #renew(): void {
    this.#discardClient('client replaced');
    this.#clientMadeMs = this.#ports.clock.nowMs();
    const client = this.#ports.createClient(
      {
        timeoutMs: this.#options.sessionTimeoutMs,
        resume: this.#key,
        auth: this.#options.auth,
      },
      {
        connected: (server, sentMs) => this.#onConnected(client, server, sentMs),
        disconnected: (detail) => this.#onDisconnected(detail),
        ended: (reason) => this.#onEnded(reason),
        fault: (detail) => this.#ports.note('error', 'zookeeper', detail),
      },
    );
    this.#client = client;
    client.connect();
  }

  #onConnected(client: Client, server: Server, sentMs: number): void {
    const key = client.key();
    const isSame = this.#key?.id.equals(key.id) === true;
    if (!isSame) {
      this.#epoch += 1;
      this.#ports.memory?.keepSession(key);
    }
    this.#key = key;
    this.#connection += 1;
    this.#timeoutMs = client.timeoutMs();
    this.#proofMs = sentMs;
    this.#isEstablished = true;
    this.#brake.connected(this.#ports.clock.nowMs(), this.#timeoutMs);
    this.#ports.note('debug', placeOf(server), `connected, session ${isSame ? 'regained' : 'new'}`);
    this.#ports.emit({
      kind: 'sessionEstablished',
      epoch: this.#epoch,
      connection: this.#connection,
      timeoutMs: this.#timeoutMs,
      proofMs: sentMs,
      isResumed: isSame && this.#connection === 1,
    });
    // Goes first on the wire: a server that lags behind the quorum answers the reads after it only when it caught up.
    this.#beat(this.#ports.clock.nowMs());
    this.#ports.established();
  }

  #onDisconnected(detail: string): void {
    this.#interrupt(detail);
    const nowMs = this.#ports.clock.nowMs();
    if (!this.#brake.isPulled(nowMs, this.#timeoutMs)) return;
    this.#ports.note('warn', 'zookeeper', 'connections keep breaking: waiting before the next one');
    this.#discardClient(detail);
  }

  #onEnded(reason: 'expired' | 'authenticationFailed'): void {
    const hadSession = this.#key !== undefined;
    this.#key = undefined;
    this.#discardClient(reason);
    if (hadSession) this.#forgetSession(reason);
    const nowMs = this.#ports.clock.nowMs();
    if (reason === 'authenticationFailed') {
      this.#ports.note('error', 'zookeeper', 'authentication failed: check zookeeper.auth');
      this.#brake.pull(nowMs, this.#options.sessionTimeoutMs);
    } else if (!this.#brake.isPulled(nowMs, this.#options.sessionTimeoutMs)) {
      this.#renew();
    }
  }

  #forgetSession(reason: 'expired' | 'authenticationFailed'): void {
    this.#ports.memory?.keepSession(undefined);
    this.#ports.emit({ kind: 'sessionEnded', epoch: this.#epoch, reason });
    if (this.#connection > 0) return;
    this.#ports.note('warn', 'zookeeper', `the earlier life's session is not continued: ${reason}`);
  }

  #discardClient(detail: string): void {
    this.#client?.kill();
    this.#client = undefined;
    this.#interrupt(detail);
  }

  #interrupt(detail: string): void {
    this.#heartbeat = undefined;
    if (!this.#isEstablished) return;
    this.#isEstablished = false;
    this.#ports.interrupted();
    this.#ports.emit({ kind: 'sessionInterrupted', connection: this.#connection, detail });
  }
}
