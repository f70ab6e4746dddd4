import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeDirectory } from '../namespaces.ts';
import { startNginx } from '../nginx.ts';
import type { Run } from '../run.ts';
import { startSpeaker, vipkeeperCommand } from '../speaker.ts';
import { edgeAddress, edgeAsn, holdTimeSeconds, type Server, servers, vip } from './plan.ts';

/** Starts nginx, and ExaBGP with vipkeeper, on both servers. */
export function startServers(run: Run): void {
  for (const server of servers) {
    startNginx(run, server.name);
    configure(run, server, 100);
    startServerSpeaker(run, server);
  }
}

/** Writes a server's configuration, which its agent takes at once. */
export function configure(run: Run, { name }: Server, localPreference: number): void {
  writeFileSync(configFile(run, name), agentConfig(name, localPreference));
}

/** Starts ExaBGP with vipkeeper on a server. */
export function startServerSpeaker(run: Run, { name, address }: Server): void {
  startSpeaker(run, name, {
    helper: vipkeeperCommand('run', '-f', configFile(run, name)),
    hearsNeighbors: true,
    neighbors: [
      {
        local: address,
        localAs: edgeAsn,
        remote: edgeAddress,
        remoteAs: edgeAsn,
        routerId: address,
        holdTimeSeconds,
        family: 'ipv4',
      },
    ],
  });
}

function configFile(run: Run, node: string): string {
  return join(nodeDirectory(run, node), 'vipkeeper.yaml');
}

/** No ZooKeeper, and nobody owns the VIP: every healthy server announces it alike. */
function agentConfig(name: string, localPreference: number): string {
  return `member: ${name}
bgp: { localAs: ${edgeAsn} }
allowed: [${vip}]
services:
  web:
    owns: [${vip}]
    checks:
      - exec: curl -sf -m 1 http://127.0.0.1/healthcheck
        interval: 1s
        fastInterval: 200ms
        timeout: 1s
        rise: 2
        fall: 2
    announce:
      owner: { localPreference: ${localPreference} }
`;
}
