import { startFrr, vtysh } from '../frr.ts';
import {
  families,
  hostLength,
  loadBalancers,
  spineAsn,
  spineLink,
  vipRanges,
  vips,
} from '../plan.ts';
import type { Run } from '../run.ts';
import { waitFor } from '../wait.ts';

/**
 * Starts FRR on the spine, in the place of BIRD: out of the box it takes equal paths for equal only within one
 * neighboring AS, as the switches of the seed do, and then keeps the oldest.
 */
export async function startSpine(run: Run): Promise<void> {
  await startFrr(run, 'spine', { bgp: spineConfig(), isRouter: true });
  const options = { what: 'BGP between spine and leaves', timeoutMs: 30_000, pollMs: 100 };
  await waitFor(() => countSessions(run) === loadBalancers.length * families.length, options);
}

/** Has the spine spread flows over paths of several ASes as well. */
export function relaxMultipath(run: Run): void {
  const lines = [`router bgp ${spineAsn}`, 'bgp bestpath as-path multipath-relax'];
  vtysh(run, 'spine', 'configure terminal', ...lines);
}

/** A path that the spine has to a VIP, as FRR tells it: a route that came without a MED has no metric. */
export interface Path {
  readonly metric?: number;
}

/** What the spine knows of each VIP. */
export function readPaths(run: Run): ReadonlyMap<string, readonly Path[]> {
  const all = families.flatMap((family) => {
    const text = vtysh(run, 'spine', `show bgp ${family} unicast json`);
    const { routes = {} } = JSON.parse(text) as { readonly routes?: Record<string, Path[]> };
    return Object.entries(routes);
  });
  const known = new Map(all);
  return new Map(
    vips.map(({ address, family }) => [
      address,
      known.get(`${address}/${hostLength[family]}`) ?? [],
    ]),
  );
}

function countSessions(run: Run): number {
  const texts = families.map((family) =>
    vtysh(run, 'spine', `show bgp ${family} unicast summary established json`),
  );
  return texts.join('').split('"state":"Established"').length - 1;
}

function spineConfig(): string {
  const neighborsOf = (family: 'ipv4' | 'ipv6') =>
    loadBalancers.map(({ rack, leafAsn }) => ({ address: spineLink(rack)[family].near, leafAsn }));
  const sessions = families.flatMap(neighborsOf).map(
    ({ address, leafAsn }) => ` neighbor ${address} remote-as ${leafAsn}
 neighbor ${address} timers connect 1
 neighbor ${address} advertisement-interval 0`,
  );
  const activations = families.map((family) => {
    const lines = neighborsOf(family).map(
      ({ address }) => `  neighbor ${address} activate
  neighbor ${address} default-originate
  neighbor ${address} prefix-list VIPS in`,
    );
    return ` address-family ${family} unicast\n${lines.join('\n')}\n exit-address-family`;
  });
  return `ip prefix-list VIPS permit ${vipRanges.ipv4} ge 32
ipv6 prefix-list VIPS permit ${vipRanges.ipv6} ge 128
router bgp ${spineAsn}
 bgp router-id 10.20.0.1
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
${sessions.join('\n')}
${activations.join('\n')}
`;
}
