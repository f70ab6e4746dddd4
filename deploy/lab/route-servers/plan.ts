/**
 * The network of seed 001 as data: IPv6 alone, three web nodes on subnets of their own, two route servers.
 *
 *                        r1  AS64511, also the client
 *                        │ 2001:db8:1000::/64
 *                   er2 ─┴─ er3  AS64496
 *                    │       │
 *     rs4 (BIRD) ────┴───┬───┴────────┐ 2001:db8:1::/64, OSPF
 *                       dr6    dr7   dr8
 *     2001:db8:6::/64    │      │     │    2001:db8:8::/64
 *                        w1     w2    w3, rs5 (FRR)
 */

export const webAsn = 65001;
export const routeServerAsn = 65002;
/** What the routers are towards the route servers. */
export const clientAsn = 65003;
export const ownAsn = 64496;
export const transitAsn = 64511;

export const holdTimeSeconds = 6;
export const routeLimit = 10;
/** Where VIPs come from: all that the route servers take from web nodes, as host routes. */
export const vipRange = '2001:db8:30::/64';
export const networks = '2001:db8::/40';

const coreNetwork = '2001:db8:1::';
export const transitNetwork = '2001:db8:1000::';

export interface WebNode {
  readonly name: string;
  readonly address: string;
  /** The router it is behind. */
  readonly router: string;
  readonly routerId: string;
  /** The VIPs it announces, the one it is best at first. */
  readonly vips: readonly string[];
}

const [vip1, vip2, vip3] = ['2001:db8:30::1', '2001:db8:30::2', '2001:db8:30::3'] as const;

export const vips: readonly string[] = [vip1, vip2, vip3];

/** Metrics count up from 100 along `vips`. */
export const webNodes: readonly WebNode[] = [
  web({ number: 1, router: 6, vips: [vip3, vip2, vip1] }),
  web({ number: 2, router: 7, vips: [vip2, vip1, vip3] }),
  web({ number: 3, router: 8, vips: [vip1, vip3, vip2] }),
];

/** Routers that hear the route servers, and speak OSPF among themselves. */
export const routers = ['er2', 'er3', 'dr6', 'dr7', 'dr8'] as const;
export type RouterName = (typeof routers)[number];

export const edgeRouters: readonly string[] = ['er2', 'er3'];

export const rs4 = `${coreNetwork}4`;
export const rs5 = '2001:db8:8::5';

/** A router's address in the core; its number is the last of its name. */
export function coreAddress(node: string): string {
  return `${coreNetwork}${numberOf(node)}`;
}

/** A router's address on the LAN behind it. */
export function lanAddress(node: string): string {
  return `${lanOf(node)}${numberOf(node)}`;
}

function lanOf(node: string): string {
  return `2001:db8:${numberOf(node)}::`;
}

export function numberOf(node: string): string {
  return node.slice(-1);
}

function web(options: {
  readonly number: number;
  readonly router: number;
  readonly vips: readonly string[];
}): WebNode {
  const { number, router } = options;
  return {
    name: `w${number}`,
    address: `2001:db8:${router}::1${number}`,
    router: `dr${router}`,
    routerId: `1.1.1.1${number}`,
    vips: options.vips,
  };
}
