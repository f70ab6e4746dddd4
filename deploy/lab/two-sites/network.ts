import { retries, startBird, waitForBird } from '../bird-daemon.ts';
import { startFrr, vtysh } from '../frr.ts';
import { ipIn } from '../namespaces.ts';
import type { Run } from '../run.ts';
import { waitFor } from '../wait.ts';
import { addAddress, addNode, connect } from '../wiring.ts';
import {
  clientAddress,
  type Ends,
  families,
  hostLength,
  linkLength,
  lvsLinkOf,
  routerAsn,
  routerClientAddress,
  type Site,
  sites,
  uplinkOf,
  vips,
} from './plan.ts';

/** Builds namespaces, links and addresses. */
export function buildNetwork(run: Run): void {
  for (const node of ['client', 'router1']) addNode(run, node);
  const client: Ends = {
    ipv4: [clientAddress.ipv4, routerClientAddress.ipv4],
    ipv6: [clientAddress.ipv6, routerClientAddress.ipv6],
  };
  cable(run, { node: 'client', name: 'eth0' }, { node: 'router1', name: 'client' }, client);
  defaultRoutes(run, 'client', routerClientAddress);
  for (const site of sites) buildSite(run, site);
}

function buildSite(run: Run, site: Site): void {
  const { border, lvs } = site;
  for (const node of [border, lvs]) addNode(run, node);
  cable(run, { node: 'router1', name: border }, { node: border, name: 'uplink' }, uplinkOf(site));
  cable(run, { node: border, name: lvs }, { node: lvs, name: 'uplink' }, lvsLinkOf(site));
  const { ipv4, ipv6 } = lvsLinkOf(site);
  defaultRoutes(run, lvs, { ipv4: ipv4[0], ipv6: ipv6[0] });
  for (const { address, family } of vips) {
    addAddress(run, { node: lvs, name: 'lo' }, `${address}/${hostLength[family]}`);
  }
}

type Port = Parameters<typeof addAddress>[1];

function cable(run: Run, near: Port, far: Port, ends: Ends): void {
  connect(run, near, far);
  for (const family of families) {
    const [nearAddress, farAddress] = ends[family];
    addAddress(run, near, `${nearAddress}/${linkLength[family]}`);
    addAddress(run, far, `${farAddress}/${linkLength[family]}`);
  }
}

function defaultRoutes(
  run: Run,
  node: string,
  via: { readonly ipv4: string; readonly ipv6: string },
): void {
  ipIn(run, node, 'route', 'add', 'default', 'via', via.ipv4);
  ipIn(run, node, '-6', 'route', 'add', 'default', 'via', via.ipv6);
}

/** Starts all routers, and waits until they hear each other. */
export async function startRouters(run: Run): Promise<void> {
  for (const site of sites) startBird(run, site.border, borderConfig(site));
  await startFrr(run, 'router1', { bgp: routerConfig(), isRouter: true });
  for (const { border } of sites) await waitForBird(run, border);
  const options = { what: 'BGP between the sites and router1', timeoutMs: 30_000, pollMs: 100 };
  await waitFor(() => countSessions(run) === sites.length * families.length, options);
}

function countSessions(run: Run): number {
  const texts = families.map((family) =>
    vtysh(run, 'router1', `show bgp ${family} unicast summary established json`),
  );
  return texts.join('').split('"state":"Established"').length - 1;
}

/** A site's way out: what the LVS announces goes to the world, with the paths that it has. */
function borderConfig(site: Site): string {
  const { borderAsn, lvsAsn, number } = site;
  const sessions = families.flatMap((family) => {
    const [routerEnd, borderEnd] = uplinkOf(site)[family];
    const [innerEnd, lvsEnd] = lvsLinkOf(site)[family];
    const range = family === 'ipv4' ? '192.0.2.0/28{32,32}' : '2001:db8::/64{128,128}';
    return [
      `protocol bgp router1_${family} {
  local ${borderEnd} as ${borderAsn};
  neighbor ${routerEnd} as ${routerAsn};${retries}
  ${family} { import all; export where net ~ [ ${range} ]; next hop self; };
}`,
      `protocol bgp lvs_${family} {
  local ${innerEnd} as ${borderAsn};
  neighbor ${lvsEnd} as ${lvsAsn};
  passive on;${retries}
  ${family} { import where net ~ [ ${range} ]; export none; };
}`,
      `protocol kernel kernel_${family} { ${family} { import none; export all; }; }`,
    ];
  });
  return `
log "bird.log" all;
router id 10.0.${number}.2;
protocol device {}
${sessions.join('\n')}
`;
}

/** It offers both sites a default route, and takes the shorter path: nothing here knows which site is meant. */
function routerConfig(): string {
  const neighbors = (family: 'ipv4' | 'ipv6') =>
    sites.map((site) => ({ address: uplinkOf(site)[family][1], asn: site.borderAsn }));
  const sessions = families.flatMap(neighbors).map(
    ({ address, asn }) => ` neighbor ${address} remote-as ${asn}
 neighbor ${address} timers connect 1
 neighbor ${address} advertisement-interval 0`,
  );
  const activations = families.map(
    (family) => ` address-family ${family} unicast
${neighbors(family)
  .map(({ address }) => `  neighbor ${address} activate\n  neighbor ${address} default-originate`)
  .join('\n')}
 exit-address-family`,
  );
  return `router bgp ${routerAsn}
 bgp router-id ${routerClientAddress.ipv4}
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
${sessions.join('\n')}
${activations.join('\n')}
`;
}
