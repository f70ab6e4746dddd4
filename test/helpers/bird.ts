import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
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
  readonly asPath: string;
}

/** A real router: BIRD, which waits for ExaBGP to connect. */
export interface Bird {
  readonly address: string;
  /** The route to a prefix, or undefined. */
  route(prefix: string): Promise<LearnedRoute | undefined>;
  /** How many routes it has learned. */
  routeCount(): Promise<number>;
  /** Closes the BGP session and refuses new ones. */
  disable(): Promise<void>;
  enable(): Promise<void>;
}

export interface BirdOptions {
  readonly namespace: Namespace;
  /** Its own address; also the neighbor's name for ExaBGP. */
  readonly address: string;
  readonly asn: number;
  readonly speaker: { readonly address: string; readonly asn: number };
}

/** Starts BIRD as a passive neighbor; resolves when it answers its control socket. */
export async function startBird(options: BirdOptions): Promise<Bird> {
  const { namespace, address, asn, speaker } = options;
  const file = (suffix: string) => join(namespace.directory, `bird-${address}.${suffix}`);
  writeFileSync(
    file('conf'),
    `router id ${address};
log stderr all;
protocol device {}
protocol bgp lb {
  local ${address} as ${asn};
  neighbor ${speaker.address} as ${speaker.asn};
  multihop;
  passive on;
  strict bind on;
  hold time 60;
  ipv4 { import all; export none; };
  ipv6 { import all; export none; };
}
`,
  );
  const args = ['-f', '-c', file('conf'), '-s', file('ctl'), '-P', file('pid')];
  namespace.run('/usr/sbin/bird', args, { logFile: file('log') });
  const ask = (...words: string[]) => birdc(file('ctl'), words);
  await waitFor(() => ask('show', 'status').then((text) => text.includes('up and running')), {
    what: `BIRD ${address} to run`,
  });
  return {
    address,
    route: async (prefix) => parseRoute(await ask('show', 'route', prefix, 'all')),
    async routeCount() {
      const text = await ask('show', 'route', 'count');
      return [...text.matchAll(/^(\d+) of \d+ routes/gm)].reduce(
        (sum, [, n]) => sum + Number(n),
        0,
      );
    },
    disable: async () => void (await ask('disable', 'lb')),
    enable: async () => void (await ask('enable', 'lb')),
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
    asPath: (value('as_path') ?? '').trim(),
  };
}
