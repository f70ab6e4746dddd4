import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Attributes,
  type ExtendedCommunity,
  type LargeCommunity,
  type NeighborAddress,
  type NextHop,
  type PathId,
  parseAsn,
  parseCommunity,
  parseMed,
} from '../../src/core/route.ts';
import type { Vip } from '../../src/core/vip.ts';
import { dialects } from '../../src/exabgp/dialect.ts';
import { Encoder } from '../../src/exabgp/encoder.ts';
import { vip } from './harness.ts';

const hostile = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    'shutdown',
    'self shutdown ',
    '10.0.0.1\nshutdown',
    '65000:1 ]\nwithdraw route 192.0.2.200/32\n[',
    'name json',
    'version',
    'self\r',
    'self;announce',
    '',
    ' ',
    '#',
    'sélf',
  ),
);

/** What stands in front of a value; everything else in a line must be one. */
const grammar = new Set(
  'announce withdraw route next-hop med local-preference as-path community large-community extended-community path-information neighbor peer * [ ]'.split(
    ' ',
  ),
);
const value =
  /^(?:self|no-export|no-advertise|nopeer|no-export-subconfed|blackhole|(?:target:|origin:|0x)?[0-9a-f.:/]+)$/;

function strange(line: string): readonly string[] {
  const words = line
    .slice(0, -1)
    .replaceAll(',', '')
    .replaceAll(/[[\]]/g, ' $& ')
    .trim()
    .split(/ +/);
  return words.filter((word) => !grammar.has(word) && !value.test(word));
}

function mixed<T>(good: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 9, arbitrary: good },
    { weight: 1, arbitrary: hostile as fc.Arbitrary<T> },
  );
}

const u32 = fc.nat(0xffff_ffff);
const neighbors = fc.ipV4().map((text) => text as NeighborAddress);
const attributes: fc.Arbitrary<Attributes> = fc.record(
  {
    nextHop: mixed(
      fc.constantFrom('self', '10.0.0.1', '2001:db8::1').map((text) => text as NextHop),
    ),
    med: mixed(u32.map((n) => parseMed(n)!)),
    asPath: fc.array(mixed(fc.integer({ min: 1, max: 23_455 }).map((n) => parseAsn(n)!))),
    communities: fc.array(
      mixed(fc.constantFrom('65000:1', 'no-export').map((text) => parseCommunity(text)!)),
    ),
    largeCommunities: fc.array(mixed(fc.constant('65000:1:2' as LargeCommunity))),
    extendedCommunities: fc.array(mixed(fc.constant('target:65000:1' as ExtendedCommunity))),
    pathId: mixed(u32.map((n) => n as PathId)),
    neighbors: fc.array(mixed(neighbors), { minLength: 1, maxLength: 3 }),
  },
  { requiredKeys: ['nextHop'] },
);
const vips = mixed(fc.constantFrom(vip('192.0.2.1'), vip('2001:db8:30::/64')));

interface Step {
  readonly isAnnounce: boolean;
  readonly vip: Vip;
  readonly attributes: Attributes;
}

function linesOf(name: keyof typeof dialects, steps: readonly Step[]): readonly string[] {
  const encoder = new Encoder();
  return steps.flatMap(({ isAnnounce, vip: of, attributes: told }) => {
    const encoded = isAnnounce
      ? encoder.announce(dialects[name], of, told, told.neighbors ?? [])
      : encoder.withdraw(dialects[name], of, told.pathId);
    return encoded.kind === 'lines' ? encoded.lines : [];
  });
}

describe('what is written', () => {
  it('is one command a line, made of values and the words of our own grammar, or nothing', () => {
    const names = fc.constantFrom(...(Object.keys(dialects) as (keyof typeof dialects)[]));
    const step = fc.record({ isAnnounce: fc.boolean(), vip: vips, attributes });
    fc.assert(
      fc.property(names, fc.array(step, { maxLength: 6 }), (name, steps) => {
        for (const line of linesOf(name, steps)) {
          expect(line.indexOf('\n')).toBe(line.length - 1);
          expect(strange(line)).toEqual([]);
          expect(line.match(/\b(announce|withdraw) route /g)).toHaveLength(1);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
