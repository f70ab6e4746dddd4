import { describe, expect, it } from 'vitest';
import {
  type Asn,
  type Attributes,
  attributesFor,
  lessPreferred,
  type NeighborAddress,
  nextHopSelf,
  type Place,
  parseAsn,
  parseCommunity,
  parseExtendedCommunity,
  parseLargeCommunity,
  parseLocalPreference,
  parseMed,
  parsePathId,
  type RoleAttributes,
  sameAttributes,
} from '../../src/core/route.ts';

const numbers = [
  [0, true],
  [100, true],
  [4_294_967_295, true],
  [4_294_967_296, false],
  [-1, false],
  [1.5, false],
  [Number.NaN, false],
  [Number.POSITIVE_INFINITY, false],
] as const;

describe('parseMed', () => {
  it.each(numbers)('%d: %s', (value, isAccepted) => {
    expect(parseMed(value)).toBe(isAccepted ? value : undefined);
  });
});

describe('parseLocalPreference', () => {
  it.each(numbers)('%d: %s', (value, isAccepted) => {
    expect(parseLocalPreference(value)).toBe(isAccepted ? value : undefined);
  });
});

describe('parseCommunity', () => {
  it.each([
    ['65000:1', '65000:1'],
    ['0:0', '0:0'],
    ['65535:65535', '65535:65535'],
    ['00100:007', '100:7'],
    ['no-export', 'no-export'],
    ['no-advertise', 'no-advertise'],
    ['no-export-subconfed', 'no-export-subconfed'],
    ['nopeer', 'nopeer'],
    ['blackhole', 'blackhole'],
    ['graceful-shutdown', '65535:0'],
  ])('reads %s as %s', (text, community) => {
    expect(parseCommunity(text)).toBe(community);
  });

  it.each([
    ['65000:65536', 'ExaBGP would send 65001:0'],
    ['65536:0', 'the high half does not fit'],
    ['65000', 'it has one half'],
    ['1:2:3', 'it has three parts'],
    ['65000:-1', 'it is negative'],
    ['65000: 1', 'it has a space'],
    ['65000:1\n', 'a line end would begin a second command'],
    ['NO-EXPORT', 'names are lower case'],
    ['graceful', 'the name is unknown'],
    ['', 'it is empty'],
  ])('refuses %j: %s', (text) => {
    expect(parseCommunity(text)).toBeUndefined();
  });
});

describe('parseLargeCommunity', () => {
  it.each([
    ['65000:1:2', '65000:1:2'],
    ['4294967295:4294967295:4294967295', '4294967295:4294967295:4294967295'],
    ['00:01:007', '0:1:7'],
  ])('reads %s as %s', (text, community) => {
    expect(parseLargeCommunity(text)).toBe(community);
  });

  it.each(['4294967296:1:1', '1:1:4294967296', '65000:1', '1:2:3:4', '1:-2:3', '1:2:3\n', ''])(
    'refuses %j',
    (text) => {
      expect(parseLargeCommunity(text)).toBeUndefined();
    },
  );
});

describe('parseExtendedCommunity', () => {
  it.each([
    ['target:65000:1', 'target:65000:1'],
    ['target:65535:4294967295', 'target:65535:4294967295'],
    ['origin:65536:65535', 'origin:65536:65535'],
    ['origin:4200000001:007', 'origin:4200000001:7'],
    ['0x0002FDE800000001', '0x0002fde800000001'],
  ])('reads %s as %s', (text, community) => {
    expect(parseExtendedCommunity(text)).toBe(community);
  });

  it.each([
    ['target:70000:70000', 'ExaBGP 4.2.21 would not answer'],
    ['target:65000:4294967296', 'the number does not fit'],
    ['target:4294967296:1', 'the AS does not fit'],
    ['target:10.0.0.1:5', 'ExaBGP 4.2.21 would send another one'],
    ['target4:65000:1', 'the kind is unknown'],
    ['65000:1', 'it has no kind'],
    ['0x0002fde8000001', 'it is short'],
    ['0x0002fde800000001\n', 'a line end would begin a second command'],
    ['', 'it is empty'],
  ])('refuses %j: %s', (text) => {
    expect(parseExtendedCommunity(text)).toBeUndefined();
  });
});

describe('parsePathId', () => {
  it.each([
    ['0', 0],
    ['7', 7],
    ['4294967295', 4_294_967_295],
    ['0.0.0.1', 1],
    ['255.255.255.255', 4_294_967_295],
    ['10.0.1.2', 167_772_418],
  ])('reads %s as %d', (text, id) => {
    expect(parsePathId(text)).toBe(id);
  });

  it.each(['4294967296', '-1', '1.5', '1.2.3', '1.2.3.256', '01.2.3.4', '1.2.3.4.5', 'x', ''])(
    'refuses %j',
    (text) => {
      expect(parsePathId(text)).toBeUndefined();
    },
  );
});

