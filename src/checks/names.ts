import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { createTurns } from './turns.ts';

type Found = (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void;

/**
 * Resolves names for connections by the system, anew for every run: a check must not hold on to an address that is no
 * more. Runs that ask for the same name at the same time share an answer, and one name is asked for at a time.
 */
export function createNames(resolve = resolveBySystem): LookupFunction {
  const takeTurn = createTurns(1);
  const waiting = new Map<string, Found[]>();
  const ask = (host: string, family: number, found: Found) => {
    const key = `${family} ${host}`;
    const others = waiting.get(key);
    if (others !== undefined) {
      others.push(found);
      return;
    }
    const all = [found];
    waiting.set(key, all);
    takeTurn((done) =>
      resolve(host, family, (error, addresses) => {
        waiting.delete(key);
        done();
        for (const each of all) each(error, addresses);
      }),
    );
  };
  return (host, { family, all }, callback) => {
    ask(host, family === 4 || family === 6 ? family : 0, (error, addresses) => {
      const [first] = addresses;
      if (first === undefined) callback(error ?? new Error(`${host} has no address`), '', 0);
      else if (all === true) callback(null, [...addresses]);
      else callback(null, first.address, first.family);
    });
  };
}

function resolveBySystem(host: string, family: number, found: Found): void {
  lookup(host, { all: true, family }, (error, addresses) => found(error, addresses ?? []));
}
