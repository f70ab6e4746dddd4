import { birdc } from '../bird-daemon.ts';
import { vtysh } from '../frr.ts';
import { ipIn } from '../namespaces.ts';
import type { Run } from '../run.ts';
import { routers, vipRange, vips, webNodes } from './plan.ts';

/** A route to a VIP that a route server has from a web node. */
export interface Offer {
  readonly vip: string;
  readonly node: string;
  readonly med: number;
  readonly isBest: boolean;
}

/**
 * The seed's table: `2001:db8:30::1 102 101 100 W3 W2` is a VIP, the metrics of W1, W2 and W3, the node whose route is
 * the best, and the one that would be next.
 */
export function tableOf(offers: readonly Offer[]): readonly string[] {
  return vips.map((vip) => {
    const own = offers.filter((offer) => offer.vip === vip);
    const medOf = ({ name }: { readonly name: string }) =>
      own.find(({ node }) => node === name)?.med ?? '-';
    const best = own.find(({ isBest }) => isBest)?.node ?? '-';
    const others = own.filter(({ isBest }) => !isBest).sort((one, other) => one.med - other.med);
    const named = [best, others[0]?.node ?? '-'].map((node) => node.toUpperCase());
    return [vip, ...webNodes.map(medOf), ...named].join(' ');
  });
}

/** What RS4, which is BIRD, has. */
export function offersOfRs4(run: Run): readonly Offer[] {
  return parseBirdOffers(birdc(run, 'rs4', `show route all where net ~ [ ${vipRange}+ ]`));
}

/** Reads a line for each route, `2001:db8:30::1/128 unicast [W3 22:07:00.000 from ...] * (100/20) [AS65001i]`, and its MED. */
export function parseBirdOffers(text: string): readonly Offer[] {
  const offers: Offer[] = [];
  let vip = '';
  let route: Omit<Offer, 'med'> | undefined;
  for (const line of text.split('\n')) {
    const head = /^(\S+)?\s+unicast \[(W\d) [^\]]*\]( \*)?/.exec(line);
    if (head !== null) {
      vip = head[1]?.split('/')[0] ?? vip;
      route = { vip, node: (head[2] ?? '').toLowerCase(), isBest: head[3] !== undefined };
    }
    const med = /^\s+BGP\.med: (\d+)/.exec(line);
    if (med !== null && route !== undefined) offers.push({ ...route, med: Number(med[1]) });
  }
  return offers;
}

interface FrrPath {
  readonly bestpath?: boolean;
  readonly metric?: number;
  readonly nexthops: readonly { readonly ip: string }[];
}

/** What RS5, which is FRR, has. */
export function offersOfRs5(run: Run): readonly Offer[] {
  const text = vtysh(run, 'rs5', 'show bgp view EXABGP ipv6 unicast json');
  const { routes = {} } = JSON.parse(text) as {
    readonly routes?: Record<string, readonly FrrPath[]>;
  };
  return Object.entries(routes).flatMap(([prefix, paths]) =>
    paths.map(({ bestpath, metric, nexthops }) => ({
      vip: prefix.split('/')[0] ?? '',
      node: webNodes.find(({ address }) => address === nexthops[0]?.ip)?.name ?? '?',
      med: metric ?? 0,
      isBest: bestpath === true,
    })),
  );
}

/** Where a router forwards a VIP: `2001:db8:30::1 dr8`, or the web node itself when it is behind that router. */
export function forwardingOf(run: Run, node: string): readonly string[] {
  const names = new Map<string, string>([
    ...routers.map((router) => [linkLocalOf(run, router), router] as const),
    ...webNodes.map(({ address, name }) => [address, name] as const),
  ]);
  return vips.map((vip) => {
    const line = ipIn(run, node, '-6', 'route', 'show', `${vip}/128`);
    const via = /via (\S+)/.exec(line)?.[1] ?? '';
    return `${vip} ${names.get(via) ?? 'nowhere'}`;
  });
}

function linkLocalOf(run: Run, router: string): string {
  const text = ipIn(run, router, '-6', '-o', 'address', 'show', 'dev', 'core', 'scope', 'link');
  return /inet6 ([^/]+)\//.exec(text)?.[1] ?? '';
}
