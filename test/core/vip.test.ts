import { describe, expect, it } from 'vitest';
import {
  claimName,
  contains,
  familyOf,
  isVip,
  parseHostAddress,
  parseVip,
  vipOfClaimName,
} from '../../src/core/vip.ts';
import { vip } from '../helpers/core-run.ts';

describe('parseVip', () => {
  it.each([
    ['10.20.255.1', '10.20.255.1/32'],
    ['10.20.255.1/32', '10.20.255.1/32'],
    ['10.30.0.0/24', '10.30.0.0/24'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['255.255.255.255', '255.255.255.255/32'],
    ['128.0.0.0/1', '128.0.0.0/1'],
    ['2001:db8:30::1', '2001:db8:30::1/128'],
    ['2001:db8:30::/64', '2001:db8:30::/64'],
    ['::', '::/128'],
    ['::/0', '::/0'],
    ['8000::/1', '8000::/1'],
  ])('reads %s as %s', (text, canonical) => {
    expect(parseVip(text)).toBe(canonical);
  });

  it.each([
    ['2001:DB8:30::A', '2001:db8:30::a/128'],
    ['2001:0db8:0030:0000:0000:0000:0000:0001', '2001:db8:30::1/128'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1/128'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1/128'],
    ['2001:db8:1:2:3:4:5::', '2001:db8:1:2:3:4:5:0/128'],
    ['2001:db8::1:0:0:0', '2001:db8:0:0:1::/128'],
    ['::ffff:1.2.3.4', '::ffff:102:304/128'],
    ['::ffff:102:304', '::ffff:102:304/128'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201/128'],
  ])('writes %s in the one canonical way, %s', (text, canonical) => {
    expect(parseVip(text)).toBe(canonical);
  });

  it.each([
    ['', 'nothing'],
    [' ', 'a space'],
    [' 10.20.255.1', 'a leading space'],
    ['10.20.255.1 ', 'a trailing space'],
    ['10.20.255.1\n', 'a line end'],
    ['10. 20.255.1', 'a space inside'],
    ['10.020.255.1', 'an octal octet'],
    ['10.20.255.01', 'a leading zero'],
    ['0x0a.20.255.1', 'a hexadecimal octet'],
    ['10.20.255', 'three octets'],
    ['10.20.255.1.1', 'five octets'],
    ['10.20.255.256', 'an octet above 255'],
    ['10.20.255.-1', 'a negative octet'],
    ['10.20.255.1:80', 'a port'],
    ['169090600', 'one number'],
    ['١٠.20.255.1', 'digits of another script'],
    ['fe80::1%eth0', 'a zone id'],
    ['fe80::1%eth0/64', 'a zone id and a length'],
    ['10.20.255.1%eth0', 'a zone id on IPv4'],
    ['[2001:db8::1]', 'brackets'],
    ['2001:db8:::1', 'three colons'],
    ['1::2::3', 'two gaps'],
    ['1:2:3:4:5:6:7', 'seven groups'],
    ['1:2:3:4:5:6:7:8:9', 'nine groups'],
    ['2001:db8::12345', 'a group of five digits'],
    ['2001:db8::g', 'a letter beyond f'],
    ['::ffff:1.2.3.256', 'an embedded octet above 255'],
    ['::ffff:01.2.3.4', 'an embedded octal octet'],
    ['lb1', 'a name'],
    ['/24', 'a length alone'],
    ['10.0.0.0/8/8', 'two lengths'],
    ['10.20.255.1/32 next-hop self', 'words of an ExaBGP line'],
  ])('refuses %j: %s is not an address', (text) => {
    const problem = text.includes('next-hop') ? 'badLength' : 'notAnAddress';
    expect(parseVip(text)).toBe(problem);
  });

  it.each([
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/+8',
    '10.0.0.0/8.0',
    '10.0.0.0/8 ',
    '10.0.0.0/1e1',
    '10.0.0.0/255.0.0.0',
    '10.0.0.0/1000',
    '2001:db8::/129',
    '2001:db8::/999',
  ])('refuses the length of %j', (text) => {
    expect(parseVip(text)).toBe('badLength');
  });

  it.each([
    '10.30.0.1/24',
    '10.30.0.128/24',
    '10.20.255.1/31',
    '1.0.0.0/0',
    '2001:db8:30::1/64',
    '2001:db8::1/127',
    '::1/0',
  ])('refuses %s, which has host bits', (text) => {
    expect(parseVip(text)).toBe('hostBitsSet');
  });

  it('gives equal strings for equal prefixes, however they were written', () => {
    const spellings = ['2001:db8::a', '2001:DB8:0::A/128', '2001:0db8::000a'].map(parseVip);
    expect(new Set(spellings).size).toBe(1);
  });
});

describe('isVip', () => {
  it('tells a prefix from each problem', () => {
    expect(isVip(parseVip('10.0.0.0/8'))).toBe(true);
    expect(isVip('notAnAddress')).toBe(false);
    expect(isVip('badLength')).toBe(false);
    expect(isVip('hostBitsSet')).toBe(false);
  });
});

describe('familyOf', () => {
  it.each([
    ['10.20.255.1', 'ipv4'],
    ['2001:db8::/32', 'ipv6'],
    ['::ffff:1.2.3.4', 'ipv6'],
  ])('counts %s as %s', (text, family) => {
    expect(familyOf(vip(text))).toBe(family);
  });
});

describe('parseHostAddress', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['2001:DB8::1', '2001:db8::1'],
    ['10.0.0.1/32', undefined],
    ['fe80::1%eth0', undefined],
    ['010.0.0.1', undefined],
    ['self', undefined],
    ['', undefined],
  ])('reads %j as %s', (text, address) => {
    expect(parseHostAddress(text)).toBe(address);
  });
});

