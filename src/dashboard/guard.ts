import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';

/**
 * Whether a request was meant for this server. A foreign page can make a name of its own point here and then read what we
 * answer (DNS rebinding); it cannot do so with an address, `localhost`, or a name that is ours.
 * @param names of this host besides its own, as `--name` gives them.
 */
export function isHostOurs(host: string | undefined, names: readonly string[]): boolean {
  if (host === undefined) return false;
  const name = host
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  if (isIP(name) !== 0 || name === 'localhost') return true;
  return [hostname(), ...names].some((own) => own.toLowerCase() === name);
}

/**
 * Whether a request that changes something comes from our own page or from no browser at all. A browser says by `Origin`
 * and `Sec-Fetch-Site` whose page asked, and a page can forge neither.
 */
export function isSameOrigin({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  if (headers.origin === undefined) return true;
  // Whether TLS ends in front of us is not known here, so the scheme is not compared.
  return headers.origin.replace(/^https?:\/\//, '') === headers.host;
}

/** Whether a request carries the token, as `Authorization: Bearer ...`; compared in constant time. */
export function hasToken({ headers }: IncomingMessage, token: string): boolean {
  const given = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
