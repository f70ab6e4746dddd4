import { describe, expect, it } from 'vitest';
import {
  type Attributes,
  nextHopSelf,
  parseAsn,
  parseCommunity,
  parseLocalPreference,
  parseMed,
} from '../../src/core/route.ts';
import { parseHostAddress } from '../../src/core/vip.ts';
import { announceLine, withdrawLine } from '../../src/exabgp/grammar.ts';
import { vip } from './harness.ts';

describe('grammar', () => {
  it('announces with all attributes in one line', () => {
    const attributes: Attributes = {
      nextHop: nextHopSelf,
      med: parseMed(100)!,
      localPreference: parseLocalPreference(200)!,
      asPath: [parseAsn(65_147)!, parseAsn(4_200_000_001)!],
      communities: [parseCommunity('65000:1')!, parseCommunity('no-export')!],
    };
    expect(announceLine(vip('10.20.255.1'), attributes)).toBe(
      'announce route 10.20.255.1/32 next-hop self med 100 local-preference 200 as-path [ 65147 4200000001 ] community [ 65000:1 no-export ]\n',
    );
  });

  it('writes no attribute that is absent, nor an empty community list', () => {
    const attributes: Attributes = { nextHop: nextHopSelf, communities: [] };
    expect(announceLine(vip('2001:db8:30::1'), attributes)).toBe(
      'announce route 2001:db8:30::1/128 next-hop self\n',
    );
  });

  it('writes MED 0, which is not the same as no MED', () => {
    const attributes: Attributes = { nextHop: nextHopSelf, med: parseMed(0)! };
    expect(announceLine(vip('10.30.0.0/24'), attributes)).toBe(
      'announce route 10.30.0.0/24 next-hop self med 0\n',
    );
  });

  it('withdraws by prefix alone', () => {
    expect(withdrawLine(vip('10.20.255.1'))).toBe('withdraw route 10.20.255.1/32\n');
  });

  it('refuses a value that would be a second command', () => {
    const nextHop = `${parseHostAddress('10.0.0.1')}\nshutdown` as Attributes['nextHop'];
    expect(() => announceLine(vip('10.20.255.1'), { nextHop })).toThrow(/printable/);
  });
});
