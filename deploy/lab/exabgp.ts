import { join } from 'node:path';
import { agentConfigFile } from './agent-config.ts';
import { healthcheckConfigFile, writeHealthcheckConfig } from './healthcheck.ts';
import { nodeDirectory } from './namespaces.ts';
import {
  families,
  holdTimeSeconds,
  type LoadBalancer,
  type LoadBalancerName,
  leafLink,
  loadBalancer,
} from './plan.ts';
import { labEntry, type Run } from './run.ts';
import { setupOf } from './setups.ts';
import { type Neighbor, startSpeaker, vipkeeperCommand } from './speaker.ts';

/** Starts ExaBGP on an LB, which starts what the lab's setup says. */
export function startExabgp(run: Run, node: LoadBalancerName): void {
  const balancer = loadBalancer(node);
  const { healthcheck, isExazk } = setupOf(run, node);
  startSpeaker(run, node, {
    helper: helperCommand(run, balancer),
    // exazk.py reads nothing.
    hearsNeighbors: healthcheck === undefined && isExazk === undefined,
    neighbors: neighborsOf(balancer),
    environment: {
      LAB_MEMBER: node,
      LAB_AS: String(balancer.asn),
      LAB_STATE: join(nodeDirectory(run, node), 'state'),
    },
  });
}

/** An IPv6 route with "next-hop self" on an IPv4 session is lost, so each family has a session of its own. */
function neighborsOf({ rack, asn, leafAsn }: LoadBalancer): readonly Neighbor[] {
  return families.map((family) => {
    const { near, far } = leafLink(rack)[family];
    const ends = { local: near, localAs: asn, remote: far, remoteAs: leafAsn };
    return { ...ends, routerId: leafLink(rack).ipv4.near, holdTimeSeconds, family };
  });
}

function helperCommand(run: Run, balancer: LoadBalancer): readonly string[] {
  const { healthcheck, isExazk } = setupOf(run, balancer.name);
  if (isExazk) return [process.execPath, labEntry(), 'exazk-member', balancer.name];
  if (healthcheck !== undefined) {
    writeHealthcheckConfig(run, balancer, healthcheck);
    const config = healthcheckConfigFile(run, balancer.name);
    return ['/usr/bin/python3', '-m', 'exabgp', 'healthcheck', '--config', config];
  }
  return vipkeeperCommand('run', '-f', agentConfigFile(run));
}