describe('the name of a claim', () => {
  it.each([
    ['10.20.255.1', '10.20.255.1'],
    ['2001:db8:30::1', '2001:db8:30::1'],
    ['10.30.0.0/24', '10.30.0.0_24'],
    ['2001:db8:30::/64', '2001:db8:30::_64'],
    ['10.0.0.0/31', '10.0.0.0_31'],
    ['2001:db8::/32', '2001:db8::_32'],
  ])('of %s is %s, and is read back', (text, name) => {
    expect(claimName(vip(text))).toBe(name);
    expect(vipOfClaimName(name)).toBe(vip(text));
  });

  it('is read in any spelling of the address, since ExaZK takes any', () => {
    expect(vipOfClaimName('2001:DB8:30:0::1')).toBe('2001:db8:30::1/128');
    expect(vipOfClaimName('10.20.255.1_32')).toBe('10.20.255.1/32');
  });

  it.each(['lb1', '', '_', '10.0.0.0_', '10.0.0.0_8_8', '10.0.0.1_8', 'fe80::1%eth0', '10.0.0.01'])(
    'is not %j',
    (name) => {
      expect(vipOfClaimName(name)).toBeUndefined();
    },
  );
});

describe('contains', () => {
  it.each([
    ['10.20.255.0/24', '10.20.255.1', true],
    ['10.20.255.0/24', '10.20.255.0/24', true],
    ['10.20.255.0/24', '10.20.254.0/23', false],
    ['10.20.255.0/24', '10.20.254.1', false],
    ['0.0.0.0/0', '192.0.2.1', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '192.0.2.1', false],
    ['2001:db8:30::/64', '2001:db8:30::1', true],
    ['2001:db8:30::/64', '2001:db8:31::1', false],
    ['2001:db8:30::/64', '2001:db8::/32', false],
  ])('%s and %s: %s', (prefix, inner, isInside) => {
    expect(contains(vip(prefix), vip(inner))).toBe(isInside);
  });
});
