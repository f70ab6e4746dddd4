import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock } from '../core/clock.ts';
import { type Acting, createActHandler, type Reply } from './act.ts';
import { type Asset, createAssets, type PageFiles } from './assets.ts';
import { Feed, type FleetState, subscribersMax } from './feed.ts';
import { isHostOurs } from './guard.ts';
import { detailsOf, type Place } from './why.ts';
import { actPath } from './wire.ts';

export interface DashboardOptions {
  readonly clock: Clock;
  readonly files: PageFiles;
  /** Names that requests may be for, besides addresses, `localhost` and this host's own. */
  readonly names: readonly string[];
  /** Absent: the page can only be looked at. */
  readonly acting?: Acting;
}

/** What answers are made of. */
interface Parts {
  readonly assets: ReadonlyMap<string, Asset>;
  readonly feed: Feed;
  readonly act: ((request: IncomingMessage) => Promise<Reply>) | undefined;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

type ListenPlace = Address | { readonly fd: number };

/** The page's server. Constructing it is inert. */
export interface Dashboard {
  /**
   * Listens; resolves to where.
   * @param place port 0 takes any that is free; a descriptor is one of a socket that listens already.
   * @throws the system's error, as EADDRINUSE.
   */
  start(place: ListenPlace): Promise<Address>;
  /** What is known of the fleet now. */
  update(latest: FleetState): void;
  /** Ends every connection. Twice is harmless. */
  stop(): Promise<void>;
}

/** No resource from elsewhere, no inline script or style, no frame around it, no text that becomes markup or a script. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types relay',
].join('; ');

const headers = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

/** Builds the server of the page. */
export function createDashboard(options: DashboardOptions): Dashboard {
  const { acting, clock, files } = options;
  const assets = createAssets(files, acting !== undefined);
  const feed = new Feed(clock, assets.get('/page.js')?.etag ?? '');
  const act = acting === undefined ? undefined : createActHandler(acting, clock);
  const parts: Parts = { assets, feed, act };
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (isHostOurs(request.headers.host, options.names)) answer(request, response, parts);
    else say(response, 421, 'This name is not known to be mine; give it with --name.');
  });
  // A page's stream is open for ever, but a request has to come whole.
  server.headersTimeout = 10_000;
  server.requestTimeout = 10_000;
  server.maxConnections = subscribersMax * 2;
  return {
    start: (place) => listen(server, place),
    update: (latest) => feed.update(latest),
    stop: async () => {
      feed.stop();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, place: ListenPlace): Promise<Address> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(place, () => {
      server.off('error', reject);
      const bound = server.address();
      // A socket of the file system, which only a descriptor can be, has a path.
      if (typeof bound === 'string' || bound === null) resolve({ host: bound ?? '', port: 0 });
      else resolve({ host: bound.address, port: bound.port });
    });
  });
}

function answer(request: IncomingMessage, response: ServerResponse, parts: Parts): void {
  const { assets, feed, act } = parts;
  const { pathname, searchParams } = urlOf(request);
  if (pathname === actPath) {
    if (act === undefined) say(response, 404, 'This page can only be looked at.');
    else void act(request).then((reply) => sendReply(response, reply));
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    say(response, 405, 'This can only be read.');
    return;
  }
  const asset = assets.get(pathname);
  if (asset !== undefined) sendAsset(request, response, asset);
  else if (pathname === '/events') sendEvents(request, response, feed);
  else if (pathname === '/why') sendDetails(response, feed, searchParams);
  else say(response, 404, 'There is no such thing here.');
}

/** What is no path, as `//`, asks for nothing that is here. */
function urlOf({ url = '/' }: IncomingMessage): URL {
  const base = 'http://localhost';
  return new URL(URL.canParse(url, base) ? url : '/nothing', base);
}

function sendReply(response: ServerResponse, { status, text, headers = {} }: Reply): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader('Cache-Control', 'no-store');
  say(response, status, text);
}

function sendAsset(request: IncomingMessage, response: ServerResponse, asset: Asset): void {
  response.setHeader('ETag', asset.etag);
  response.setHeader('Cache-Control', 'no-cache');
  response.setHeader('Vary', 'Accept-Encoding');
  if (request.headers['if-none-match'] === asset.etag) {
    response.writeHead(304).end();
    return;
  }
  const isZipped = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  if (isZipped) response.setHeader('Content-Encoding', 'gzip');
  send(response, 200, asset.type, isZipped ? asset.zipped : asset.body);
}

function sendEvents(request: IncomingMessage, response: ServerResponse, feed: Feed): void {
  if (feed.subscriberCount >= subscribersMax) {
    response.setHeader('Retry-After', '10');
    say(response, 503, `${subscribersMax} pages listen already.`);
    return;
  }
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    // What nginx in front of us would keep back until its buffer is full.
    'X-Accel-Buffering': 'no',
  });
  if (request.method === 'HEAD') response.end();
  else feed.subscribe(response);
}

function sendDetails(response: ServerResponse, feed: Feed, query: URLSearchParams): void {
  const details = detailsOf(feed.view, placeOf(query));
  response.setHeader('Cache-Control', 'no-store');
  if (details === undefined) say(response, 404, 'The fleet has no such service, VIP or member.');
  else send(response, 200, 'application/json; charset=utf-8', JSON.stringify(details));
}

function placeOf(query: URLSearchParams): Place {
  const vip = query.get('vip');
  const member = query.get('member');
  return {
    service: query.get('service') ?? '',
    ...(vip !== null && { vip }),
    ...(member !== null && { member }),
  };
}

function say(response: ServerResponse, status: number, text: string): void {
  send(response, status, 'text/plain; charset=utf-8', `${text}\n`);
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}
