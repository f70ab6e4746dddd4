import {
  type Asn,
  type Community,
  type ExtendedCommunity,
  type LargeCommunity,
  type LocalPreference,
  type Med,
  type NeighborAddress,
  type NextHop,
  nextHopSelf,
  type PathId,
  parseAsn,
  parseCommunity,
  parseExtendedCommunity,
  parseLargeCommunity,
  parseLocalPreference,
  parseMed,
  parsePathId,
} from '../core/route.ts';
import { parseHostAddress } from '../core/vip.ts';
import { formed, integer, type Parse } from './values.ts';

const fourBytes = { kind: 'integer', least: 0, most: 0xffff_ffff } as const;

/** MED, RFC 4271 §5.1.4. */
export const med: Parse<Med> = formed(fourBytes, (text) => {
  const number = integer(0, 0xffff_ffff)(text);
  return typeof number === 'number' ? (parseMed(number) ?? tooLarge) : number;
});

/** LOCAL_PREF, RFC 4271 §5.1.5. */
export const localPreference: Parse<LocalPreference> = formed(fourBytes, (text) => {
  const number = integer(0, 0xffff_ffff)(text);
  return typeof number === 'number' ? (parseLocalPreference(number) ?? tooLarge) : number;
});

const tooLarge = {
  code: 'CONFIG_OUT_OF_RANGE',
  expected: 'a whole number from 0 to 4294967295',
  fix: 'use a smaller number',
} as const;

/** An AS number, RFC 6793. */
export const asn: Parse<Asn> = formed(
  { kind: 'integer', least: 1, most: 0xffff_fffe },
  (text) =>
    parseAsn(/^\d{1,10}$/.test(text) ? Number(text) : 0) ?? {
      code: 'CONFIG_OUT_OF_RANGE',
      expected: 'an AS number from 1 to 4294967294, not 23456',
      fix: 'write a plain number, as the local-as of the ExaBGP configuration',
    },
);

const wellKnown = [
  'no-export',
  'no-advertise',
  'no-export-subconfed',
  'nopeer',
  'blackhole',
  'graceful-shutdown',
];

/** A standard community, RFC 1997. */
export const community: Parse<Community> = formed(
  {
    kind: 'either',
    forms: [
      { kind: 'words', words: wellKnown },
      { kind: 'pattern', pattern: '^\\d{1,5}:\\d{1,5}$' },
    ],
  },
  (text) =>
    parseCommunity(text) ?? {
      code: 'CONFIG_WRONG_VALUE',
      expected: 'a community as 65000:1, each half 0 to 65535, or a well-known name',
      fix: `write two numbers and a colon, in quotes, or ${wellKnown.join(', ')}`,
    },
);

/** A large community, RFC 8092. */
export const largeCommunity: Parse<LargeCommunity> = (text) =>
  parseLargeCommunity(text) ?? {
    code: 'CONFIG_WRONG_VALUE',
    expected: 'a large community as 65000:1:2, each part 0 to 4294967295',
    fix: 'write three numbers with colons between them, in quotes',
  };

/** An extended community, RFC 4360. */
export const extendedCommunity: Parse<ExtendedCommunity> = (text) =>
  parseExtendedCommunity(text) ?? {
    code: 'CONFIG_WRONG_VALUE',
    expected:
      'an extended community as target:65000:1 or origin:65000:1, the last number up to 65535 behind an AS above that, ' +
      'or as 0x and 16 digits',
    fix: 'correct it; one with an address, which ExaBGP 4.2.21 sends wrongly, is to be written in digits',
  };

/** A path identifier, RFC 7911. */
export const pathInformation: Parse<PathId> = (text) =>
  parsePathId(text) ?? {
    code: 'CONFIG_WRONG_VALUE',
    expected: 'a path identifier: a number from 0 to 4294967295, or the same as 0.0.0.1',
    fix: 'use a small number',
  };

/** `self` or one address. */
export const nextHop: Parse<NextHop> = (text) => {
  if (text === 'self') return nextHopSelf;
  const address = parseHostAddress(text);
  if (address !== undefined) return address as NextHop;
  return {
    code: 'CONFIG_WRONG_VALUE',
    expected: 'self or one address',
    fix: 'write self, or the address routers shall send to',
  };
};

/** `self` or one address of a family. */
export function nextHopOf(family: 'IPv4' | 'IPv6'): Parse<NextHop> {
  return (text) => {
    const parsed = nextHop(text);
    const isOfFamily = parsed === nextHopSelf || text.includes(':') === (family === 'IPv6');
    if (typeof parsed === 'string' && isOfFamily) return parsed;
    return {
      code: 'CONFIG_WRONG_VALUE',
      expected: `self or one ${family} address`,
      fix: `write self, or the ${family} address routers shall send to`,
    };
  };
}

/** The address of a neighbor, in canonical text. */
export const neighbor: Parse<NeighborAddress> = (text) =>
  (parseHostAddress(text) as NeighborAddress | undefined) ?? {
    code: 'CONFIG_WRONG_VALUE',
    expected: 'the address of a neighbor',
    fix: 'write it as after neighbor in the ExaBGP configuration',
  };
