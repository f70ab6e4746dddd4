import { contains, isVip, parseVip } from '../core/vip.ts';

/**
 * The options of ExaBGP's healthcheck, by the names that its config files give them; each text as it was written. Those of
 * 4.2.21 and those that main has besides.
 */
export interface HealthcheckOptions {
  readonly name?: string;
  readonly silent?: boolean;
  readonly 'syslog-facility'?: string;
  readonly 'no-syslog'?: boolean;
  readonly 'no-ack'?: boolean;
  readonly sudo?: boolean;
  readonly debug?: boolean;
  readonly pid?: string;
  readonly user?: string;
  readonly group?: string;
  readonly interval?: string;
  readonly 'fast-interval'?: string;
  readonly timeout?: string;
  readonly rise?: string;
  readonly fall?: string;
  readonly disable?: string;
  readonly command?: string;
  readonly 'next-hop'?: string;
  readonly ip?: readonly string[];
  readonly 'ip-ifname'?: readonly string[];
  readonly 'local-preference'?: string;
  readonly 'deaggregate-networks'?: boolean;
  readonly 'no-ip-setup'?: boolean;
  readonly 'dynamic-ip-setup'?: boolean;
  readonly label?: string;
  readonly 'label-exact-match'?: boolean;
  readonly 'start-ip'?: string;
  readonly 'up-metric'?: string;
  readonly 'down-metric'?: string;
  readonly 'disabled-metric'?: string;
  readonly increase?: string;
  readonly community?: string;
  readonly 'extended-community'?: string;
  readonly 'large-community'?: string;
  readonly 'disabled-community'?: string;
  readonly 'as-path'?: string;
  readonly 'up-as-path'?: string;
  readonly 'down-as-path'?: string;
  readonly 'disabled-as-path'?: string;
  readonly 'withdraw-on-down'?: boolean;
  readonly 'path-id'?: string;
  readonly neighbor?: readonly string[];
  readonly debounce?: boolean;
  readonly execute?: readonly string[];
  readonly 'up-execute'?: readonly string[];
  readonly 'down-execute'?: readonly string[];
  readonly 'disabled-execute'?: readonly string[];
}

/** A file of ours as data, and what could not be said in it. */
export interface Translated {
  readonly data: Readonly<Record<string, unknown>>;
  readonly notes: readonly string[];
}

type State = 'up' | 'down' | 'disabled';

/** What healthcheck does where nothing is said. */
const defaults = {
  interval: '5',
  'fast-interval': '1',
  timeout: '5',
  rise: '3',
  fall: '3',
  'start-ip': '0',
  increase: '1',
  'up-metric': '100',
  'down-metric': '1000',
  'disabled-metric': '500',
} as const;
const longestTimeout = '1h';
/** A network of more addresses is hardly meant, and ExaBGP could not carry it. */
const deaggregatedMax = 4_096;

/** Says what healthcheck's options mean as a file of ours, standalone. What is wrong in them, loading that file tells. */
export function translateHealthcheck(options: HealthcheckOptions): Translated {
  const notes: string[] = [];
  const name = options.name ?? 'healthcheck';
  const service = name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'service';
  if (service !== name && options.name !== undefined)
    notes.push(`name: ${name} becomes the service ${service}`);
  const owns = vipsOf(options, notes);
  const hook = hookOf(options);
  const data = {
    exabgp: exabgpOf(options),
    host: hostOf(options, notes),
    hooks: hook && { timeout: longestTimeout, onState: hook },
    user: options.user,
    group: options.group,
    log: logOf(options),
    bgp: { require: 'off' },
    services: {
      [service]: {
        owns,
        disable: options.disable,
        checks: [checkOf(options)],
        announce: announceOf(options, owns.length),
      },
    },
  };
  return { data: pruned(data), notes };
}

/** An interval in seconds; 0 means: once. */
export function isOnce({ interval = defaults.interval }: HealthcheckOptions): boolean {
  return Number(interval) === 0;
}

function exabgpOf(options: HealthcheckOptions): object {
  const seconds = Number(options.interval ?? defaults.interval);
  const repeats = options.debounce !== true && seconds >= 1;
  return {
    acks: options['no-ack'] === true ? 'off' : 'on',
    refresh: repeats ? secondsText(String(seconds)) : 'off',
  };
}

function logOf(options: HealthcheckOptions): object {
  const hasSyslog = options['no-syslog'] !== true && options.debug !== true;
  return {
    level: options.debug === true ? 'debug' : undefined,
    silent: options.silent === true ? 'true' : undefined,
    syslog: hasSyslog ? (options['syslog-facility'] ?? 'daemon').toLowerCase() : undefined,
  };
}

function hostOf(options: HealthcheckOptions, notes: string[]): object {
  const dynamic = options['dynamic-ip-setup'] === true;
  const addresses = dynamic ? 'dynamic' : options['no-ip-setup'] === true ? 'off' : 'static';
  const interfaces = new Set(
    (options['ip-ifname'] ?? []).map((pair) => pair.slice(pair.indexOf('%') + 1)),
  );
  if (interfaces.size > 1)
    notes.push('ip-ifname: one agent sets addresses on one interface, the first that is named');
  const [device] = interfaces;
  return {
    addresses,
    interface: device,
    label: options.label,
    sudo: options.sudo === true ? 'true' : undefined,
  };
}

