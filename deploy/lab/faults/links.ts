import { ipIn, runIn } from '../namespaces.ts';
import { type LoadBalancerName, loadBalancer } from '../plan.ts';
import type { Run } from '../run.ts';

export type Link = 'uplink' | 'mgmt';

/**
 * Takes an LB's link down at the far end, as a switch that loses a port would: the LB loses carrier and keeps its
 * addresses and routes.
 */
export function setLink(run: Run, node: LoadBalancerName, link: Link, state: 'up' | 'down'): void {
  if (link === 'uplink') ipIn(run, loadBalancer(node).leaf, 'link', 'set', 'lb', state);
  else ipIn(run, 'mgmt', 'link', 'set', node, state);
}

/** Drops every packet of an LB on these links, both ways, silently: no carrier is lost, nobody is told. */
export function dropPackets(
  run: Run,
  node: LoadBalancerName,
  links: readonly Link[],
  action: 'start' | 'stop',
): void {
  const operation = action === 'start' ? '-A' : '-D';
  for (const program of ['iptables', 'ip6tables']) {
    for (const link of links) {
      runIn(run, node, program, '-w', operation, 'INPUT', '-i', link, '-j', 'DROP');
      runIn(run, node, program, '-w', operation, 'OUTPUT', '-o', link, '-j', 'DROP');
    }
  }
}
