import { ipIn } from './namespaces.ts';
import {
  clientLink,
  type Ends,
  type Family,
  families,
  hostLength,
  knownVips,
  type LoadBalancer,
  leafLink,
  loadBalancers,
  type NodeName,
  nodes,
  spineLink,
  zooKeeperAddress,
} from './plan.ts';
import type { Run } from './run.ts';
import { addAddress, addBridge, addNode, attach, connect } from './wiring.ts';

/** Builds namespaces, links and addresses; after it, neighbors reach each other and nothing else does. */
export function buildTopology(run: Run): void {
  for (const node of nodes) addNode(run, node);
  connect(run, { node: 'client', name: 'uplink' }, { node: 'spine', name: 'client' });
  address(run, 'client', 'uplink', 'spine', 'client', clientLink);
  defaultRoute(run, 'client', clientLink);
  addBridge(run, 'mgmt');
  attachToManagement(run, 'zk', zooKeeperAddress);
  for (const loadBalancer of loadBalancers) buildRack(run, loadBalancer);
}

function buildRack(run: Run, { name, leaf, rack, managementAddress }: LoadBalancer): void {
  connect(run, { node: leaf, name: 'spine' }, { node: 'spine', name: leaf });
  address(run, leaf, 'spine', 'spine', leaf, spineLink(rack));
  connect(run, { node: name, name: 'uplink' }, { node: leaf, name: 'lb' });
  address(run, name, 'uplink', leaf, 'lb', leafLink(rack));
  defaultRoute(run, name, leafLink(rack));
  attachToManagement(run, name, managementAddress);
  for (const vip of knownVips) {
    addAddress(run, { node: name, name: 'lo' }, `${vip.address}/${hostLength[vip.family]}`);
  }
}

function address(
  run: Run,
  near: NodeName,
  nearPort: string,
  far: NodeName,
  farPort: string,
  link: Readonly<Record<Family, Ends>>,
): void {
  for (const family of families) {
    const ends = link[family];
    const length = ends.prefixLength;
    addAddress(run, { node: near, name: nearPort }, `${ends.near}/${length}`);
    addAddress(run, { node: far, name: farPort }, `${ends.far}/${length}`);
  }
}

function defaultRoute(run: Run, node: NodeName, link: Readonly<Record<Family, Ends>>): void {
  ipIn(run, node, 'route', 'add', 'default', 'via', link.ipv4.far);
  ipIn(run, node, '-6', 'route', 'add', 'default', 'via', link.ipv6.far);
}

function attachToManagement(run: Run, node: NodeName, managementAddress: string): void {
  attach(run, { node, name: 'mgmt' }, 'mgmt');
  addAddress(run, { node, name: 'mgmt' }, `${managementAddress}/24`);
}
