import { birdc, retries, startBird, waitForBird } from '../bird-daemon.ts';
import { startFrr, vtysh } from '../frr.ts';
import type { Run } from '../run.ts';
import { waitFor } from '../wait.ts';
import {
  clientAsn,
  coreAddress,
  edgeRouters,
  holdTimeSeconds,
  networks,
  numberOf,
  ownAsn,
  type RouterName,
  routeLimit,
  routers,
  routeServerAsn,
  rs4,
  rs5,
  transitAsn,
  transitNetwork,
  vipRange,
  webAsn,
  webNodes,
} from './plan.ts';

/** Starts every router and both route servers, and waits until the routers hear both. */
export async function startRouters(run: Run): Promise<void> {
  startBird(run, 'r1', transitConfig());
  for (const node of routers) startBird(run, node, routerConfig(node));
  startBird(run, 'rs4', birdRouteServer());
  await startFrr(run, 'rs5', { bgp: frrRouteServer(), isRouter: false });
  for (const node of ['r1', ...routers, 'rs4']) await waitForBird(run, node);
  const options = { what: 'BGP between routers and route servers', timeoutMs: 30_000, pollMs: 100 };
  await waitFor(() => routers.every((node) => hearsRouteServers(run, node)), options);
}

function hearsRouteServers(run: Run, node: string): boolean {
  const text = birdc(run, node, 'show protocols');
  return ['RS4', 'RS5'].every((name) => new RegExp(`^${name} .*Established`, 'm').test(text));
}

/** The route servers' sessions with the web nodes that are up. */
export function countWebSessions(run: Run): number {
  const bird = birdc(run, 'rs4', 'show protocols').match(/^W\d .*Established/gm) ?? [];
  const summary = vtysh(run, 'rs5', 'show bgp view EXABGP ipv6 unicast summary json');
  const { peers = {} } = JSON.parse(summary) as {
    readonly peers?: Record<string, { readonly remoteAs: number; readonly state: string }>;
  };
  const frr = Object.values(peers).filter(
    ({ remoteAs, state }) => remoteAs === webAsn && state === 'Established',
  );
  return bird.length + frr.length;
}

const ospfInterface = 'interface "core" { hello 1; dead 4; wait 2; };';

function preamble(node: string): string {
  return `
log "bird.log" all;
router id 1.1.1.${numberOf(node)};
protocol device {}
`;
}

function kernel(table = ''): string {
  return `protocol kernel {
  persist;
  ipv6 { ${table} import none; export where source != RTS_STATIC || dest != RTD_UNREACHABLE; };
}
`;
}

/** The transit: it gives us the default route that the seed has as a static one, and takes our networks. */
function transitConfig(): string {
  const sessions = edgeRouters.map(
    (node) => `protocol bgp ${node.toUpperCase()} {
  local as ${transitAsn};
  neighbor ${transitNetwork}${numberOf(node)} as ${ownAsn};${retries}
  ipv6 { import all; export none; };
}`,
  );
  return `${preamble('r1')}${kernel()}${sessions.join('\n')}\n`;
}

function routerConfig(node: RouterName): string {
  const isEdge = edgeRouters.includes(node);
  const area = isEdge ? ospfInterface : `${ospfInterface} interface "bridge" { stub yes; };`;
  return `${preamble(node)}${kernel()}
protocol ospf v3 INTERNAL {
  ipv6 { import all; export where proto = "DEFAULT"; };
  area 0.0.0.0 { ${area} };
}
${isEdge ? edgeProtocols(node) : ''}
protocol bgp RS4 {
  local as ${clientAsn};
  neighbor ${rs4} as ${routeServerAsn};${retries}
  ipv6 { import all; export none; gateway recursive; };
}
protocol bgp RS5 {
  local as ${clientAsn};
  neighbor ${rs5} as ${routeServerAsn};
  multihop 4;${retries}
  ipv6 { import all; export none; gateway recursive; };
}
`;
}

