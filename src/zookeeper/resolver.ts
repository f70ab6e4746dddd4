import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

type Found = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;
type Resolve = (host: string, found: Found) => void;

/**
 * A lookup for `net.connect` that asks once at a time per name, since each attempt at a hanging name server would
 * otherwise hold one of the few threads that all file access shares, and that falls back on the last addresses: the
 * names may well be resolved by a service that stands behind our own VIPs.
 */
export function createLookup(resolve: Resolve = resolveBySystem): LookupFunction {
  const known = new Map<string, LookupAddress[]>();
  const waiting = new Map<string, Found[]>();

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
      if (error === null && addresses.length > 0) known.set(host, addresses);
      const usable = known.get(host);
      for (const each of all)
        if (usable === undefined) each(error, []);
        else each(null, usable);
    });
  }

  return (host, options, callback) =>
    ask(host, (error, addresses) => {
      const [first] = addresses;
      if (first === undefined) callback(error ?? new Error(`${host} has no address`), '', 0);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
}

function resolveBySystem(host: string, found: Found): void {
  lookup(host, { all: true }, found);
}
