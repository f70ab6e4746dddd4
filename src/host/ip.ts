import { execa } from 'execa';
import type { Clock } from '../core/clock.ts';
import { isVip, parseVip, type Vip } from '../core/vip.ts';

/** The answer of a program. */
export interface Ran {
  /** Undefined: it did as asked. */
  readonly failure: string | undefined;
  readonly stdout: string;
}

/** Runs a program to its end; resolves to a failure when that takes too long. Never rejects. */
export type Run = (program: string, args: readonly string[], stdin: string) => Promise<Ran>;

/** An address as the interface has it. */
export interface Present {
  readonly vip: Vip;
  /** IPv4 alone has labels. */
  readonly label: string | undefined;
}

export interface IpOptions {
  readonly interface: string;
  /** In full, as `lo:vip`. */
  readonly label: string | undefined;
  readonly sudo: boolean;
}

/** Addresses of one interface, by `ip` of iproute2. */
export interface Ip {
  /** What is there; a text says why that is not known. */
  list(): Promise<readonly Present[] | string>;
  /** Takes away and adds as much of this as it can. Undefined: all was done; else what went wrong first. */
  change(removed: readonly Vip[], added: readonly Vip[]): Promise<string | undefined>;
}

/** Longest wait for one run. */
const defaultTimeoutMs = 2_000;

/** Makes the way to an interface's addresses. All changes go to one `ip` at a time, as lines on its stdin. */
export function createIp(options: IpOptions, run: Run): Ip {
  const device = `dev ${options.interface}`;
  const [program, ...prefix] = options.sudo ? (['sudo', '-n', 'ip'] as const) : (['ip'] as const);
  return {
    async list() {
      const { failure, stdout } = await run(
        'ip',
        ['-j', 'address', 'show', 'dev', options.interface],
        '',
      );
      return failure === undefined ? parseAddresses(stdout) : explain(failure);
    },
    async change(removed, added) {
      const lines = [
        ...removed.map((vip) => `address del ${vip} ${device}`),
        ...added.map((vip) => `address add ${vip} ${device}${extraOf(vip, options.label)}`),
      ];
      // One that fails must not keep the others from being done.
      const args = [...prefix, '-force', '-batch', '-'];
      const { failure } = await run(program, args, `${lines.join('\n')}\n`);
      return failure === undefined ? undefined : explain(failure);
    },
  };
}

function extraOf(vip: Vip, label: string | undefined): string {
  // Until another host on the link was asked (RFC 4862 §5.4), an address would not work; a VIP is on several on purpose.
  if (vip.includes(':')) return ' nodad';
  return label === undefined ? '' : ` label ${label}`;
}

/** Reads what `ip -j address show` prints; a text says what is wrong with it. */
export function parseAddresses(text: string): readonly Present[] | string {
  let links: unknown;
  try {
    links = JSON.parse(text);
  } catch {
    return 'ip does not speak JSON; it takes iproute2 4.13 or newer';
  }
  const addresses = (Array.isArray(links) ? links : []).flatMap((link: unknown) =>
    isObject(link) && Array.isArray(link['addr_info']) ? (link['addr_info'] as unknown[]) : [],
  );
  return addresses.flatMap((address): readonly Present[] => {
    if (!isObject(address)) return [];
    const { local, prefixlen, label } = address;
    const vip = parseVip(`${String(local)}/${String(prefixlen)}`);
    if (!isVip(vip)) return [];
    return [{ vip, label: typeof label === 'string' ? label : undefined }];
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

const fixes: readonly (readonly [RegExp, string])[] = [
  [/not permitted|Permission denied/, 'the agent needs CAP_NET_ADMIN for that, or host.sudo: true'],
  [
    /sudo: .*(password|terminal|not allowed|may not run)/,
    'let the user of the agent run ip by sudo without a password',
  ],
  [/Cannot find device|does not exist/, 'make the interface, or correct host.interface'],
  [/ENOENT/, 'install it'],
];

function explain(failure: string): string {
  const fix = fixes.find(([pattern]) => pattern.test(failure))?.[1];
  return fix === undefined ? failure : `${failure}; ${fix}`;
}

/** Runs real programs. @param timeoutMs how long one may take. */
export function createRun(clock: Clock, timeoutMs = defaultTimeoutMs): Run {
  return (program, args, stdin) =>
    new Promise((resolve) => {
      const child = execa(program, args, {
        input: stdin,
        reject: false,
        maxBuffer: 16 * 1024 * 1024,
      });
      // A program that runs as root by sudo may not be ours to kill, so nobody waits for its end.
      const cancel = clock.setTimer(timeoutMs, () => {
        child.kill('SIGKILL');
        resolve({ failure: `${program} did not end within ${timeoutMs} ms`, stdout: '' });
      });
      void child.then(({ failed, stdout, stderr, originalMessage, exitCode }) => {
        cancel();
        const words = stderr.trim().split('\n')[0] || originalMessage || `exit code ${exitCode}`;
        resolve({ failure: failed ? `${program}: ${words}` : undefined, stdout });
      });
    });
}