/** What we own goes to the transit unconditionally; between the two edge routers everything is shared. */
function edgeProtocols(node: RouterName): string {
  const other = node === 'er2' ? 'er3' : 'er2';
  return `protocol static NETS {
  ipv6;
  route ${networks} reject;
}
protocol static DEFAULT {
  ipv6;
  route ::/0 via ${transitNetwork}1;
}
protocol bgp R1 {
  local as ${ownAsn};
  neighbor ${transitNetwork}1 as ${transitAsn};${retries}
  ipv6 { import all; export where proto = "NETS"; };
}
protocol bgp ${other.toUpperCase()} {
  local as ${ownAsn};
  neighbor ${coreAddress(other)} as ${ownAsn};${retries}
  ipv6 { import all; export all; next hop self; };
}`;
}

/** RS4. A session's next-hops are looked up in what OSPF knows, kept apart from what is passed on. */
function birdRouteServer(): string {
  const clients = routers.map(
    (node) => `protocol bgp ${node.toUpperCase()} from INFRABGP {
  neighbor ${coreAddress(node)} as ${clientAsn};
}`,
  );
  const nodes = webNodes.map(
    ({ name, address }) => `protocol bgp ${name.toUpperCase()} from EXABGP {
  neighbor ${address} as ${webAsn};
}`,
  );
  return `${preamble('rs4')}
ipv6 table inside;
${kernel('table inside;')}
protocol ospf v3 INTERNAL {
  ipv6 { table inside; import all; export none; };
  area 0.0.0.0 { ${ospfInterface} };
}
# Only VIPs
filter only_loopbacks {
  if net ~ [ ${vipRange}{128,128} ] then accept;
  reject;
}
template bgp INFRABGP {
  local as ${routeServerAsn};
  rs client;${retries}
  ipv6 { import none; export all; };
}
template bgp EXABGP {
  local as ${routeServerAsn};
  rs client;
  hold time ${holdTimeSeconds};
  multihop 10;${retries}
  ipv6 {
    import filter only_loopbacks;
    import keep filtered;
    export none;
    receive limit ${routeLimit} action restart;
    igp table inside;
  };
}
${[...clients, ...nodes].join('\n')}
`;
}

/**
 * RS5. A view installs nothing. FRR has no route-maps of its own for route server clients any more, as Quagga had, so
 * what is taken and what is given is said by direction. And it gives IPv6 routes its own next-hop, unless told otherwise.
 */
function frrRouteServer(): string {
  const clients = routers.map((node) => ` neighbor ${coreAddress(node)} peer-group R`);
  const nodes = webNodes.map(({ address }) => ` neighbor ${address} peer-group EXABGP`);
  return `ipv6 prefix-list LOOPBACKS seq 5 permit ${vipRange} ge 128 le 128
ipv6 prefix-list LOOPBACKS seq 10 deny any
!
route-map RSCLIENT-IN permit 10
 match ipv6 address prefix-list LOOPBACKS
route-map RSCLIENT-OUT deny 10
route-map R-IN deny 10
route-map R-OUT permit 10
!
router bgp ${routeServerAsn} view EXABGP
 bgp router-id 1.1.1.5
 bgp log-neighbor-changes
 no bgp default ipv4-unicast
 neighbor R peer-group
 neighbor R remote-as ${clientAsn}
 neighbor R ebgp-multihop 10
 neighbor R timers connect 1
 neighbor R advertisement-interval 0
 neighbor EXABGP peer-group
 neighbor EXABGP remote-as ${webAsn}
 neighbor EXABGP ebgp-multihop 10
 neighbor EXABGP timers 2 ${holdTimeSeconds}
 neighbor EXABGP timers connect 1
${[...clients, ...nodes].join('\n')}
 address-family ipv6 unicast
  neighbor R activate
  neighbor R route-server-client
  neighbor R attribute-unchanged next-hop
  neighbor R route-map R-IN in
  neighbor R route-map R-OUT out
  neighbor EXABGP activate
  neighbor EXABGP route-server-client
  neighbor EXABGP soft-reconfiguration inbound
  neighbor EXABGP maximum-prefix ${routeLimit}
  neighbor EXABGP route-map RSCLIENT-IN in
  neighbor EXABGP route-map RSCLIENT-OUT out
 exit-address-family
`;
}
