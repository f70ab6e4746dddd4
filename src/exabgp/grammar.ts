import type { Attributes, NeighborAddress, PathId } from '../core/route.ts';
import type { Vip } from '../core/vip.ts';
import type { Dialect } from './dialect.ts';

/**
 * The lines we send. Each is built from parsed values alone: a newline inside a value would be a second command, and 4.2
 * and 5 find command words anywhere in a line.
 */

/** Asks for the version; every ExaBGP answers it, with or without acks. */
export const versionQuery = 'system version\n';

/** The line that announces a prefix, in the order of attributes that stays readable in ExaBGP's log. */
export function announceLine(dialect: Dialect, vip: Vip, attributes: Attributes): string {
  const { nextHop, med, localPreference, asPath, pathId, neighbors } = attributes;
  const words = ['announce route', value(vip), 'next-hop', value(nextHop)];
  if (med !== undefined) words.push('med', value(med));
  if (localPreference !== undefined) words.push('local-preference', value(localPreference));
  if (asPath !== undefined) words.push('as-path', ...list(asPath));
  words.push(...optional('community', attributes.communities));
  words.push(...optional('large-community', attributes.largeCommunities));
  words.push(...optional('extended-community', attributes.extendedCommunities));
  if (pathId !== undefined) words.push('path-information', dotted(pathId));
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
  if (pathId !== undefined) words.push('path-information', dotted(pathId));
  return line(target(dialect, neighbors), words);
}

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
  return value(octets.join('.'));
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
