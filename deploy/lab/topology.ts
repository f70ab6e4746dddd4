import { ipIn, namespaceOf, runHere, runIn } from './namespaces.ts';
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

/** Builds namespaces, links and addresses; after it, neighbors reach each other and nothing else does. */
export function buildTopology(run: Run): void {
  for (const node of nodes) {
    runHere('ip', 'netns', 'add', namespaceOf(run, node));
    ipIn(run, node, 'link', 'set', 'lo', 'up');
    configureKernel(run, node);
  }
  connect(run, { node: 'client', name: 'uplink' }, { node: 'spine', name: 'client' });
  address(run, 'client', 'uplink', 'spine', 'client', clientLink);
  defaultRoute(run, 'client', clientLink);
  ipIn(run, 'mgmt', 'link', 'add', 'bridge', 'type', 'bridge');
  ipIn(run, 'mgmt', 'link', 'set', 'bridge', 'up');
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
    const prefix = `${vip.address}/${hostLength[vip.family]}`;
    ipIn(run, name, 'address', 'add', prefix, 'dev', 'lo', ...withoutDad(vip.family));
  }
}

/**
 * Forwarding on; flows spread over equal paths by ports too (policy 1), so that one client's flows take different LBs;
 * addresses of IPv6 survive a cut link, as those of IPv4 do.
 */
function configureKernel(run: Run, node: NodeName): void {
  runIn(
    run,
    node,
    'sysctl',
    '-qw',
    'net.ipv4.ip_forward=1',
    'net.ipv6.conf.all.forwarding=1',
    'net.ipv4.fib_multipath_hash_policy=1',
    'net.ipv6.fib_multipath_hash_policy=1',
    'net.ipv4.conf.all.rp_filter=0',
    'net.ipv4.conf.default.rp_filter=0',
    'net.ipv6.conf.default.accept_dad=0',
    'net.ipv6.conf.all.keep_addr_on_down=1',
    'net.ipv6.conf.default.keep_addr_on_down=1',
  );
}

interface Port {
  readonly node: NodeName;
  readonly name: string;
}

function connect(run: Run, one: Port, other: Port): void {
  const [here, there] = [namespaceOf(run, one.node), namespaceOf(run, other.node)];
  runHere(
    ...(['ip', 'link', 'add', one.name, 'netns', here, 'type', 'veth'] as const),
    ...(['peer', 'name', other.name, 'netns', there] as const),
  );
  ipIn(run, one.node, 'link', 'set', one.name, 'up');
  ipIn(run, other.node, 'link', 'set', other.name, 'up');
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
    const dad = withoutDad(family);
    const length = ends.prefixLength;
    ipIn(run, near, 'address', 'add', `${ends.near}/${length}`, 'dev', nearPort, ...dad);
    ipIn(run, far, 'address', 'add', `${ends.far}/${length}`, 'dev', farPort, ...dad);
  }
}

function defaultRoute(run: Run, node: NodeName, link: Readonly<Record<Family, Ends>>): void {
  ipIn(run, node, 'route', 'add', 'default', 'via', link.ipv4.far);
  ipIn(run, node, '-6', 'route', 'add', 'default', 'via', link.ipv6.far);
}

function attachToManagement(run: Run, node: NodeName, managementAddress: string): void {
  connect(run, { node, name: 'mgmt' }, { node: 'mgmt', name: node });
  ipIn(run, 'mgmt', 'link', 'set', node, 'master', 'bridge');
  ipIn(run, node, 'address', 'add', `${managementAddress}/24`, 'dev', 'mgmt');
}

/** The lab gives every address once, and waiting for the proof would cost a second. */
function withoutDad(family: Family): readonly string[] {
  return family === 'ipv6' ? ['nodad'] : [];
}
