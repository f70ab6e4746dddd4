import type { HealthcheckOptions } from '../config/healthcheck.ts';
import { nearest } from '../config/issues.ts';
import { type KeyLine, keyProblem } from '../config/key-lines.ts';
import {
  type Complaint,
  type ConfigProblem,
  describeFound,
  quote,
  renderProblem,
} from '../config/problem.ts';
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
    const { lines, problems } =
      typeof file === 'string'
        ? readHealthcheckFile(readNamed(file, readFile), file)
        : { lines: [], problems: [] };
    if (problems.length > 0)
      return { kind: 'wrong', detail: problems.map(renderProblem).join('\n') };
    const values = parsePythonArguments([...argumentsOf(lines), ...argv], flags);
    judge(values);
    const { config: _config, ...options } = Object.fromEntries(values);
    return { kind: 'run', options };
  } catch (error) {
    if (error instanceof UsageError) return { kind: 'wrong', detail: error.message };
    throw error;
  }
}

/** The options that a `key = value` file sets, its lines, and what is wrong with them. */
export interface HealthcheckFile {
  readonly options: HealthcheckOptions;
  readonly lines: readonly KeyLine[];
  readonly problems: readonly ConfigProblem[];
}

/** Reads a `key = value` file; where there are problems, there are no options. */
export function readHealthcheckFile(text: string, file: string): HealthcheckFile {
  const lines = linesOf(text);
  const problems = problemsOf(lines, file);
  const options =
    problems.length > 0 ? {} : Object.fromEntries(parsePythonArguments(argumentsOf(lines), flags));
  return { options, lines, problems };
}

function linesOf(text: string): readonly KeyLine[] {
  return text.split('\n').flatMap((raw, index) => {
    const content = raw.trim();
    if (content === '' || content.startsWith('#')) return [];
    const [, key = '', value] = /^([^=]*)(?:=(.*))?$/.exec(content) ?? [];
    return [{ line: index + 1, section: undefined, key: key.trim(), value: value?.trim() }];
  });
}

function argumentsOf(lines: readonly KeyLine[]): readonly string[] {
  return lines.flatMap(({ key, value }) =>
    value === undefined ? [`--${key}`] : [`--${key}`, value],
  );
}

function problemsOf(lines: readonly KeyLine[], file: string): readonly ConfigProblem[] {
  const problems = lines.flatMap((line) => {
    const complaint = complaintOf(line);
    return complaint === undefined ? [] : [keyProblem(file, line, complaint)];
  });
  const [one, other] = lines.filter(({ key }) => exclusive.some((target) => target === key));
  if (one === undefined || other === undefined || one.key === other.key) return problems;
  const expected = `one of ${exclusive.join(', ')}`;
  const both: Said = {
    code: 'CONFIG_CONTRADICTION',
    expected,
    found: `${one.key} in line ${one.line} too`,
    fix: 'remove one',
  };
  return [...problems, keyProblem(file, other, both)];
}

type Said = Complaint & { readonly found: string };

/** What is wrong with a line by itself. */
function complaintOf(line: KeyLine): Said | undefined {
  const { key, value } = line;
  const known = [...flags.keys()]
    .filter((name) => name.startsWith('--'))
    .map((name) => name.slice(2));
  if (!known.some((name) => name.startsWith(key))) {
    const near = nearest(key, known);
    const fix =
      near === undefined
        ? 'remove it; vipkeeper healthcheck --help lists all'
        : `did you mean ${near}?`;
    const found = `the unknown key ${quote(key)}`;
    return { code: 'CONFIG_UNKNOWN_KEY', expected: 'an option of healthcheck', found, fix };
  }
  const code = 'CONFIG_WRONG_VALUE';
  const takes = flags.get(`--${key}`)?.takes;
  if (takes === 'none' && value !== undefined)
    return {
      code,
      expected: `${key} alone`,
      found: quote(value),
      fix: 'remove the value, or the line',
    };
  if (takes === 'one' && value === undefined)
    return {
      code,
      expected: `${key} = VALUE`,
      found: 'no value',
      fix: 'write one, or remove the line',
    };
  try {
    judge(parsePythonArguments(argumentsOf([line]), flags));
    return undefined;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return {
      code,
      expected: 'what healthcheck takes',
      found: describeFound(value),
      fix: error.message,
    };
  }
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
