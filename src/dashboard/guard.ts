import type { IncomingHttpHeaders } from 'node:http';
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
 * Whether the page that sent a request is the one served here. Browsers name the sender in every POST, and a page cannot
 * change that.
 * @param headers `host` has passed {@link isHostOurs}.
 */
export function isOriginOurs(headers: IncomingHttpHeaders): boolean {
  const { host, origin, 'sec-fetch-site': site = 'same-origin' } = headers;
  // A proxy in front of us may speak TLS.
  const isOwn = origin === `http://${host}` || origin === `https://${host}`;
  return isOwn && site === 'same-origin';
}
