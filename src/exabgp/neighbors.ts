import type { AsNumbers, Event } from '../core/event.ts';
import type { NeighborAddress } from '../core/route.ts';

const resendDue: Event = { kind: 'resendDue', mustFlush: false };

/** What ExaBGP told about its neighbors, kept only to tell news from repetition. */
export interface Neighbors {
  /** A state line. An unreachable neighbor's endless `down` lines are news only once. */
  changed(
    neighbor: string,
    isEstablished: boolean,
    detail: string,
    asNumbers: AsNumbers | undefined,
  ): void;
  /** A summary begins to come in. */
  listBegins(): void;
  /** One row of it. */
  listed(neighbor: string, isEstablished: boolean): void;
  /** It is complete: news when it is the first one, or differs from what was known. */
  listEnds(): void;
  /** Whether any neighbor is established, as far as is known. */
  hasEstablished(): boolean;
  /** Every neighbor that was ever told of, established or not. */
  names(): readonly NeighborAddress[];
  /** This speaker cannot list its neighbors; said once. */
  listFailed(): void;
}

/**
 * Makes the keeper of neighbor states; news go to `emit`. A neighbor that comes up may lack our routes: without
 * adj-rib-out nothing is sent again, and one that a reload of ExaBGP has added never had them.
 * `missed` is called when the list tells of a neighbor that no state line ever told of.
 */
export function createNeighbors(emit: (event: Event) => void, missed: () => void): Neighbors {
  const known = new Map<string, boolean>();
  let listing: Set<string> | undefined;
  let hasListed = false;
  /** The list has a neighbor that was never told of. */
  let hasNewRow = false;
  let hasStateLines = false;
  let hasFailed = false;

  const isNews = (list: ReadonlySet<string>): boolean => {
    const established = [...known].filter(([, isEstablished]) => isEstablished);
    return established.length !== list.size || established.some(([name]) => !list.has(name));
  };

  return {
    changed(neighbor, isEstablished, detail, asNumbers) {
      hasStateLines = true;
      // ExaBGP takes the list at once but writes it line by line: a state line in between is the newer truth.
      if (isEstablished) listing?.add(neighbor);
      else listing?.delete(neighbor);
      if (known.get(neighbor) === isEstablished) return;
      known.set(neighbor, isEstablished);
      emit({ kind: 'neighborChanged', neighbor, isEstablished, detail, asNumbers });
      if (isEstablished) emit(resendDue);
    },
    listBegins() {
      listing = new Set();
    },
    listed(neighbor, isEstablished) {
      if (isEstablished) listing?.add(neighbor);
      else if (!known.has(neighbor)) {
        known.set(neighbor, false);
        hasNewRow = true;
      }
    },
    listEnds() {
      const list = listing ?? new Set<string>();
      listing = undefined;
      if (hasListed && !hasNewRow && !isNews(list)) return;
      hasNewRow = false;
      const isFirst = !hasListed;
      const isAnyNew = [...list].some((neighbor) => known.get(neighbor) !== true);
      hasListed = true;
      for (const neighbor of known.keys()) known.set(neighbor, false);
      for (const neighbor of list) known.set(neighbor, true);
      const down = [...known.keys()].filter((neighbor) => !list.has(neighbor)).sort();
      emit({
        kind: 'neighborsListed',
        established: [...list].sort(),
        ...(down.length > 0 && { down }),
      });
      if (isFirst) return;
      if (!hasStateLines) missed();
      if (isAnyNew) emit(resendDue);
    },
    names: () => [...known.keys()] as NeighborAddress[],
    hasEstablished: () => [...known.values()].includes(true),
    listFailed() {
      listing = undefined;
      if (hasFailed) return;
      hasFailed = true;
      emit({ kind: 'neighborsListed', established: undefined });
    },
  };
}
