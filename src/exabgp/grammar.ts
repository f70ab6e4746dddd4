import type { Attributes } from '../core/route.ts';
import type { Vip } from '../core/vip.ts';

/**
 * The lines we send, in the grammar of ExaBGP 4.2 and 5, which 3.4 shares for these commands.
 * Every line is built from parsed values alone: a newline inside a value would be a second command, and 4.2 and 5
 * find command words anywhere in a line.
 */

/** Asks for the version; every ExaBGP answers it, with or without acks. */
export const versionQuery = 'system version\n';

/** Asks for the established neighbors; the truth about them after a respawn, which replays no state lines. */
export const summaryQuery = 'show neighbor summary\n';

/** Makes ExaBGP send its whole adj-rib-out again. 4.2.21 dies of it while no neighbor is established. */
export const flushLine = 'flush adj-rib out\n';

/** The line that announces a prefix, in the order of attributes that stays readable in ExaBGP's log. */
export function announceLine(vip: Vip, attributes: Attributes): string {
  const { nextHop, med, localPreference, asPath, communities } = attributes;
  const words = ['announce route', vip, 'next-hop', nextHop];
  if (med !== undefined) words.push('med', String(med));
  if (localPreference !== undefined) words.push('local-preference', String(localPreference));
  if (asPath !== undefined) words.push('as-path', '[', ...asPath.map(String), ']');
  if (communities !== undefined && communities.length > 0)
    words.push('community', '[', ...communities, ']');
  return line(words);
}

/** The line that withdraws a prefix; its attributes do not matter to ExaBGP. */
export function withdrawLine(vip: Vip): string {
  return line(['withdraw route', vip]);
}

function line(words: readonly string[]): string {
  const text = words.join(' ');
  // Parsed values cannot fail this. One odd byte would get the helper killed (non-ASCII) or be a second command.
  if (!/^[\x20-\x7e]+$/.test(text)) throw new Error('line to ExaBGP is not printable ASCII');
  return `${text}\n`;
}
