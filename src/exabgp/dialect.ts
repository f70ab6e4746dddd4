import type { NeighborAddress } from '../core/route.ts';

/** What to speak: as the ExaBGP that we run under, or as one of these, whatever it says of itself. */
export type Api = 'auto' | keyof typeof dialects;

/** What differs between the versions of ExaBGP in what we write, and in what we can know. */
export interface Dialect {
  readonly name: string;
  /** The words in front of a command for all neighbors that ExaBGP serves this process for. */
  readonly all: string;
  /** The words in front of a command for some of them. */
  only(neighbors: readonly NeighborAddress[]): string;
  /** Of several neighbors of which it knows none, it takes all instead. */
  readonly takesAllForUnknown: boolean;
  /** Lists the neighbors; undefined: there is no such command. */
  readonly summary: string | undefined;
  /** Sends the whole adj-rib-out again; undefined: there is no such command, nor need of it. */
  readonly flush: string | undefined;
  /** Without acks, one that is not understood would be lost and nobody told. */
  readonly hasLargeCommunities: boolean;
  /** It says that it shuts down before it does. */
  readonly tellsShutdown: boolean;
}

const classic = {
  all: '',
  only: (neighbors: readonly NeighborAddress[]) =>
    `${neighbors.map((neighbor) => `neighbor ${neighbor}`).join(', ')} `,
  takesAllForUnknown: false,
  summary: 'show neighbor summary',
  flush: 'flush adj-rib out',
  hasLargeCommunities: true,
  tellsShutdown: true,
};

/**
 * The grammars, by the version they came with. Each was read, and where a copy was at hand tried, as docs/exabgp.md says.
 * The one of 6 (main) is understood in its `exabgp.api.version=4` mode as well.
 */
export const dialects = {
  // Its RIB takes every command in order, so nothing has to be flushed.
  '3.4': {
    ...classic,
    name: '3.4',
    summary: undefined,
    flush: undefined,
    hasLargeCommunities: false,
  },
  '4': { ...classic, name: '4' },
  '5': { ...classic, name: '5' },
  '6': {
    name: '6',
    all: 'peer * ',
    only: (neighbors) =>
      neighbors.length === 1 ? `peer ${neighbors[0]} ` : `peer [${neighbors.join(', ')}] `,
    takesAllForUnknown: true,
    summary: 'peer show summary',
    flush: 'rib flush out',
    hasLargeCommunities: true,
    tellsShutdown: false,
  },
} as const satisfies Record<string, Dialect>;

/** The dialect of an ExaBGP that says it is this version; that of 4 when it has not said. */
export function dialectOf(version: string | undefined): Dialect {
  const major = Number.parseInt(version ?? '4', 10);
  if (major <= 3) return dialects['3.4'];
  if (major === 4) return dialects['4'];
  return major === 5 ? dialects['5'] : dialects['6'];
}