describe('sameAttributes', () => {
  const plain: Attributes = { nextHop: nextHopSelf };
  const med = parseMed(100);
  const localPreference = parseLocalPreference(100);
  const [one, two] = [parseCommunity('65000:1'), parseCommunity('65000:2')];
  if (med === undefined || localPreference === undefined || !one || !two) throw new Error('bad');

  it('holds for equal values in different objects', () => {
    expect(sameAttributes(plain, { nextHop: nextHopSelf })).toBe(true);
    expect(sameAttributes({ ...plain, communities: [one] }, { ...plain, communities: [one] })).toBe(
      true,
    );
    expect(sameAttributes(plain, { ...plain, communities: [] })).toBe(true);
  });

  it.each<[string, Attributes, Attributes]>([
    ['a MED', plain, { ...plain, med }],
    ['a local preference', plain, { ...plain, localPreference }],
    ['a MED and a local preference', { ...plain, med }, { ...plain, localPreference }],
    ['a neighbor', plain, { ...plain, neighbors: ['10.66.0.2' as NeighborAddress] }],
    ['a community', plain, { ...plain, communities: [one] }],
    ['which community', { ...plain, communities: [one] }, { ...plain, communities: [two] }],
  ])('sees a difference in %s', (_, left, right) => {
    expect(sameAttributes(left, right)).toBe(false);
    expect(sameAttributes(right, left)).toBe(false);
  });
});

describe('attributesFor', () => {
  const as = parseAsn(65_001) as Asn;
  const place: Place = { isIpv6: false, index: 0, rank: 0, localAs: as };
  const med = (value: number) => parseMed(value) as NonNullable<Attributes['med']>;

  it('is the role itself when nothing depends on the place', () => {
    const role: RoleAttributes = { nextHop: nextHopSelf, med: med(100) };
    expect(attributesFor(role, { ...place, index: 7, rank: 3 })).toBe(role);
  });

  it('takes the next hop of the family', () => {
    const nextHop = { ipv4: '192.0.2.1', ipv6: '2001:db8::1' } as RoleAttributes['nextHop'];
    expect(attributesFor({ nextHop }, place)).toEqual({ nextHop: '192.0.2.1' });
    expect(attributesFor({ nextHop }, { ...place, isIpv6: true })).toEqual({
      nextHop: '2001:db8::1',
    });
  });

  it('adds to the MED for each VIP and each rank, up to the largest there is', () => {
    const role = { nextHop: nextHopSelf, med: med(100), medPerVip: 1, medPerRank: 10 };
    expect(attributesFor(role, { ...place, index: 2, rank: 3 }).med).toBe(132);
    expect(attributesFor({ ...role, med: med(4_294_967_290) }, { ...place, rank: 1 }).med).toBe(
      4_294_967_295,
    );
    expect(attributesFor({ nextHop: nextHopSelf, medPerRank: 5 }, { ...place, rank: 2 }).med).toBe(
      10,
    );
  });

  it('prepends our AS, more of it for each rank, in front of what there is', () => {
    const role = { nextHop: nextHopSelf, asPathPrepend: 2, prependPerRank: 1 };
    expect(attributesFor(role, place).asPath).toEqual([as, as, as]);
    expect(attributesFor(role, { ...place, rank: 1 }).asPath).toEqual([as, as, as, as]);
    const other = parseAsn(65_009) as Asn;
    expect(attributesFor({ ...role, asPath: [other] }, place).asPath).toEqual([as, as, other]);
  });

  it('prepends no more than routers take, however many members there are', () => {
    const role = { nextHop: nextHopSelf, asPathPrepend: 3, prependPerRank: 10 };
    expect(attributesFor(role, { ...place, rank: 3 }).asPath).toHaveLength(34);
    expect(attributesFor(role, { ...place, rank: 199 }).asPath).toHaveLength(41);
  });

  it('prepends nothing where our AS is not known', () => {
    const role = { nextHop: nextHopSelf, asPathPrepend: 2 };
    expect(attributesFor(role, { ...place, localAs: undefined })).toEqual({ nextHop: 'self' });
  });
});

describe('AS numbers', () => {
  it.each([1, 65_147, 4_200_000_001, 4_294_967_294])('takes %d', (asn) => {
    expect(parseAsn(asn)).toBe(asn);
  });

  it.each([0, 23_456, 4_294_967_295, 4_294_967_296, -1, 1.5, Number.NaN])('refuses %d', (asn) => {
    expect(parseAsn(asn)).toBeUndefined();
  });

  it('lengthens a path that is written, and the one that ExaBGP would write', () => {
    const [first, second] = [65_147 as Asn, 65_101 as Asn];
    const plain = { nextHop: nextHopSelf };
    expect(lessPreferred(plain, first).asPath).toEqual([first, first]);
    expect(lessPreferred({ ...plain, asPath: [first, second] }, first).asPath).toEqual([
      first,
      first,
      second,
    ]);
    expect(sameAttributes(plain, lessPreferred(plain, first))).toBe(false);
  });
});
