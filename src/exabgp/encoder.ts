import type { Attributes, NeighborAddress, NextHop, PathId } from '../core/route.ts';
import { contains, type Vip } from '../core/vip.ts';
import type { Dialect } from './dialect.ts';
import {
  announceLine,
  decimal,
  healthcheckWithdrawLine,
  UnfitValueError,
  withdrawLine,
} from './grammar.ts';

/** What this agent may announce. */
export interface Guard {
  /** Prefixes of which one contains every route; undefined: any route may be announced. */
  readonly allowed: readonly Vip[] | undefined;
  /** Most routes at a time; undefined: any number. */
  readonly maxRoutes: number | undefined;
}

/**
 * To write as ExaBGP's healthcheck does: nothing but routes, no questions, and withdraws with the words that its
 * announcements have.
 */
export interface Manner {
  readonly nextHop: NextHop;
  readonly neighbors?: readonly NeighborAddress[];
}

/** What is written for one command, or why nothing is: because it may not be, or need not. */
export type Encoded =
  | { readonly kind: 'lines'; readonly lines: readonly string[] }
  | { readonly kind: 'refused' | 'needless'; readonly detail: string };

/** What tells one route to a prefix from another, for ExaBGP. */
interface Key {
  readonly pathId: PathId | undefined;
  readonly neighbors: readonly NeighborAddress[] | undefined;
}

/**
 * Turns commands into lines, and holds back what may not be announced. It remembers by which path and to which neighbors
 * each prefix was announced in this life: one announced otherwise afterwards leaves a route behind, which is withdrawn.
 */
export class Encoder {
  readonly #guard: () => Guard;
  readonly #manner: Manner | undefined;
  readonly #keys = new Map<Vip, Key>();

  constructor(
    guard: () => Guard = () => ({ allowed: undefined, maxRoutes: undefined }),
    manner?: Manner,
  ) {
    this.#guard = guard;
    this.#manner = manner;
  }

  /** @param known the neighbors that this ExaBGP has told of. */
  announce(
    dialect: Dialect,
    vip: Vip,
    attributes: Attributes,
    known: readonly NeighborAddress[],
  ): Encoded {
    const { pathId, largeCommunities = [], neighbors: wanted } = attributes;
    const neighbors = dialect.takesAllForUnknown
      ? wanted?.filter((neighbor) => known.includes(neighbor))
      : wanted;
    const objection = this.#objection(vip);
    if (objection !== undefined) return refused(objection);
    if (largeCommunities.length > 0 && !dialect.hasLargeCommunities)
      return refused(`ExaBGP ${dialect.name} knows no large communities`);
    if (neighbors?.length === 0)
      return refused(`ExaBGP has told of none of the neighbors ${wanted?.join(', ')} so far`);
    const [before, now] = [this.#keys.get(vip), { pathId, neighbors }];
    return encoded(() => {
      const lines = [
        announceLine(
          dialect,
          vip,
          { ...attributes, ...(neighbors && { neighbors }) },
          this.#manner && decimal,
        ),
      ];
      if (before !== undefined) lines.push(...leftovers(dialect, vip, before, now, known));
      this.#keys.set(vip, now);
      return lines;
    });
  }

  /**
   * Withdraws what this life announced, and the path that an earlier one may have: from all neighbors, since those that
   * never had it are none the worse.
   */
  withdraw(dialect: Dialect, vip: Vip, pathId: PathId | undefined): Encoded {
    const before = this.#keys.get(vip);
    const ids = new Set(before === undefined ? [pathId] : [before.pathId, pathId]);
    const manner = this.#manner;
    return encoded(() => {
      const lines = [...ids].map((id) =>
        manner === undefined
          ? withdrawLine(dialect, vip, id)
          : healthcheckWithdrawLine(dialect, vip, id, manner),
      );
      this.#keys.delete(vip);
      return lines;
    });
  }

  #objection(vip: Vip): string | undefined {
    const { allowed, maxRoutes } = this.#guard();
    if (allowed !== undefined && !allowed.some((prefix) => contains(prefix, vip)))
      return `${vip} is not in the allowed prefixes (${allowed.join(', ')})`;
    if (maxRoutes !== undefined && !this.#keys.has(vip) && this.#keys.size >= maxRoutes)
      return `${vip} would be one route more than maxRoutes (${maxRoutes})`;
    return undefined;
  }
}

/** Withdraws that end the route of `before` where the one of `now` has not taken its place. */
function leftovers(
  dialect: Dialect,
  vip: Vip,
  before: Key,
  now: Key,
  known: readonly NeighborAddress[],
): readonly string[] {
  if (before.pathId !== now.pathId) return [withdrawLine(dialect, vip, before.pathId)];
  const had = before.neighbors ?? known;
  const lost = had.filter((neighbor) => now.neighbors?.includes(neighbor) === false);
  return lost.length === 0 ? [] : [withdrawLine(dialect, vip, before.pathId, lost)];
}

function encoded(write: () => readonly string[]): Encoded {
  try {
    return { kind: 'lines', lines: write() };
  } catch (error) {
    if (!(error instanceof UnfitValueError)) throw error;
    return refused(error.message);
  }
}

function refused(detail: string): Encoded {
  return { kind: 'refused', detail: `not sent: ${detail}` };
}
