import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Clock } from '../core/clock.ts';
import type { Level } from '../core/report.ts';

/** Where to listen; the host is an address. */
export interface Listen {
  readonly host: string;
  readonly port: number;
}

/** What a path answers with. */
export interface Page {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface EndpointPorts {
  readonly clock: Clock;
  /** What each path answers, made anew for each request or once for many that come at once. */
  readonly pages: ReadonlyMap<string, () => Page | Promise<Page>>;
  note(level: Level, place: string, detail: string): void;
}

/** The HTTP server that machines read. What befalls it never befalls the agent. */
export interface Endpoint {
  /** Listens there from now on; undefined: nowhere. */
  listen(listen: Listen | undefined): void;
}

/** A port that is taken may become free. */
const retryMs = 10_000;
/** Enough for every Prometheus, probe and person at once. */
const connectionsMax = 64;
/** A page is made once for all who ask for it within this time, so that no number of requests costs more. */
const keptMs = 500;

/** Makes the server; it listens nowhere yet. */
export function createEndpoint(ports: EndpointPorts): Endpoint {
  return new HttpEndpoint(ports);
}

class HttpEndpoint implements Endpoint {
  readonly #ports: EndpointPorts;
  readonly #kept = new Map<string, { readonly atMs: number; readonly page: Promise<Page> }>();
  #listen: Listen | undefined;
  #server: Server | undefined;
  #cancelRetry = () => {};
  #complaint = '';

  constructor(ports: EndpointPorts) {
    this.#ports = ports;
  }

  listen(listen: Listen | undefined): void {
    if (placeOf(listen) === placeOf(this.#listen)) return;
    this.#listen = listen;
    this.#complaint = '';
    this.#cancelRetry();
    this.#close();
    if (listen !== undefined) void this.#open(listen);
  }

  async #open(listen: Listen): Promise<void> {
    // Loaded when it is needed: the start of an agent that does not listen waits for nothing of it.
    const { createServer } = await import('node:http');
    if (this.#listen !== listen) return;
    const server = createServer(
      { headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 15_000 },
      (request, response) => void this.#answer(request, response),
    );
    server.maxConnections = connectionsMax;
    server.on('error', (error) => this.#failed(listen, server, error));
    server.on('listening', () => {
      this.#complaint = '';
      this.#note('info', listen, 'answers /metrics, /healthz, /readyz and /state');
    });
    this.#server = server;
    server.listen(listen.port, listen.host);
  }

  #close(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
    this.#server = undefined;
  }

  #failed(listen: Listen, server: Server, error: Error): void {
    if (this.#server !== server) return;
    this.#close();
    const code = 'code' in error ? String(error.code) : '';
    const advice = adviceByCode.get(code) ?? 'check listen';
    const detail = `cannot be listened on (${error.message}): ${advice}. The agent goes on without; tried again every ${retryMs / 1_000} s`;
    if (detail !== this.#complaint) this.#note('error', listen, detail);
    this.#complaint = detail;
    this.#cancelRetry = this.#ports.clock.setTimer(retryMs, () => void this.#open(listen));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const page = await this.#pageFor(request).catch((error: unknown): Page => {
      const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#ports.note('error', 'listen', `bug: ${detail}`);
      return plain(500, 'a bug, told in the log of the agent');
    });
    response.writeHead(page.status, {
      'content-type': page.contentType,
      'content-length': Buffer.byteLength(page.body),
      'cache-control': 'no-store',
      ...(page.status === 405 && { allow: 'GET, HEAD' }),
    });
    response.end(request.method === 'HEAD' ? undefined : page.body);
  }

  async #pageFor({ method, url = '' }: IncomingMessage): Promise<Page> {
    const path = url.replace(/\?.*$/s, '');
    const make = this.#ports.pages.get(path);
    if (make === undefined)
      return plain(404, `there is ${[...this.#ports.pages.keys()].join(', ')}`);
    if (method !== 'GET' && method !== 'HEAD') return plain(405, 'to be read only');
    const nowMs = this.#ports.clock.nowMs();
    const kept = this.#kept.get(path);
    if (kept !== undefined && nowMs - kept.atMs < keptMs) return kept.page;
    const page = Promise.resolve().then(make);
    this.#kept.set(path, { atMs: nowMs, page });
    return page;
  }

  #note(level: Level, listen: Listen, detail: string): void {
    this.#ports.note(level, `listen ${placeOf(listen)}`, detail);
  }
}

const adviceByCode: ReadonlyMap<string, string> = new Map([
  [
    'EADDRINUSE',
    'another process has this port, perhaps another agent; choose another one in listen',
  ],
  ['EADDRNOTAVAIL', 'no interface of this host has this address; correct listen'],
  [
    'EACCES',
    'a port below 1024 takes rights that this user does not have; choose a higher one in listen',
  ],
]);

/** A page of one line for people. */
export function plain(status: number, text: string): Page {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${text}\n` };
}

function placeOf(listen: Listen | undefined): string {
  if (listen === undefined) return '';
  const { host, port } = listen;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
