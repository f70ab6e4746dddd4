import { describe, expect, it } from 'vitest';
import { addressesOf, hostLookup, type Lookup } from '../../../src/cli/vip/addresses.ts';

const records: Record<string, readonly string[]> = {
  'vip-1.tld 4': ['192.0.2.1', '192.0.2.2', '192.0.2.1'],
  'vip-1.tld 6': ['2001:DB8:0::1'],
  'half.tld 4': ['192.0.2.1'],
  'half.tld 6': [],
};

const lookup: Lookup = (name, family) => {
  const found = records[`${name} ${family}`];
  return found === undefined
    ? Promise.reject(new Error(`EAI_AGAIN ${name}`))
    : Promise.resolve(found);
};

describe('what a name stands for', () => {
  it.each([
    ['vip-1.tld', ['192.0.2.1/32', '192.0.2.2/32', '2001:db8::1/128']],
    ['half.tld', ['192.0.2.1/32']],
    ['2001:db8::0:1', ['2001:db8::1/128']],
    ['10.30.0.0/24', ['10.30.0.0/24']],
  ])('%s is %j', async (name, vips) => {
    expect(await addressesOf(name, lookup)).toEqual({ kind: 'found', vips });
  });

  it('is not known when one kind of record cannot be had', async () => {
    const onlyFour: Lookup = (name, family) =>
      family === 4 ? lookup(name, family) : Promise.reject(new Error('queryAaaa ESERVFAIL'));
    expect(await addressesOf('vip-1.tld', onlyFour)).toEqual({
      kind: 'failed',
      detail: 'AAAA records of vip-1.tld cannot be had: queryAaaa ESERVFAIL',
    });
  });

  it.each([
    ['nothing.tld', 'nothing.tld has neither A nor AAAA records'],
    ['10.30.0.1/24', '10.30.0.1/24 is no address and no network: it has host bits'],
    ['10.30.0.1/33', '10.30.0.1/33 is no address and no network: its length is wrong'],
  ])('%s is nothing', async (name, detail) => {
    const answer = await addressesOf(name, () => Promise.resolve([]));
    expect(answer).toEqual({ kind: 'none', detail });
  });

  it('is asked of the host, which knows its own names without DNS', async () => {
    expect(await hostLookup('localhost', 4)).toContain('127.0.0.1');
  });
});
