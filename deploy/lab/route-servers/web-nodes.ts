import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeDirectory } from '../namespaces.ts';
import { startNginx } from '../nginx.ts';
import type { Run } from '../run.ts';
import { startSpeaker, vipkeeperCommand } from '../speaker.ts';
import {
  holdTimeSeconds,
  routeServerAsn,
  rs4,
  rs5,
  type WebNode,
  webAsn,
  webNodes,
} from './plan.ts';

/** W1's own address: what no other node may bring into our network. */
export const strayRoute = '2001:db8:6::11/128';

/** Starts nginx, and ExaBGP with vipkeeper, on every web node. */
export function startWebNodes(run: Run): void {
  for (const node of webNodes) {
    startNginx(run, node.name);
    startWebSpeaker(run, node);
  }
}

/** Writes a node's configuration, which its agent takes at once. */
export function configure(run: Run, node: WebNode, vips: readonly string[]): void {
  writeFileSync(configFile(run, node), agentConfig(node.name, vips));
}

function configFile(run: Run, { name }: WebNode): string {
  return join(nodeDirectory(run, name), 'vipkeeper.yaml');
}

function startWebSpeaker(run: Run, node: WebNode): void {
  configure(run, node, node.vips);
  startSpeaker(run, node.name, {
    helper: vipkeeperCommand('run', '-f', configFile(run, node)),
    hearsNeighbors: true,
    neighbors: [rs4, rs5].map((remote) => ({
      local: node.address,
      localAs: webAsn,
      remote,
      remoteAs: routeServerAsn,
      routerId: node.routerId,
      holdTimeSeconds,
      family: 'ipv6',
    })),
  });
}

/** No ZooKeeper: health alone decides, and metrics say who is meant, as in the seed. */
function agentConfig(name: string, vips: readonly string[]): string {
  return `member: ${name}
bgp: { localAs: ${webAsn} }
services:
  nginx:
    owns: [${vips.map((vip) => `"${vip}"`).join(', ')}]
    checks:
      - exec: curl -sf -m 1 'http://[::1]/healthcheck'
        interval: 1s
        fastInterval: 200ms
        timeout: 1s
        rise: 2
        fall: 3
    announce:
      owner: { med: 100, medPerVip: 1 }
      down: { med: 1000, medPerVip: 1 }
`;
}