function checkOf(options: HealthcheckOptions): object {
  const { command, rise = defaults.rise, fall = defaults.fall } = options;
  const timeout = options.timeout ?? defaults.timeout;
  // An interval of 0 ends the agent after the first verdict, before it could matter.
  const interval = isOnce(options) ? undefined : (options.interval ?? defaults.interval);
  return {
    ...(command === undefined ? { always: 'up' } : { exec: command }),
    interval: interval === undefined ? undefined : secondsText(interval),
    fastInterval: secondsText(options['fast-interval'] ?? defaults['fast-interval']),
    timeout: Number(timeout) === 0 ? longestTimeout : secondsText(timeout),
    rise: Number(rise) < 1 ? '1' : rise,
    fall: Number(fall) < 1 ? '1' : fall,
  };
}

function announceOf(options: HealthcheckOptions, vipCount: number): object {
  const start = Number(options['start-ip'] ?? defaults['start-ip']);
  const index = vipCount === 0 ? 0 : ((start % vipCount) + vipCount) % vipCount;
  const isDegraded = options['withdraw-on-down'] !== true;
  return {
    startIndex: Number.isNaN(index) ? options['start-ip'] : index === 0 ? undefined : String(index),
    neighbors: options.neighbor?.includes('*') === true ? undefined : options.neighbor,
    owner: attributesOf(options, 'up'),
    down: isDegraded ? attributesOf(options, 'down') : undefined,
    disabled:
      isDegraded && options.disable !== undefined ? attributesOf(options, 'disabled') : undefined,
  };
}

function attributesOf(options: HealthcheckOptions, state: State): object {
  const ofSick = state === 'up' ? undefined : options['disabled-community'];
  const preference = options['local-preference'];
  const pathId = options['path-id'];
  return {
    nextHop: options['next-hop'],
    med: options[`${state}-metric`] ?? defaults[`${state}-metric`],
    medPerVip: options.increase ?? defaults.increase,
    localPreference: Number(preference) < 0 ? undefined : preference,
    communities: words(ofSick ?? options.community),
    extendedCommunities: words(options['extended-community']),
    largeCommunities: words(options['large-community']),
    asPath: words(options[`${state}-as-path`] ?? options['as-path']),
    pathInformation: Number(pathId) === 0 ? undefined : pathId,
  };
}

/** One command for the shell: each in a shell of its own, those of the state first, as healthcheck runs them. */
function hookOf(options: HealthcheckOptions): string | undefined {
  const states: readonly State[] = ['up', 'down', 'disabled'];
  const ofStates = states.flatMap((state) =>
    (options[`${state}-execute`] ?? []).map(
      (command) => `if [ "$STATE" = ${state.toUpperCase()} ]; then (\n${command}\n) fi`,
    ),
  );
  const ofAll = (options.execute ?? []).map((command) => `(\n${command}\n)`);
  const all = [...ofStates, ...ofAll];
  return all.length === 0 ? undefined : all.join('\n');
}

function vipsOf(options: HealthcheckOptions, notes: string[]): readonly string[] {
  const ips = options.ip ?? [];
  const all = options['deaggregate-networks'] === true ? ips.flatMap(addressesOf) : ips;
  const seen = new Set<string>();
  return all.filter((text) => {
    const vip = parseVip(text);
    if (isVip(vip) && seen.has(vip)) {
      notes.push(`ip: ${text} is there twice; the first one counts`);
      return false;
    }
    seen.add(vip);
    return true;
  });
}

/** Every address of a network; what is none, or too large, stays as it is, for loading to judge. */
function addressesOf(text: string): readonly string[] {
  const vip = parseVip(text);
  if (!isVip(vip)) return [text];
  const [address = '', length = ''] = vip.split('/');
  const bits = (vip.includes(':') ? 128 : 32) - Number(length);
  if (2 ** bits > deaggregatedMax) return [text];
  const first = numberOf(address);
  return Array.from({ length: 2 ** bits }, (_, index) =>
    addressText(first + BigInt(index), vip.includes(':')),
  ).filter((each) => {
    const one = parseVip(each);
    return isVip(one) && contains(vip, one);
  });
}

function numberOf(address: string): bigint {
  if (!address.includes(':'))
    return address.split('.').reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
  const [front = '', back] = address.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const [head, tail] = [groups(front), groups(back ?? '')];
  const zeros = Array<string>(8 - head.length - tail.length).fill('0');
  return [...head, ...zeros, ...tail].reduce(
    (sum, group) => sum * 65_536n + BigInt(`0x${group}`),
    0n,
  );
}

function addressText(value: bigint, isIpv6: boolean): string {
  const [count, size, radix, mark] = isIpv6 ? [8, 16, 16, ':'] : [4, 8, 10, '.'];
  return Array.from({ length: Number(count) }, (_, index) => {
    const shift = BigInt((Number(count) - 1 - index) * Number(size));
    return ((value >> shift) & ((1n << BigInt(size)) - 1n)).toString(Number(radix));
  }).join(String(mark));
}

function words(text: string | undefined): readonly string[] | undefined {
  const list = text?.split(/[\s,[\]]+/).filter((word) => word !== '') ?? [];
  return list.length === 0 ? undefined : list;
}

/** `0.5` as `500ms`; what is no number stays as it is. */
function secondsText(text: string): string {
  const seconds = Number(text);
  if (!Number.isFinite(seconds)) return text;
  const ms = Math.round(seconds * 1_000);
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`;
}

/** Without what is not said. */
function pruned(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return JSON.parse(JSON.stringify(value)) as Readonly<Record<string, unknown>>;
}
