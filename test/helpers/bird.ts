import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Namespace } from './namespace.ts';
import { waitFor } from './wait.ts';

/** A route as BIRD holds it. */
export interface LearnedRoute {
  readonly med: number | undefined;
  readonly localPreference: number | undefined;
  /** `65000:1`, in BIRD's order. */
  readonly communities: readonly string[];
  /** As BIRD writes them: `(65000, 1, 2)` and `(rt, 65000, 1)`. */
  readonly largeCommunities: string;
  readonly extendedCommunities: string;
  readonly asPath: string;
}

/** A change of what the router holds of one VIP, in the order in which it happened. */
export interface RouteChange {
  /** A prefix without its length. */
  readonly vip: string;
  /** Whose route changed. */
  readonly speaker: string;
  readonly kind: 'announced' | 'changed' | 'withdrawn';
  /** All speakers that have a route to it after this change, sorted. */
  readonly carriers: readonly string[];
}

/** A real router: BIRD, which waits for ExaBGP to connect. */
export interface Bird {
  readonly address: string;
  /** Every change of a route since its start, as its own log of events has them; one sent again unchanged is none. */
  changes(): readonly RouteChange[];
  /** The route to a prefix, or undefined. */
  route(prefix: string): Promise<LearnedRoute | undefined>;
  /** How many routes it has learned. */
  routeCount(): Promise<number>;
  /** Closes the first speaker's BGP session and refuses new ones. */
  disable(): Promise<void>;
  enable(): Promise<void>;
}

export interface BirdOptions {
  readonly namespace: Namespace;
  /** Its own address; also the neighbor's name for ExaBGP. */
  readonly address: string;
  readonly asn: number;
  /** At least one. A name is a word of BIRD's configuration. */
  readonly speakers: readonly {
    readonly name: string;
    readonly address: string;
    readonly asn: number;
  }[];
}

/** Starts BIRD as a passive neighbor; resolves when it answers its control socket. */
export async function startBird(options: BirdOptions): Promise<Bird> {
  const { namespace, address, asn, speakers } = options;
  const file = (suffix: string) => join(namespace.directory, `bird-${address}.${suffix}`);
  const protocols = speakers.map(
    (speaker) => `protocol bgp ${speaker.name} {
  debug { routes };
  local ${address} as ${asn};
  neighbor ${speaker.address} as ${speaker.asn};
  multihop;
  passive on;
  strict bind on;
  hold time 60;
  graceful restart off;
  ipv4 { import all; export none; };
  ipv6 { import all; export none; };
}
`,
  );
  const head = `router id ${address};\nlog stderr all;\nprotocol device {}\n`;
  writeFileSync(file('conf'), [head, ...protocols].join(''));
  const args = ['-f', '-c', file('conf'), '-s', file('ctl'), '-P', file('pid')];
  namespace.run('/usr/sbin/bird', args, { logFile: file('log') });
  const ask = (...words: string[]) => birdc(file('ctl'), words);
  await waitFor(() => ask('show', 'status').then((text) => text.includes('up and running')), {
    what: `BIRD ${address} to run`,
  });
  const first = speakers[0]?.name ?? '';
  return {
    address,
    changes: () => parseChanges(readFileSync(file('log'), 'utf8')),
    route: async (prefix) => parseRoute(await ask('show', 'route', prefix, 'all')),
    async routeCount() {
      const text = await ask('show', 'route', 'count');
      return [...text.matchAll(/^(\d+) of \d+ routes/gm)].reduce(
        (sum, [, n]) => sum + Number(n),
        0,
      );
    },
    disable: async () => void (await ask('disable', first)),
    enable: async () => void (await ask('enable', first)),
  };
}

async function birdc(socket: string, words: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)('/usr/sbin/birdc', ['-s', socket, ...words])).stdout;
  } catch {
    // Not there yet; whoever waits asks again.
    return '';
  }
}

function parseRoute(text: string): LearnedRoute | undefined {
  if (!text.includes('BGP.as_path')) return undefined;
  const value = (name: string) => new RegExp(`BGP\\.${name}: (.*)`).exec(text)?.[1];
  const number = (name: string) => {
    const digits = value(name);
    return digits === undefined ? undefined : Number(digits);
  };
  return {
    med: number('med'),
    localPreference: number('local_pref'),
    communities: [...(value('community') ?? '').matchAll(/\((\d+),(\d+)\)/g)].map(
      ([, high, low]) => `${high}:${low}`,
    ),
    largeCommunities: value('large_community') ?? '',
    extendedCommunities: value('ext_community') ?? '',
    asPath: (value('as_path') ?? '').trim(),
  };
}

/** Reads BIRD's trace of what it takes from its neighbors; a route that is sent again unchanged is `ignored` there. */
function parseChanges(log: string): readonly RouteChange[] {
  const carriers = new Map<string, ReadonlySet<string>>();
  const changes: RouteChange[] = [];
  for (const [, speaker = '', what, vip = ''] of log.matchAll(
    /(\w+)\.ipv[46] > (added|removed).* (\S+)\/(?:32|128) /g,
  )) {
    const before = carriers.get(vip) ?? new Set();
    const after = new Set(before);
    if (what === 'added') after.add(speaker);
    else after.delete(speaker);
    carriers.set(vip, after);
    const kind = what === 'removed' ? 'withdrawn' : before.has(speaker) ? 'changed' : 'announced';
    changes.push({ vip, speaker, kind, carriers: [...after].sort() });
  }
  return changes;
}
