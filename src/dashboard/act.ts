import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../core/clock.ts';
import { isOriginOurs } from './guard.ts';
import { parseOrder } from './order.ts';
import type { Order } from './wire.ts';

/** What became of an order, in a sentence for people. `dark`: it takes VIPs away from everybody, and was not forced. */
export interface Outcome {
  readonly kind: 'done' | 'dark' | 'unknown' | 'failed';
  readonly sentence: string;
}

/** What makes the page able to act. */
export interface Acting {
  /** Who knows it may act. */
  readonly token: string;
  /**
   * Does what was ordered, or says why not. Never rejects.
   * @param who typed the order, and from where.
   */
  act(order: Order, who: string): Promise<Outcome>;
}

/** An answer in plain text. */
export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const statuses: Readonly<Record<Outcome['kind'], number>> = {
  done: 200,
  dark: 409,
  unknown: 404,
  failed: 503,
};

/** Wrong tokens within so long: after that nobody's is looked at, so that guessing is hopeless. */
const failures = { max: 5, withinMs: 60_000 } as const;
const bodyBytesMax = 4_096;

/** Answers orders: from our own page, with the token, and well-formed; all others are refused before anything is read. */
export function createActHandler(
  { token, act }: Acting,
  clock: Clock,
): (request: IncomingMessage) => Promise<Reply> {
  const failedMs: number[] = [];
  const whyRefused = (request: IncomingMessage): Reply | undefined => {
    if (request.method !== 'POST')
      return refusal(405, 'An order is to be sent by POST.', { Allow: 'POST' });
    if (!isOriginOurs(request.headers))
      return refusal(
        403,
        'Orders come from the page itself alone; a proxy in front of it has to pass the Host header on.',
      );
    const nowMs = clock.nowMs();
    while ((failedMs[0] ?? nowMs) <= nowMs - failures.withinMs) failedMs.shift();
    if (failedMs.length >= failures.max)
      return refusal(429, 'Too many wrong tokens; try again in a minute.', { 'Retry-After': '60' });
    if (!isToken(request.headers.authorization, token)) {
      failedMs.push(nowMs);
      return refusal(401, 'This is not the token of this page.', { 'WWW-Authenticate': 'Bearer' });
    }
    return isJson(request) ? undefined : refusal(415, 'An order is application/json.');
  };
  return async (request) => {
    const refused = whyRefused(request);
    if (refused !== undefined) return refused;
    const body = await bodyOf(request);
    if (body === undefined) return refusal(413, `An order has at most ${bodyBytesMax} bytes.`);
    const order = parseOrder(body);
    if (typeof order === 'string') return refusal(400, order);
    const { kind, sentence } = await act(order, `${order.who} (page, ${peerOf(request)})`);
    return { status: statuses[kind], text: sentence };
  };
}

function refusal(status: number, text: string, headers: Reply['headers'] = {}): Reply {
  return { status, text, headers };
}

/** Compared by digests of one length, so that the time it takes tells nothing. */
function isToken(authorization: string | undefined, token: string): boolean {
  const given = /^Bearer (.*)$/i.exec(authorization ?? '')?.[1] ?? '';
  return timingSafeEqual(digestOf(given), digestOf(token));
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function isJson({ headers }: IncomingMessage): boolean {
  return /^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '');
}

/** Undefined when it is too long, or does not come whole. What is too long is read to its end, or nobody would hear why. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes <= bodyBytesMax) chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return bytes > bodyBytesMax ? undefined : Buffer.concat(chunks).toString('utf8');
}

function peerOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress?.replace(/^::ffff:/, '') ?? 'unknown';
}
