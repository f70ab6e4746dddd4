import { isIP, type Socket } from 'node:net';
import type { Clock } from '../core/clock.ts';
import type { Dialer, Server } from './dialer.ts';
import { describeError, type Stage } from './failure.ts';
import {
  assertLibrary,
  type ConnectionManager,
  errorCode,
  type LibraryClient,
  type LibraryRequests,
  library,
  managerState,
  tolerateUnknownErrors,
} from './library.ts';
import type { Transport } from './transport.ts';

/** What resumes a session. The password is a secret. */
export interface SessionKey {
  readonly id: Buffer;
  readonly password: Buffer;
}

export interface ClientOptions {
  readonly timeoutMs: number;
  /** The session to continue; undefined makes a new one. */
  readonly resume: SessionKey | undefined;
  readonly auth: { readonly scheme: 'digest'; readonly credential: string } | undefined;
}

interface ClientPorts {
  readonly clock: Clock;
  readonly dialer: Dialer;
  readonly transport: Transport;
}

/** Called off the library's stack, in the order of what happened, never after `kill`. */
export interface ClientListener {
  /** A handshake was answered whose request left at `sentMs`. */
  connected(server: Server, sentMs: number): void;
  /** An answered handshake's connection is gone. */
  disconnected(detail: string): void;
  /** This client is dead and its session with it. */
  ended(reason: 'expired' | 'authenticationFailed'): void;
  /** The library failed on what it received. */
  fault(detail: string): void;
}

/** One life of the library's client: at most one session, any number of connections. */
export interface Client {
  readonly library: LibraryRequests;
  connect(): void;
  isConnected(): boolean;
  /** The negotiated timeout, or the one asked for before the first handshake. */
  timeoutMs(): number;
  key(): SessionKey;
  /** Cuts the connection; the client goes on with the next server. */
  drop(detail: string): void;
  /** Ends everything at once and for good; the session is left to expire. */
  kill(): void;
  /** Asks the server to end the session; `done` once it did, or once the connection is gone. */
  close(done: () => void): void;
}

/** Builds one life after another; what it knows of the servers outlives them. */
export type ClientFactory = (options: ClientOptions, listener: ClientListener) => Client;

/**
 * Builds the library's client with its connection handling replaced: it has no deadline for a handshake, keeps half
 * a packet across reconnects, keeps requests while disconnected, and a throw inside it can stop it for ever.
 */
export function createClient(
  options: ClientOptions,
  ports: ClientPorts,
  listener: ClientListener,
): Client {
  tolerateUnknownErrors();
  const made = library.createClient('replaced:1', {
    sessionTimeout: options.timeoutMs,
    spinDelay: 0,
    // Its retries turn a create that succeeded into an error, so an unknown outcome is ours to read back.
    retries: 0,
    ...(options.resume && {
      sessionId: options.resume.id,
      sessionPassword: options.resume.password,
    }),
  });
  assertLibrary(made);
  const connection = new Connection(made, ports, listener);
  if (options.auth !== undefined)
    made.addAuthInfo(options.auth.scheme, Buffer.from(options.auth.credential));
  const manager = made.connectionManager;
  return {
    library: made,
    connect: () => made.connect(),
    isConnected: () => connection.isConnected(),
    timeoutMs: () => manager.getSessionTimeout(),
    key: () => ({ id: manager.getSessionId(), password: manager.getSessionPassword() }),
    drop: (detail) => connection.drop(detail),
    kill: () => connection.kill(),
    close: (done) => connection.close(done),
  };
}

/** One attempt to reach a server, and the connection that may come of it. */
interface Attempt {
  readonly server: Server;
  readonly socket: Socket;
  sentMs: number;
  stage: Stage;
  /** Why it ended, once that is known. */
  detail: string | undefined;
  cancelDeadline: () => void;
}

class Connection {
  readonly #manager: ConnectionManager;
  readonly #prototype: ConnectionManager;
  readonly #made: LibraryClient;
  readonly #clock: Clock;
  readonly #dialer: Dialer;
  readonly #transport: Transport;
  readonly #listener: ClientListener;
  #attempt: Attempt | undefined;
  #cancelDial: () => void = () => {};
  #isKilled = false;
  #onClosed: (() => void) | undefined;

  constructor(made: LibraryClient, ports: ClientPorts, listener: ClientListener) {
    this.#made = made;
    this.#manager = made.connectionManager;
    this.#prototype = Object.getPrototypeOf(this.#manager) as ConnectionManager;
    this.#clock = ports.clock;
    this.#dialer = ports.dialer;
    this.#transport = ports.transport;
    this.#listener = listener;
    // Old servers mistake xid 0 for a ping when they throttle.
    this.#manager.xid = 1;
    this.#manager.connect = () => this.#dial();
    this.#manager.on('state', (state) => this.#onState(state));
  }

  isConnected(): boolean {
    return !this.#isKilled && this.#manager.state === managerState.connected;
  }

