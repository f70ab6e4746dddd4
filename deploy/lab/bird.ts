import { birdc, startBird, waitForBird } from './bird-daemon.ts';
import {
  type Family,
  families,
  holdTimeSeconds,
  hostLength,
  type LoadBalancer,
  type LoadBalancerName,
  leafLink,
  loadBalancers,
  spineAsn,
  spineLink,
  vipRanges,
} from './plan.ts';
import type { Run } from './run.ts';
import { waitFor } from './wait.ts';

const isShuttingDown = '(65535, 0) ~ bgp_community';

/** Starts the routers: one BIRD on the spine and on each leaf, AS by AS as in seed 003. */
export async function startRouters(run: Run): Promise<void> {
  startBird(run, 'spine', spineConfig());
  await startLeaves(run);
  await waitForBird(run, 'spine');
  const options = { what: 'BGP between spine and leaves', timeoutMs: 30_000, pollMs: 100 };
  await waitFor(() => countEstablished(run) === loadBalancers.length * families.length, options);
}

/** Starts BIRD on every leaf, and waits until it answers. */
export async function startLeaves(run: Run): Promise<void> {
  for (const loadBalancer of loadBalancers) {
    startBird(run, loadBalancer.leaf, leafConfig(loadBalancer));
  }
  for (const { leaf } of loadBalancers) await waitForBird(run, leaf);
}

/** Every path to a VIP that the spine knows: VIP to the LBs it leads to. */
export function readSpinePaths(run: Run): ReadonlyMap<string, readonly LoadBalancerName[]> {
  return readPaths(run, 'true');
}

/** Those of them that are about to go, by the community of RFC 8326. */
export function readLeavingPaths(run: Run): ReadonlyMap<string, readonly LoadBalancerName[]> {
  return readPaths(run, isShuttingDown);
}

function readPaths(run: Run, filter: string): ReadonlyMap<string, readonly LoadBalancerName[]> {
  const paths = new Map<string, LoadBalancerName[]>();
  for (const family of families) {
    const table = family === 'ipv4' ? 'master4' : 'master6';
    const condition = `net ~ [ ${vipRanges[family]}+ ] && ${filter}`;
    const text = birdc(run, 'spine', `show route table ${table} where ${condition}`);
    for (const [vip, name] of parsePaths(text)) paths.set(vip, [...(paths.get(vip) ?? []), name]);
  }
  return paths;
}

/** Reads BIRD's table: `10.20.255.1/32 unicast [leaf1_ipv4 12:00:00] * (100) [AS65141i]`, next paths without net. */
export function parsePaths(text: string): readonly (readonly [string, LoadBalancerName])[] {
  const found: [string, LoadBalancerName][] = [];
  let vip = '';
  for (const line of text.split('\n')) {
    const match = /^(\S+)?\s+unicast \[leaf(\d)_/.exec(line);
    if (match === null) continue;
    vip = match[1]?.split('/')[0] ?? vip;
    const owner = loadBalancers.find(({ rack }) => rack === Number(match[2]));
    if (owner !== undefined) found.push([vip, owner.name]);
  }
  return found;
}

function countEstablished(run: Run): number {
  return birdc(run, 'spine', 'show protocols').split('Established').length - 1;
}

function spineConfig(): string {
  const sessions = loadBalancers.flatMap((loadBalancer) =>
    families.map((family) => {
      const { far, near } = spineLink(loadBalancer.rack)[family];
      return session({
        name: `${loadBalancer.leaf}_${family}`,
        family,
        local: `${far} as ${spineAsn}`,
        neighbor: `${near} as ${loadBalancer.leafAsn}`,
        accepts: acceptVips(family),
        exports: 'proto = "default_ipv4" || proto = "default_ipv6"',
      });
    }),
  );
  return [
    preamble('10.20.0.1'),
    // The spine offers leaves a default route, as spines do; it has no use for one itself.
    'protocol static default_ipv4 { ipv4; route 0.0.0.0/0 unreachable; }',
    'protocol static default_ipv6 { ipv6; route ::/0 unreachable; }',
    ...sessions,
  ].join('\n');
}

function leafConfig({ rack, leafAsn, asn }: LoadBalancer): string {
  const sessions = families.flatMap((family) => {
    const spine = spineLink(rack)[family];
    const lb = leafLink(rack)[family];
    return [
      session({
        name: `spine_${family}`,
        family,
        local: `${spine.near} as ${leafAsn}`,
        neighbor: `${spine.far} as ${spineAsn}`,
        accepts: 'accept;',
        exports: onlyVips(family),
      }),
      session({
        name: `lb_${family}`,
        family,
        local: `${lb.far} as ${leafAsn}`,
        neighbor: `${lb.near} as ${asn}`,
        accepts: acceptVips(family),
        exports: 'false',
        isPassive: true,
      }),
    ];
  });
  return [preamble(`10.20.${rack}.2`), ...sessions].join('\n');
}

/** Times are short so that sessions come back quickly after a fault; hold time is the issue's. */
function preamble(routerId: string): string {
  return `
log "bird.log" all;
router id ${routerId};
protocol device { scan time 10; }
template bgp fabric {
  hold time ${holdTimeSeconds};
  keepalive time ${holdTimeSeconds / 3};
  connect delay time 1;
  connect retry time 2;
  error wait time 1, 2;
  error forget time 4;
  startup hold time 10;
}
${families.map((family) => kernel(family)).join('\n')}
`;
}

function kernel(family: Family): string {
  return `protocol kernel kernel_${family} {
  merge paths on limit 16;
  ${family} { import none; export where dest = RTD_UNICAST; };
}`;
}

function session(options: {
  readonly name: string;
  readonly family: Family;
  readonly local: string;
  readonly neighbor: string;
  readonly accepts: string;
  readonly exports: string;
  readonly isPassive?: boolean;
}): string {
  return `protocol bgp ${options.name} from fabric {
  local ${options.local};
  neighbor ${options.neighbor};
  ${options.isPassive === true ? 'passive on;' : ''}
  graceful restart off;
  ${options.family} { next hop self; import filter { ${options.accepts} }; export where ${options.exports}; };
}`;
}

/** As RFC 8326 asks of every AS: what is about to go is the last choice, and stays one at the next router. */
function acceptVips(family: Family): string {
  return `
    if !(${onlyVips(family)}) then reject;
    if ${isShuttingDown} then bgp_local_pref = 0;
    accept;`;
}

function onlyVips(family: Family): string {
  const length = hostLength[family];
  return `net ~ [ ${vipRanges[family]}{${length},${length}} ]`;
}
