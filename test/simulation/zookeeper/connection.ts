import type { Link } from './link.ts';
import type { Server } from './server.ts';
import type { Session } from './sessions.ts';
import type { ClientEnd, Hello, Request } from './wire.ts';

/** The server's end of one client's TCP connection. Requests are answered one after another, in their order. */
export class ServerConnection {
  session: Session | undefined;
  readonly #server: Server;
  readonly link: Link;
  readonly #client: ClientEnd;
  readonly #queue: Request[] = [];
  /** How many requests are on their way to the server. */
  #sentCount = 0;
  #isBusy = false;
  /** A heartbeat that nothing stands in the way of; see `#beat`. */
  #heartbeat: { readonly request: Request; readonly cancel: () => void } | undefined;
  #isClosed = false;

  constructor(server: Server, link: Link, client: ClientEnd) {
    this.#server = server;
    this.link = link;
    this.#client = client;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The client's first message. */
  hello(hello: Hello): void {
    this.link.send('toServer', () =>
      this.#server.receive(() => {
        if (!this.#isClosed) this.#server.greet(this, hello);
      }),
    );
  }

  welcome(session: Session | undefined): void {
    this.session = session;
    const granted = session && this.#server.granted(session);
    this.toClient(() => this.#client.welcome(granted ?? 'expired'));
    if (session === undefined) this.close('session expired');
  }

  request(request: Request): void {
    const earlier = this.#heartbeat?.request;
    this.#heartbeat?.cancel();
    this.#heartbeat = undefined;
    if (earlier !== undefined) this.#send(earlier);
    if (this.#isQuiet() && isHeartbeat(request)) this.#beat(request);
    else this.#send(request);
  }

  /**
   * Heartbeats are most of what a fleet at rest does, so one that meets no trouble is a single event: its answer. When
   * there was trouble, or another request follows it, it goes the way of all requests, as if it had been that much slower.
   */
  #beat(request: Request): void {
    const cancel = this.link.roundTrip(() => {
      this.#heartbeat = undefined;
      const { session } = this;
      if (session === undefined || !this.#isQuiet()) this.#send(request);
      else this.#server.answerNow(session, request);
    });
    this.#heartbeat = { request, cancel };
  }

  /** Nothing is under way, and nothing is wrong between this client and the leader. */
  #isQuiet(): boolean {
    const { session } = this;
    return (
      this.#sentCount === 0 &&
      !this.#isBusy &&
      !this.#isClosed &&
      session?.connection === this &&
      !session.isClosed &&
      this.link.isFast &&
      this.#server.isInQuorum
    );
  }

  #send(request: Request): void {
    this.#sentCount += 1;
    this.link.send('toServer', () => {
      this.#sentCount -= 1;
      this.#server.receive(() => {
        if (this.#isClosed) return;
        this.#queue.push(request);
        this.#next();
      });
    });
  }

  event(path: string, type: number, kind: 'data' | 'children'): void {
    this.toClient(() => this.#client.event(path, type, kind));
  }

  toClient(deliver: () => void): void {
    if (!this.#isClosed) this.link.send('toClient', deliver);
  }

  /** By the server: the client hears of it when the network lets it. */
  close(detail: string): void {
    if (this.#isClosed) return;
    this.link.send('toClient', () => this.#client.closed(detail));
    this.#end();
  }

  /** By the client: the server hears of it when the network lets it, and when it listens. */
  abandon(): void {
    this.link.send('toServer', () => this.#server.receive(() => this.#end()));
  }

  #end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#queue.length = 0;
    this.#server.forget(this);
    if (this.session?.connection === this) this.session.connection = undefined;
  }

  #next(): void {
    if (this.#isBusy || this.#isClosed) return;
    const request = this.#queue.shift();
    if (request === undefined) return;
    const { session } = this;
    if (session === undefined || session.isClosed || session.connection !== this) {
      this.close('session moved');
      return;
    }
    this.#isBusy = true;
    this.#server.handle(this, session, request, (error, result) => {
      this.#isBusy = false;
      this.toClient(() => request.reply(error, result));
      if (request.kind === 'closeSession') this.close('session closed');
      this.#next();
    });
  }
}

function isHeartbeat(request: Request): boolean {
  return request.kind === 'write' && request.operations.every(({ kind }) => kind === 'check');
}
