import type { HealthcheckOptions } from '../config/healthcheck.ts';
import { type Flag, parsePythonArguments, UsageError } from './python-arguments.ts';

/** What healthcheck's command line asks for. */
export type HealthcheckRequest =
  | { readonly kind: 'run'; readonly options: HealthcheckOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly detail: string };

type Target = keyof HealthcheckOptions | 'help' | 'config';

const short: Readonly<Partial<Record<Target, readonly string[]>>> = {
  help: ['-h'],
  silent: ['-s'],
  'syslog-facility': ['-sF'],
  'no-ack': ['-a'],
  debug: ['-d'],
  name: ['-n'],
  config: ['-F'],
  pid: ['-p'],
  interval: ['-i'],
  'fast-interval': ['-f'],
  timeout: ['-t'],
  command: ['-c', '--cmd'],
  'next-hop': ['-N'],
};

const switches: readonly Target[] = [
  'help',
  'silent',
  'no-syslog',
  'no-ack',
  'sudo',
  'debug',
  'deaggregate-networks',
  'no-ip-setup',
  'dynamic-ip-setup',
  'label-exact-match',
  'withdraw-on-down',
  'debounce',
];

const lists: readonly Target[] = [
  'ip',
  'ip-ifname',
  'neighbor',
  'execute',
  'up-execute',
  'down-execute',
  'disabled-execute',
];

const integers: readonly Target[] = [
  'timeout',
  'rise',
  'fall',
  'local-preference',
  'start-ip',
  'up-metric',
  'down-metric',
  'disabled-metric',
  'increase',
  'path-id',
];

const numbers: readonly Target[] = ['interval', 'fast-interval'];

const texts: readonly Target[] = [
  'name',
  'config',
  'pid',
  'user',
  'group',
  'disable',
  'command',
  'next-hop',
  'label',
  'community',
  'extended-community',
  'large-community',
  'disabled-community',
  'as-path',
  'up-as-path',
  'down-as-path',
  'disabled-as-path',
];

function named(targets: readonly Target[], flag: Omit<Flag<Target>, 'target'>) {
  return targets.flatMap((target) =>
    [`--${target}`, ...(short[target] ?? [])].map((name): [string, Flag<Target>] => [
      name,
      { target, ...flag },
    ]),
  );
}

const flags: ReadonlyMap<string, Flag<Target>> = new Map([
  ...named(switches, { takes: 'none' }),
  ...named(lists, { takes: 'one', isRepeated: true }),
  ...named([...integers, ...numbers, ...texts], { takes: 'one' }),
  ...named(['syslog-facility'], { takes: 'maybe', value: 'daemon' }),
]);

/** Of these only one may be used. */
const exclusive: readonly Target[] = ['silent', 'syslog-facility', 'no-syslog'];

/**
 * Parses the command line of ExaBGP's healthcheck, and the file that `--config` names, whose lines stand in front of it.
 * @param readFile may throw, and what it says is told.
 */
export function parseHealthcheckArguments(
  argv: readonly string[],
  readFile: (path: string) => string,
): HealthcheckRequest {
  try {
    const typed = parsePythonArguments(argv, flags);
    if (typed.has('help')) return { kind: 'help' };
    const file = typed.get('config');
    const values =
      typeof file === 'string'
        ? parsePythonArguments([...fileArguments(readNamed(file, readFile)), ...argv], flags)
        : typed;
    judge(values);
    const { config: _config, ...options } = Object.fromEntries(values);
    return { kind: 'run', options };
  } catch (error) {
    if (error instanceof UsageError) return { kind: 'wrong', detail: error.message };
    throw error;
  }
}

/** The options that a `key = value` file sets. */
export function readHealthcheckFile(text: string): HealthcheckOptions {
  const values = parsePythonArguments(fileArguments(text), flags);
  judge(values);
  return Object.fromEntries(values);
}

function fileArguments(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((line) => {
      const [, key = '', value] = /^([^=]*)(?:=(.*))?$/.exec(line) ?? [];
      return value === undefined ? [`--${key.trim()}`] : [`--${key.trim()}`, value.trim()];
    });
}

function readNamed(path: string, readFile: (path: string) => string): string {
  try {
    return readFile(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`argument --config/-F: can't open '${path}': ${why}`);
  }
}

function judge(values: ReadonlyMap<Target, unknown>): void {
  const [one, other] = exclusive.filter((target) => values.has(target));
  if (other !== undefined)
    throw new UsageError(`argument --${other}: not allowed with argument --${one}`);
  for (const target of integers) expect(values, target, /^\s*[+-]?\d+\s*$/, 'an integer');
  for (const target of numbers)
    expect(values, target, /^\s*\+?(\d+\.?\d*|\.\d+)\s*$/, 'a number of seconds, 0 or more');
}

function expect(
  values: ReadonlyMap<Target, unknown>,
  target: Target,
  form: RegExp,
  what: string,
): void {
  const value = values.get(target);
  if (value === undefined || (typeof value === 'string' && form.test(value))) return;
  throw new UsageError(`argument --${target}: expected ${what}, found '${String(value)}'`);
}
