import type { Attributes, NeighborAddress, PathId } from '../core/route.ts';
import type { Vip } from '../core/vip.ts';
import type { Dialect } from './dialect.ts';

/**
 * The lines we send. Each is built from parsed values alone: a newline inside a value would be a second command, and 4.2
 * and 5 find command words anywhere in a line.
 */

/** Asks for the version; every ExaBGP answers it, with or without acks. */
export const versionQuery = 'system version\n';

/** The line that announces a prefix, with the attributes in the order of ExaBGP's healthcheck. */
export function announceLine(
  dialect: Dialect,
  vip: Vip,
  attributes: Attributes,
  pathIdText: PathIdText = dotted,
): string {
  const { nextHop, med, localPreference, asPath, pathId, neighbors } = attributes;
  const words = ['announce route', value(vip), 'next-hop', value(nextHop)];
  if (med !== undefined) words.push('med', value(med));
  if (localPreference !== undefined) words.push('local-preference', value(localPreference));
  words.push(...optional('community', attributes.communities));
  words.push(...optional('extended-community', attributes.extendedCommunities));
  words.push(...optional('large-community', attributes.largeCommunities));
  if (asPath !== undefined) words.push('as-path', ...list(asPath));
  if (pathId !== undefined) words.push('path-information', value(pathIdText(pathId)));
  return line(target(dialect, neighbors), words);
}

/** The line that withdraws a prefix, of this path; other attributes do not matter to ExaBGP. */
export function withdrawLine(
  dialect: Dialect,
  vip: Vip,
  pathId: PathId | undefined,
  neighbors?: readonly NeighborAddress[],
): string {
  const words = ['withdraw route', value(vip)];
  if (pathId !== undefined) words.push('path-information', value(dotted(pathId)));
  return line(target(dialect, neighbors), words);
}

/** The same in the words of ExaBGP's healthcheck, which repeats the next hop, and says whom it tells. */
export function healthcheckWithdrawLine(
  dialect: Dialect,
  vip: Vip,
  pathId: PathId | undefined,
  { nextHop, neighbors }: Pick<Attributes, 'nextHop' | 'neighbors'>,
): string {
  const words = ['withdraw route', value(vip), 'next-hop', value(nextHop)];
  if (pathId !== undefined) words.push('path-information', value(decimal(pathId)));
  return line(target(dialect, neighbors), words);
}

/** How a path id is written. */
type PathIdText = (pathId: PathId) => string;

/** As healthcheck writes it. */
export const decimal: PathIdText = String;

function target(dialect: Dialect, neighbors: readonly NeighborAddress[] | undefined): string {
  if (neighbors === undefined) return dialect.all;
  for (const neighbor of neighbors) value(neighbor);
  return dialect.only(neighbors);
}

function line(before: string, words: readonly string[]): string {
  return `${before}${words.join(' ')}\n`;
}

function optional(word: string, values: readonly string[] | undefined): readonly string[] {
  return values === undefined || values.length === 0 ? [] : [word, ...list(values)];
}

function list(values: readonly (string | number)[]): readonly string[] {
  return ['[', ...values.map(value), ']'];
}

/** A path id in the form of an IPv4 address, which every version takes. */
function dotted(pathId: PathId): string {
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(pathId / 2 ** shift) % 256);
  return octets.join('.');
}

/** Numbers, addresses, prefixes and communities; no word of ExaBGP's commands is written with these letters alone. */
const digits = /^(?:(?:target|origin):|0x)?[0-9a-f.:/]+$/;
/** The only other words that are values. */
const names: ReadonlySet<string> = new Set([
  'self',
  'blackhole',
  'no-advertise',
  'no-export',
  'no-export-subconfed',
  'nopeer',
]);

/** Parsed values cannot fail this: the last lock before the pipe. */
function value(parsed: string | number): string {
  const text = String(parsed);
  if (digits.test(text) || names.has(text)) return text;
  throw new UnfitValueError(text);
}

/** A value that no parser of ours lets through. */
export class UnfitValueError extends Error {
  constructor(text: string) {
    super(`${JSON.stringify(text.slice(0, 64))} is no value of a route`);
  }
}
