import type { Config } from '../../config/config.ts';
import { isVip, parseVip, type Vip } from '../../core/vip.ts';
import { type Finding, findingsOf, some } from './finding.ts';
import type { DoctorHost } from './host.ts';

/** What is found out about this host's addresses and the way of packets. */
export async function examineNetwork(
  host: DoctorHost,
  config: Config,
): Promise<readonly Finding[]> {
  const links = await linksOf(host);
  if (typeof links === 'string')
    return [findingsOf('addresses').failed(links, 'install iproute2 4.13 or newer')];
  return [addressFinding(links, config), filterFinding(host, links)];
}

interface Link {
  readonly name: string;
  readonly isUp: boolean;
  readonly addresses: readonly Vip[];
}

async function linksOf(host: DoctorHost): Promise<readonly Link[] | string> {
  const program = host.find('ip');
  if (program === undefined) return 'ip is not found';
  const { failure, stdout } = await host.run(program, ['-j', 'address', 'show'], '');
  if (failure !== undefined) return failure;
  try {
    const links: unknown = JSON.parse(stdout);
    return Array.isArray(links) ? links.map(linkOf) : 'ip gives no list';
  } catch {
    return 'ip does not speak JSON';
  }
}

function linkOf(value: Readonly<Record<string, unknown>>): Link {
  const { ifname, flags, addr_info: addresses } = value;
  const list: readonly Readonly<Record<string, unknown>>[] = Array.isArray(addresses)
    ? addresses
    : [];
  return {
    name: String(ifname),
    isUp: Array.isArray(flags) && flags.includes('UP'),
    addresses: list.map(({ local }) => parseVip(String(local))).filter(isVip),
  };
}

/** VIPs whose packets routers send here must be addresses of this host, or nobody answers. */
function addressFinding(links: readonly Link[], { host, settings }: Config): Finding {
  const { ok, warning, failed } = findingsOf('addresses');
  const vips = settings.services.flatMap((service) => service.vips.map(({ vip }) => vip));
  // Networks are announced as they are, and are nobody's address.
  const wanted = vips.filter((vip) => vip.endsWith(vip.includes(':') ? '/128' : '/32'));
  const present = new Set(links.flatMap(({ addresses }) => addresses));
  const missing = wanted.filter((vip) => !present.has(vip));
  if (host.addresses !== 'off') {
    const isThere = links.some(({ name }) => name === host.interface);
    return isThere
      ? ok(
          `the agent sets ${wanted.length} on ${host.interface} (host.addresses: ${host.addresses})`,
        )
      : failed(`there is no interface ${host.interface}`, 'make it, or correct host.interface');
  }
  if (missing.length === 0) return ok(`all ${wanted.length} VIPs are on an interface`);
  return warning(
    `${some(missing)}: on no interface of this host, which then does not answer for it`,
    'add it to lo, set host.addresses: static, or go on if IPVS or a firewall mark takes its packets',
  );
}

/** With several ways to the routers, packets come by one and answers go by another. */
function filterFinding(host: DoctorHost, links: readonly Link[]): Finding {
  const { ok, warning, skipped } = findingsOf('rp_filter');
  const settingOf = (name: string) =>
    Number(host.readText(`/proc/sys/net/ipv4/conf/${name}/rp_filter`)?.trim() ?? Number.NaN);
  const all = settingOf('all');
  if (Number.isNaN(all)) return skipped('this host has no such setting');
  const ways = links.filter(
    ({ name, isUp, addresses }) =>
      isUp && name !== 'lo' && addresses.some((vip) => !vip.includes(':')),
  );
  // The kernel takes the higher of the two; 1 is strict, 2 loose (ip-sysctl).
  const strict = ways
    .filter(({ name }) => Math.max(all, settingOf(name)) === 1)
    .map(({ name }) => name);
  if (strict.length === 0) return ok('no interface drops packets by their way back');
  if (ways.length < 2) return ok(`strict on ${some(strict)}, the only way to the routers`);
  return warning(
    `strict on ${some(strict)}: packets for VIPs that come another way than answers go are dropped`,
    'sysctl -w net.ipv4.conf.all.rp_filter=2',
  );
}
