import { ipIn } from '../namespaces.ts';
import type { Run } from '../run.ts';
import { addAddress, addBridge, addNode, attach } from '../wiring.ts';
import {
  coreAddress,
  edgeRouters,
  lanAddress,
  numberOf,
  routers,
  rs4,
  rs5,
  transitNetwork,
  webNodes,
} from './plan.ts';

/** Builds namespaces, LANs and addresses. A router with a LAN behind it is that LAN's switch as well. */
export function buildNetwork(run: Run): void {
  for (const node of ['core', 'r1', ...routers, 'rs4', 'rs5']) addNode(run, node);
  addBridge(run, 'core');
  addBridge(run, 'r1');
  addAddress(run, { node: 'r1', name: 'bridge' }, `${transitNetwork}1/64`);
  for (const node of [...routers, 'rs4']) {
    attach(run, { node, name: 'core' }, 'core');
    addAddress(run, { node, name: 'core' }, `${node === 'rs4' ? rs4 : coreAddress(node)}/64`);
  }
  for (const node of edgeRouters) {
    attach(run, { node, name: 'transit' }, 'r1');
    addAddress(run, { node, name: 'transit' }, `${transitNetwork}${numberOf(node)}/64`);
  }
  for (const { name, address, router, vips } of webNodes) {
    addNode(run, name);
    addBridge(run, router);
    addAddress(run, { node: router, name: 'bridge' }, `${lanAddress(router)}/64`);
    connectHost(run, name, address, router);
    for (const vip of vips) addAddress(run, { node: name, name: 'lo' }, `${vip}/128`);
  }
  connectHost(run, 'rs5', rs5, 'dr8');
}

/** A host has an address and a default route, and that is all. */
function connectHost(run: Run, node: string, address: string, router: string): void {
  attach(run, { node, name: 'eth0' }, router);
  addAddress(run, { node, name: 'eth0' }, `${address}/64`);
  ipIn(run, node, '-6', 'route', 'add', 'default', 'via', lanAddress(router));
}
