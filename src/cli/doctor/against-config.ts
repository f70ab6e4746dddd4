import type { Config } from '../../config/config.ts';
import { nextHopSelf, type RoleAttributes } from '../../core/route.ts';
import type { ServiceSettings } from '../../core/settings.ts';
import { familyOf } from '../../core/vip.ts';
import type { ConfiguredNeighbor, ExabgpConf } from './exabgp-conf.ts';
import { type Finding, findingsOf, some } from './finding.ts';

const { warning, failed } = findingsOf('exabgp.conf');

/** What ExaBGP's configuration and ours say against each other. @param ours the neighbors that get our routes. */
export function againstConfig(
  conf: ExabgpConf,
  ours: readonly ConfiguredNeighbor[],
  config: Config | undefined,
): readonly Finding[] {
  if (config === undefined) return [];
  const { services, neighbors } = config.settings;
  const localAs = neighbors.localAs === undefined ? undefined : String(neighbors.localAs);
  const otherAs = ours.filter(
    (neighbor) =>
      localAs !== undefined && neighbor.localAs !== undefined && neighbor.localAs !== localAs,
  );
  return [
    ...otherAs.map((neighbor) =>
      failed(
        `${neighbor.address}: local-as is ${neighbor.localAs}, and bgp.localAs ${localAs}`,
        'make them the same: it is prepended',
      ),
    ),
    ...unknownFindings(conf, services),
    ...services.flatMap((service) => ipv6Findings(service, ours)),
  ];
}

/** One file for all LBs may name the routers of each, but of no service can all be elsewhere. */
function unknownFindings(
  { neighbors }: ExabgpConf,
  services: readonly ServiceSettings[],
): readonly Finding[] {
  const here = new Set<string>(neighbors.map(({ address }) => address));
  const isHere = (address: string) => here.has(address);
  const chosen = services.map(({ announce }) => announce.owner.neighbors ?? []);
  const lost = chosen.filter((names) => names.length > 0 && !names.some(isHere)).flat();
  const unknown = [...new Set(chosen.flat())].filter((address) => !isHere(address));
  return unknown.map((address) => {
    const detail = `announce.neighbors names ${address}, which is no neighbor here`;
    return lost.includes(address)
      ? failed(detail, 'correct it')
      : warning(detail, "correct it, unless it is another LB's");
  });
}

/** Whether the IPv6 VIPs of a service find a session that carries them, with a next-hop that it can tell. */
function ipv6Findings(
  { name, vips, announce }: ServiceSettings,
  ours: readonly ConfiguredNeighbor[],
): readonly Finding[] {
  if (!vips.some(({ vip }) => familyOf(vip) === 'ipv6')) return [];
  const { neighbors } = announce.owner;
  const told = ours.filter(
    ({ address }) => neighbors === undefined || neighbors.some((chosen) => chosen === address),
  );
  const carrying = told.filter(
    ({ families }) =>
      families.length === 0 || families.some((family) => /^(ipv6|all)\b/.test(family)),
  );
  if (carrying.length === 0)
    return [
      warning(`${name} has IPv6 VIPs, and no session carries IPv6`, 'add ipv6 unicast; to family'),
    ];
  const overIpv4 = carrying.filter(({ address }) => !address.includes(':'));
  const { owner, backup, standby, down, disabled, drain } = announce;
  const isSelf = [owner, backup, standby, down, disabled, drain].some(saysSelf);
  if (!isSelf || overIpv4.length < carrying.length) return [];
  // ExaBGP 3.4 and 4.x take such a route and send nothing; later ones refuse it.
  const sessions = some(overIpv4.map(({ address }) => address));
  return [
    failed(
      `${name} has IPv6 VIPs with next-hop self, and only sessions over IPv4 (${sessions}), which cannot tell it`,
      "set nextHop: { ipv4: self, ipv6: THIS-LB'S-ADDRESS } for each role in announce, or add a neighbor over IPv6",
    ),
  ];
}

function saysSelf(role: RoleAttributes | undefined): boolean {
  if (role === undefined) return false;
  const { nextHop } = role;
  return (typeof nextHop === 'string' ? nextHop : nextHop.ipv6) === nextHopSelf;
}