  drop(detail: string): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    attempt.detail = detail;
    attempt.socket.destroy();
  }

  kill(): void {
    if (this.#isKilled) return;
    this.#isKilled = true;
    this.#cancelDial();
    this.#attempt?.cancelDeadline();
    // In this state the library's close handler does not reconnect.
    this.#manager.state = this.#attempt ? managerState.closing : managerState.closed;
    this.#attempt?.socket.destroy();
    this.#failOpenRequests();
    this.#onClosed?.();
  }

  close(done: () => void): void {
    if (!this.isConnected()) {
      done();
      return;
    }
    this.#onClosed = done;
    this.#made.close();
  }

  #tell(call: () => void): void {
    this.#clock.defer(() => {
      if (!this.#isKilled) call();
    });
  }

  #dial(): void {
    if (this.#isKilled) return;
    this.#manager.setState(managerState.connecting);
    this.#cancelDial = this.#dialer.next((server) => this.#open(server));
  }

  #open(server: Server): void {
    const socket = this.#transport.connect(server, this.#dialer.lookup);
    const attempt: Attempt = {
      server,
      socket,
      sentMs: this.#clock.nowMs(),
      stage: 'TCP connection',
      detail: undefined,
      cancelDeadline: () => {},
    };
    const deadlineMs = Math.round(this.#dialer.deadlineMs(this.#manager.getSessionTimeout()));
    attempt.cancelDeadline = this.#clock.setTimer(deadlineMs, () => {
      const by = addressOf(attempt);
      this.drop(`${attempt.stage} not answered${by} (timeout after ${deadlineMs} ms)`);
    });
    this.#attempt = attempt;
    this.#manager.socket = socket;
    socket.on('connect', () => {
      // Without TLS this is over at once.
      attempt.stage = 'TLS handshake';
    });
    socket.on(this.#transport.openEvent, () =>
      this.#contain(attempt, () => this.#shakeHands(attempt)),
    );
    socket.on('data', (bytes) =>
      this.#contain(attempt, () => this.#prototype.onSocketData.call(this.#manager, bytes)),
    );
    socket.on('drain', () => this.#contain(attempt, () => this.#manager.onSocketDrain()));
    socket.on('error', (error) => {
      attempt.detail ??= this.#transport.explain(attempt.stage, error);
    });
    socket.on('close', (hadError) => this.#closed(attempt, hadError));
  }

  #shakeHands(attempt: Attempt): void {
    attempt.sentMs = this.#clock.nowMs();
    attempt.stage = 'ZooKeeper handshake';
    this.#manager.onSocketConnected();
  }

  /** Nothing may escape into the library's or the socket's stack; a connection we cannot follow is cut. */
  #contain(attempt: Attempt, act: () => void): void {
    if (attempt !== this.#attempt) return;
    try {
      act();
    } catch (error) {
      const detail = `cut after the client library failed: ${describeError(error)}`;
      this.#tell(() => this.#listener.fault(detail));
      this.drop(detail);
    }
  }

  #onState(state: number): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    if (state === managerState.connected) {
      attempt.cancelDeadline();
      attempt.stage = 'requests';
      this.#dialer.succeeded(attempt.server);
      this.#tell(() => this.#listener.connected(attempt.server, attempt.sentMs));
    } else if (state === managerState.expired) {
      this.#tell(() => this.#listener.ended('expired'));
    } else if (state === managerState.authenticationFailed) {
      this.#tell(() => this.#listener.ended('authenticationFailed'));
    }
  }

  #closed(attempt: Attempt, hadError: boolean): void {
    if (attempt !== this.#attempt) return;
    attempt.cancelDeadline();
    this.#attempt = undefined;
    this.#forgetConnection();
    const detail = attempt.detail ?? this.#transport.explain(attempt.stage);
    if (attempt.stage === 'requests') this.#tell(() => this.#listener.disconnected(detail));
    else if (!this.#isKilled && this.#manager.state === managerState.connecting)
      this.#dialer.failed(attempt.server, detail);
    try {
      this.#prototype.onSocketClosed.call(this.#manager, hadError);
    } finally {
      this.#onClosed?.();
    }
  }

  /** What belongs to one connection only, and what the library would carry into the next one. */
  #forgetConnection(): void {
    this.#manager.pendingBuffer = null;
    // It is never wrapped, and 2^31 requests on one client are in reach of a flapping year.
    this.#manager.xid = 1;
    // Everything is read again with fresh watches after a reconnect, so none has to be set again by the library,
    // which puts all of them in one packet that the server may refuse for its size.
    this.#manager.watcherManager.dataWatchers = {};
    this.#manager.watcherManager.childWatchers = {};
    this.#manager.watcherManager.existenceWatchers = {};
    this.#failOpenRequests();
  }

  /** Sent or only queued: none may be sent later, when its reason is gone. */
  #failOpenRequests(): void {
    const { pendingQueue, packetQueue } = this.#manager;
    const code =
      this.#manager.state === managerState.expired
        ? errorCode.sessionExpired
        : errorCode.connectionLoss;
    for (const packet of [...pendingQueue.splice(0), ...packetQueue.queue.splice(0)])
      packet.callback?.(library.Exception.create(code));
  }
}

/** The address behind a name, once connected to. */
function addressOf({ server, socket }: Attempt): string {
  const address = socket.remoteAddress;
  return address === undefined || isIP(server.host) !== 0 ? '' : ` by ${address}`;
}
