import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export type Direction = 'toServer' | 'toClient';

/** A TCP relay on loopback that can misbehave like a network. */
export interface TcpProxy {
  readonly host: string;
  readonly port: number;
  /** Connections accepted so far. */
  readonly accepted: number;
  /** Swallows all bytes of the given directions from now on, new connections' too; nothing is ever closed. */
  swallow(...directions: readonly Direction[]): void;
  /** Passes bytes again, on connections that lost nothing; the others are cut, as their streams have holes. */
  heal(): void;
  /** Passes this many more bytes to clients, then cuts every connection. */
  cutAfter(bytesToClient: number): void;
  /** Cuts every connection. */
  cut(): void;
  /** Refuses new connections by closing them at once, until `heal`. */
  refuse(): void;
  stop(): Promise<void>;
}

/** Called with all bytes that come by, before they are swallowed or passed. */
export type Tap = (direction: Direction, bytes: Buffer) => void;

/** Starts a relay to a server. */
export async function startTcpProxy(
  target: { readonly host: string; readonly port: number },
  tap: Tap = () => {},
): Promise<TcpProxy> {
  const proxy = new Relay(target, tap);
  await proxy.start();
  return proxy;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  hasHole: boolean;
}

class Relay implements TcpProxy {
  readonly host = '127.0.0.1';
  port = 0;
  accepted = 0;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #tap: Tap;
  readonly #listener: Server;
  readonly #pairs = new Set<Pair>();
  #swallowed: ReadonlySet<Direction> = new Set();
  #isRefusing = false;
  #bytesLeft = Number.POSITIVE_INFINITY;

  constructor(target: { readonly host: string; readonly port: number }, tap: Tap) {
    this.#target = target;
    this.#tap = tap;
    this.#listener = createServer((client) => this.#accept(client));
  }

  async start(): Promise<void> {
    this.#listener.listen(0, this.host);
    await once(this.#listener, 'listening');
    const bound = this.#listener.address();
    if (bound === null || typeof bound === 'string') throw new Error('not a TCP listener');
    this.port = bound.port;
  }

  swallow(...directions: readonly Direction[]): void {
    this.#swallowed = new Set(directions);
  }

  heal(): void {
    this.#swallowed = new Set();
    this.#isRefusing = false;
    for (const pair of this.#pairs) if (pair.hasHole) this.#end(pair);
  }

  cutAfter(bytesToClient: number): void {
    this.#bytesLeft = bytesToClient;
  }

  cut(): void {
    for (const pair of this.#pairs) this.#end(pair);
  }

  refuse(): void {
    this.#isRefusing = true;
    this.cut();
  }

  async stop(): Promise<void> {
    this.cut();
    if (!this.#listener.listening) return;
    await once(this.#listener.close(), 'close');
  }

  #accept(client: Socket): void {
    this.accepted += 1;
    if (this.#isRefusing) {
      client.destroy();
      return;
    }
    const server = connect({ ...this.#target, noDelay: true });
    client.setNoDelay(true);
    const pair = { client, server, hasHole: false };
    this.#pairs.add(pair);
    client.on('data', (bytes) => this.#pass(pair, 'toServer', bytes));
    server.on('data', (bytes) => this.#pass(pair, 'toClient', bytes));
    for (const socket of [client, server]) {
      socket.on('error', () => {});
      socket.on('close', () => this.#closed(pair, socket));
    }
  }

  #pass(pair: Pair, direction: Direction, bytes: Buffer): void {
    this.#tap(direction, bytes);
    if (this.#swallowed.has(direction)) {
      pair.hasHole = true;
      return;
    }
    if (direction === 'toServer') {
      pair.server.write(bytes);
      return;
    }
    pair.client.write(bytes.subarray(0, Math.min(bytes.length, this.#bytesLeft)));
    this.#bytesLeft -= bytes.length;
    if (this.#bytesLeft > 0) return;
    this.#bytesLeft = Number.POSITIVE_INFINITY;
    // Ended, not destroyed: the bytes that may pass must arrive.
    pair.client.end();
    pair.server.destroy();
  }

  #closed(pair: Pair, socket: Socket): void {
    // A black hole hides that the other side is gone.
    if (socket === pair.server && this.#swallowed.has('toClient')) return;
    if (socket === pair.client && this.#swallowed.has('toServer')) return;
    this.#end(pair);
  }

  #end(pair: Pair): void {
    this.#pairs.delete(pair);
    pair.client.destroy();
    pair.server.destroy();
  }
}
