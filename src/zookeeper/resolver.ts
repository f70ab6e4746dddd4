import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

type Found = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;
/** Finds all addresses of a name, or an error. */
export type Resolve = (host: string, found: Found) => void;

export interface Resolver {
  /**
   * For `net.connect`. Each call for a name begins with the next of its addresses, whatever order they are found in: the
   * first may accept connections and never answer.
   */
  readonly lookup: LookupFunction;
  /** How many addresses a name had at the last look; 1 before that, and for an address. */
  addressCount(host: string): number;
}

/**
 * A resolver that asks once at a time per name, since each attempt at a hanging name server would otherwise hold one of
 * the few threads that all file access shares, and that falls back on the last addresses: the names may well be
 * resolved by a service that stands behind our own VIPs.
 * @param first which address of a name to begin with, so that members do not all sit on the same one.
 */
export function createResolver(first: number, resolve: Resolve = resolveBySystem): Resolver {
  const known = new Map<string, LookupAddress[]>();
  const waiting = new Map<string, Found[]>();
  const calls = new Map<string, number>();

  function ask(host: string, found: Found): void {
    const others = waiting.get(host);
    const last = known.get(host);
    if (others !== undefined) {
      // An earlier attempt was given up while it waited for this very answer.
      if (last !== undefined) process.nextTick(found, null, last);
      else others.push(found);
      return;
    }
    const all = [found];
    waiting.set(host, all);
    resolve(host, (error, addresses) => {
      waiting.delete(host);
      if (error === null && addresses.length > 0) known.set(host, inSteadyOrder(addresses));
      const usable = known.get(host);
      for (const each of all)
        if (usable === undefined) each(error, []);
        else each(null, usable);
    });
  }

  return {
    addressCount: (host) => known.get(host)?.length ?? 1,
    lookup(host, options, callback) {
      const call = calls.get(host) ?? first;
      calls.set(host, call + 1);
      ask(host, (error, addresses) => {
        const start = addresses.length === 0 ? 0 : call % addresses.length;
        const rotated = [...addresses.slice(start), ...addresses.slice(0, start)];
        const [next] = rotated;
        if (next === undefined) callback(error ?? new Error(`${host} has no address`), '', 0);
        else if (options.all === true) callback(null, rotated);
        else callback(null, next.address, next.family);
      });
    },
  };
}

/** Name servers give the addresses in turns of their own. The system's preference between the families stays. */
function inSteadyOrder(addresses: readonly LookupAddress[]): LookupAddress[] {
  const preferred = addresses[0]?.family;
  const rank = ({ address, family }: LookupAddress) => `${family === preferred ? 0 : 1} ${address}`;
  return [...addresses].sort((one, other) => (rank(one) < rank(other) ? -1 : 1));
}

function resolveBySystem(host: string, found: Found): void {
  lookup(host, { all: true }, found);
}
