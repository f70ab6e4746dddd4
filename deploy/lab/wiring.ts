import { ipIn, namespaceOf, runHere, runIn } from './namespaces.ts';
import type { Run } from './run.ts';

/** An interface of a node. */
export interface Port {
  readonly node: string;
  readonly name: string;
}

/** The device in a node that {@link addBridge} makes. */
const bridge = 'bridge';

/** Makes a node: a namespace that forwards. */
export function addNode(run: Run, node: string): void {
  runHere('ip', 'netns', 'add', namespaceOf(run, node));
  ipIn(run, node, 'link', 'set', 'lo', 'up');
  configureKernel(run, node);
}

/** Makes a node a switch; one that has addresses on its device `bridge` is a router with a LAN. */
export function addBridge(run: Run, node: string): void {
  ipIn(run, node, 'link', 'add', bridge, 'type', 'bridge');
  ipIn(run, node, 'link', 'set', bridge, 'up');
}

/** Plugs a port into a switch, where the other end of the cable gets the name of the port's node. */
export function attach(run: Run, port: Port, node: string): void {
  connect(run, port, { node, name: port.node });
  ipIn(run, node, 'link', 'set', port.node, 'master', bridge);
}

/** Connects two ports, which are made by that. */
export function connect(run: Run, one: Port, other: Port): void {
  const [here, there] = [namespaceOf(run, one.node), namespaceOf(run, other.node)];
  runHere(
    ...(['ip', 'link', 'add', one.name, 'netns', here, 'type', 'veth'] as const),
    ...(['peer', 'name', other.name, 'netns', there] as const),
  );
  ipIn(run, one.node, 'link', 'set', one.name, 'up');
  ipIn(run, other.node, 'link', 'set', other.name, 'up');
}

/**
 * Gives a port an address, `192.0.2.1/24`. Without duplicate detection: the lab gives every address once, and waiting for
 * the proof would cost a second.
 */
export function addAddress(run: Run, { node, name }: Port, prefix: string): void {
  const dad = prefix.includes(':') ? ['nodad'] : [];
  ipIn(run, node, 'address', 'add', prefix, 'dev', name, ...dad);
}

/**
 * Forwarding on; flows spread over equal paths by ports too (policy 1), so that one client's flows take different LBs;
 * addresses of IPv6 survive a cut link, as those of IPv4 do.
 */
function configureKernel(run: Run, node: string): void {
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
