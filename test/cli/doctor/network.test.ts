import { expect, it } from 'vitest';
import { examineNetwork } from '../../../src/cli/doctor/network.ts';
import { configOf, type FakeHost, fakeHost, lines } from './doctor-host.ts';

const link = (ifname: string, ...addresses: readonly string[]) => ({
  ifname,
  flags: ['UP'],
  addr_info: addresses.map((local) => ({ local, prefixlen: 24 })),
});
const lo = link('lo', '127.0.0.1', '10.20.255.1', '10.20.255.2', '::1');
const ip = (...links: readonly object[]) => ({ ip: JSON.stringify(links) });
const filter = (name: string, value: number) => ({
  [`/proc/sys/net/ipv4/conf/${name}/rp_filter`]: `${value}\n`,
});
const twoWays = ip(lo, link('eth0', '10.0.0.1'), link('eth1', '10.0.1.1'));
const loose = filter('all', 2);

async function examine(host: FakeHost, config = configOf()) {
  return lines(await examineNetwork(fakeHost(host), config));
}

it('finds nothing wrong where VIPs are on lo and packets may come any way', async () => {
  expect(await examine({ programs: twoWays, files: loose })).toEqual([
    'ok addresses: all 2 VIPs are on an interface',
    'ok rp_filter: no interface drops packets by their way back',
  ]);
});

it('finds VIPs that are on no interface', async () => {
  const [address] = await examine({
    programs: ip(link('lo', '127.0.0.1', '10.20.255.2')),
    files: loose,
  });
  expect(address).toMatch(
    /^warning addresses: 10.20.255.1\/32: on no interface of this host.*; add it to lo/,
  );
});

it('leaves networks, and what the agent sets itself, alone', async () => {
  const bare = { programs: ip(link('lo', '127.0.0.1')), files: loose };
  const network = configOf(
    '',
    '  web: { vips: { 10.30.0.0/24: lb1 }, checks: [{ tcp: "127.0.0.1:80" }] }',
  );
  expect((await examine(bare, network))[0]).not.toContain('10.30.0.0');
  expect((await examine(bare, configOf('host: { addresses: static }')))[0]).toBe(
    'ok addresses: the agent sets 2 on lo (host.addresses: static)',
  );
  expect((await examine(bare, configOf('host: { addresses: static, interface: vips }')))[0]).toBe(
    'failed addresses: there is no interface vips; make it, or correct host.interface',
  );
});

it('finds a strict rp_filter where there are several ways', async () => {
  const strict = { ...filter('all', 0), ...filter('eth0', 1), ...filter('eth1', 0) };
  expect((await examine({ programs: twoWays, files: strict }))[1]).toBe(
    'warning rp_filter: strict on eth0: packets for VIPs that come another way than answers go are dropped; sysctl -w net.ipv4.conf.all.rp_filter=2',
  );
  // The higher one counts.
  const overruled = { ...strict, ...filter('all', 2) };
  expect((await examine({ programs: twoWays, files: overruled }))[1]).toMatch(/^ok/);
  const oneWay = ip(lo, link('eth0', '10.0.0.1'));
  expect((await examine({ programs: oneWay, files: strict }))[1]).toBe(
    'ok rp_filter: strict on eth0, the only way to the routers',
  );
  expect((await examine({ programs: oneWay }))[1]).toMatch(/^skipped rp_filter/);
});

it.each([
  ['no ip', { programs: {} }, 'failed addresses: ip is not found; install iproute2 4.13 or newer'],
  [
    'an ip that fails',
    { programs: { ip: undefined } },
    'failed addresses: ip: no; install iproute2 4.13 or newer',
  ],
  [
    'an old ip',
    { programs: { ip: '1: lo: <LOOPBACK>' } },
    'failed addresses: ip does not speak JSON; install iproute2 4.13 or newer',
  ],
])('says that there is %s', async (_, host, expected) => {
  expect(await examine(host)).toEqual([expected]);
});
