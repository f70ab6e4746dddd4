/**
 * The leaf-spine of seed 003 as data: who stands where, with which addresses and AS numbers.
 *
 *     client ── spine ──┬── leaf1 ── lb1 ──┐
 *               AS65000 ├── leaf2 ── lb2 ──┼── mgmt (bridge) ── zk
 *                       └── leaf3 ── lb3 ──┘
 *
 * Every box is a network namespace of its own, so every run may use the same addresses.
 */

export type LoadBalancerName = 'lb1' | 'lb2' | 'lb3';
export type LeafName = 'leaf1' | 'leaf2' | 'leaf3';
export type NodeName = 'spine' | LeafName | LoadBalancerName | 'mgmt' | 'zk' | 'client';
export type Family = 'ipv4' | 'ipv6';

export interface LoadBalancer {
  readonly name: LoadBalancerName;
  readonly rack: number;
  readonly leaf: LeafName;
  readonly asn: number;
  readonly leafAsn: number;
  readonly managementAddress: string;
}

export interface Vip {
  readonly address: string;
  readonly owner: LoadBalancerName;
  readonly family: Family;
}

/** One end of a link in one family. */
export interface Ends {
  readonly near: string;
  readonly far: string;
  readonly prefixLength: number;
}

export const families: readonly Family[] = ['ipv4', 'ipv6'];
export const spineAsn = 65000;
export const service = 'apex';
export const holdTimeSeconds = 9;
export const sessionTimeoutMs = 4_000;
export const tickMs = 2_000;
export const releaseMs = 2_000;
export const settleMs = 3_000;
export const drainTimeoutMs = 5_000;
/**
 * `exabgp.stallAfter`: an ExaBGP that answers nothing for so long serves nobody. Its peers must have announced before routers drop
 * its routes, which they do from two thirds of the hold time on (a keepalive may be that old): 1 s + this stays well below 6 s.
 */
export const stallAfterMs = 3_000;
export const dampingHalfLifeMs = 10_000;
export const zooKeeperAddress = '172.31.0.10';
export const zooKeeperPort = 2181;
export const znodeRoot = '/exabgp';
/** Where the responders answer probes, on every VIP. */
export const probePort = 7_777;

export const loadBalancers: readonly LoadBalancer[] = [
  rack(1, 'lb1', 'leaf1'),
  rack(2, 'lb2', 'leaf2'),
  rack(3, 'lb3', 'leaf3'),
];

export const nodes: readonly NodeName[] = [
  'spine',
  'leaf1',
  'leaf2',
  'leaf3',
  'lb1',
  'lb2',
  'lb3',
  'mgmt',
  'zk',
  'client',
];

export const vips: readonly Vip[] = [
  { address: '10.20.255.1', owner: 'lb1', family: 'ipv4' },
  { address: '10.20.255.2', owner: 'lb2', family: 'ipv4' },
  { address: '10.20.255.3', owner: 'lb3', family: 'ipv4' },
  { address: '2001:db8:30::1', owner: 'lb1', family: 'ipv6' },
];

/** A VIP that every LB could serve at once, and that is in no configuration until a reload brings it. */
export const spareVip: Vip = { address: '10.20.255.4', owner: 'lb2', family: 'ipv4' };

/** Everything that may ever be announced. */
export const knownVips: readonly Vip[] = [...vips, spareVip];

/** The range all VIPs of a family come from: what leaves accept from LBs and the spine from leaves. */
export const vipRanges: Readonly<Record<Family, string>> = {
  ipv4: '10.20.255.0/24',
  ipv6: '2001:db8:30::/64',
};

export const hostLength: Readonly<Record<Family, number>> = { ipv4: 32, ipv6: 128 };

/** Client (near) to spine (far). */
export const clientLink: Readonly<Record<Family, Ends>> = {
  ipv4: { near: '10.20.10.2', far: '10.20.10.1', prefixLength: 30 },
  ipv6: { near: 'fd20:10::2', far: 'fd20:10::1', prefixLength: 64 },
};

/** Leaf (near) to spine (far). */
export function spineLink(rackNumber: number): Readonly<Record<Family, Ends>> {
  return {
    ipv4: { near: `10.20.${rackNumber}.2`, far: `10.20.${rackNumber}.1`, prefixLength: 30 },
    ipv6: { near: `fd20:${rackNumber}::2`, far: `fd20:${rackNumber}::1`, prefixLength: 64 },
  };
}

/** LB (near) to leaf (far). */
export function leafLink(rackNumber: number): Readonly<Record<Family, Ends>> {
  return {
    ipv4: { near: `10.20.10${rackNumber}.2`, far: `10.20.10${rackNumber}.1`, prefixLength: 30 },
    ipv6: { near: `fd20:10${rackNumber}::2`, far: `fd20:10${rackNumber}::1`, prefixLength: 64 },
  };
}

/** The LB of that name. */
export function loadBalancer(name: LoadBalancerName): LoadBalancer {
  const found = loadBalancers.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no LB is called ${name}`);
  return found;
}

/** The VIPs that LB owns. */
export function vipsOf(name: LoadBalancerName): readonly Vip[] {
  return vips.filter((vip) => vip.owner === name);
}

/** Every LB but that one. */
export function othersThan(name: LoadBalancerName): readonly LoadBalancerName[] {
  return loadBalancers.map((other) => other.name).filter((other) => other !== name);
}

function rack(number: number, name: LoadBalancerName, leaf: LeafName): LoadBalancer {
  return {
    name,
    rack: number,
    leaf,
    asn: 65140 + number,
    leafAsn: 65100 + number,
    managementAddress: `172.31.0.10${number}`,
  };
}
