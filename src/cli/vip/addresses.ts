import { lookup } from 'node:dns/promises';
import { isVip, parseVip, type Vip } from '../../core/vip.ts';

/** All addresses of one family that a name has; none when it has no record of that kind. Rejects when nobody can say. */
export type Lookup = (name: string, family: 4 | 6) => Promise<readonly string[]>;

export type Addresses =
  | { readonly kind: 'found'; readonly vips: readonly Vip[] }
  | { readonly kind: 'none' | 'failed'; readonly detail: string };

/**
 * What a VIP's address, network or name stands for: a name for all of its A and AAAA records, behind CNAMEs as well. When
 * one of both kinds cannot be had, the answer is `failed`: half of a service must not be taken for the whole.
 */
export async function addressesOf(text: string, ask: Lookup): Promise<Addresses> {
  const literal = parseVip(text);
  if (isVip(literal)) return { kind: 'found', vips: [literal] };
  if (literal !== 'notAnAddress') {
    const why = literal === 'badLength' ? 'its length is wrong' : 'it has host bits';
    return { kind: 'none', detail: `${text} is no address and no network: ${why}` };
  }
  const records: string[] = [];
  for (const family of [4, 6] as const) {
    try {
      records.push(...(await ask(text, family)));
    } catch (error) {
      const kind = family === 4 ? 'A' : 'AAAA';
      const why = error instanceof Error ? error.message : String(error);
      return { kind: 'failed', detail: `${kind} records of ${text} cannot be had: ${why}` };
    }
  }
  const vips = [...new Set(records.map(parseVip).filter(isVip))];
  return vips.length === 0
    ? { kind: 'none', detail: `${text} has neither A nor AAAA records` }
    : { kind: 'found', vips };
}

/** Asks as every other program of this host does: /etc/hosts, search domains and DNS, in the host's order. */
export const hostLookup: Lookup = async (name, family) => {
  try {
    return (await lookup(name, { family, all: true })).map(({ address }) => address);
  } catch (error) {
    // getaddrinfo(3): there is no such name, or it has no such address. Anything else is no answer.
    if ((error as NodeJS.ErrnoException).code === 'ENOTFOUND') return [];
    throw error;
  }
};
