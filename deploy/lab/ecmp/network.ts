import { retries, startBird, waitForBird } from '../bird-daemon.ts';
import { startFrr, vtysh } from '../frr.ts';
import { ipIn } from '../namespaces.ts';
import type { Run } from '../run.ts';
import { waitFor } from '../wait.ts';
import { addAddress, addBridge, addNode, attach, connect } from '../wiring.ts';
import {
  clientAddresses,
  edgeAddress,
  edgeAsn,
  edgeIspAddress,
  ispAddress,
  ispAsn,
  ispClientAddress,
  servers,
  vip,
} from './plan.ts';

/** Builds namespaces, links and addresses. */
export function buildNetwork(run: Run): void {
  for (const node of ['client', 'isp', 'edge']) addNode(run, node);
  connect(run, { node: 'client', name: 'eth0' }, { node: 'isp', name: 'client' });
  for (const address of clientAddresses) {
    addAddress(run, { node: 'client', name: 'eth0' }, `${address}/24`);
  }
  addAddress(run, { node: 'isp', name: 'client' }, `${ispClientAddress}/24`);
  ipIn(run, 'client', 'route', 'add', 'default', 'via', ispClientAddress);
  connect(run, { node: 'isp', name: 'edge' }, { node: 'edge', name: 'isp' });
  addAddress(run, { node: 'isp', name: 'edge' }, `${ispAddress}/31`);
  addAddress(run, { node: 'edge', name: 'isp' }, `${edgeIspAddress}/31`);
  addBridge(run, 'edge');
  addAddress(run, { node: 'edge', name: 'bridge' }, `${edgeAddress}/24`);
  for (const { name, address } of servers) {
    addNode(run, name);
    attach(run, { node: name, name: 'eth0' }, 'edge');
    addAddress(run, { node: name, name: 'eth0' }, `${address}/24`);
    addAddress(run, { node: name, name: 'lo' }, `${vip}/32`);
    ipIn(run, name, 'route', 'add', 'default', 'via', edgeAddress);
  }
}

/** Starts both routers, and waits until they hear each other. */
export async function startRouters(run: Run): Promise<void> {
  startBird(run, 'isp', ispConfig());
  await startFrr(run, 'edge', { bgp: edgeConfig(), isRouter: true });
  await waitForBird(run, 'isp');
  const options = { what: 'BGP between ISP and edge', timeoutMs: 30_000, pollMs: 100 };
  await waitFor(() => vtysh(run, 'edge', 'show bgp ipv4 unicast').includes('0.0.0.0/0'), options);
}

function ispConfig(): string {
  return `
log "bird.log" all;
router id ${ispAddress};
protocol device {}
protocol direct { ipv4; }
protocol kernel { ipv4 { import none; export where source = RTS_BGP; }; }
protocol static internet { ipv4; route 0.0.0.0/0 unreachable; }
protocol bgp edge {
  local ${ispAddress} as ${ispAsn};
  neighbor ${edgeIspAddress} as ${edgeAsn};${retries}
  ipv4 { import all; export where proto = "internet"; };
}
`;
}

/**
 * The seed's, which is VyOS and so FRR: two paths at most within the AS. New routes are told at once, and the ISP is told
 * no more than the VIP.
 */
function edgeConfig(): string {
  const neighbors = servers.map(
    ({ address }) => ` neighbor ${address} remote-as ${edgeAsn}
 neighbor ${address} update-source ${edgeAddress}
 neighbor ${address} timers connect 1`,
  );
  return `ip prefix-list VIPS permit ${vip}/32
route-map VIPS permit 10
 match ip address prefix-list VIPS
route-map NOTHING deny 10
!
router bgp ${edgeAsn}
 bgp router-id ${edgeIspAddress}
 no bgp ebgp-requires-policy
 neighbor ${ispAddress} remote-as ${ispAsn}
 neighbor ${ispAddress} timers connect 1
 neighbor ${ispAddress} advertisement-interval 0
${neighbors.join('\n')}
 address-family ipv4 unicast
  maximum-paths ibgp 2
  neighbor ${ispAddress} route-map VIPS out
${servers.map(({ address }) => `  neighbor ${address} route-map NOTHING out`).join('\n')}
 exit-address-family
`;
}
