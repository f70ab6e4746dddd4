import type { ExazkOptions } from '../config/exazk-reader.ts';

/** What ExaZK's command line asks for. */
export type ExazkRequest =
  | { readonly kind: 'run'; readonly options: ExazkOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'wrong'; readonly detail: string };

type Target = keyof ExazkOptions | 'help' | 'version';

interface Flag {
  readonly target: Target;
  /** `one` takes a value, `maybe` takes one if there is any, `none` sets `value`. */
  readonly takes: 'one' | 'maybe' | 'none';
  /** Every use adds to a list. */
  readonly isRepeated?: boolean;
  readonly value?: boolean | string;
}

const host: Flag = { target: 'zk_hosts', takes: 'one', isRepeated: true };
const other: Flag = { target: 'srv_non_auth_ips', takes: 'one', isRepeated: true };
const debug: Flag = { target: 'debug', takes: 'none', value: true };
const silent: Flag = { target: 'silent', takes: 'none', value: true };
const facility: Flag = { target: 'syslog_facility', takes: 'maybe', value: 'daemon' };
const help: Flag = { target: 'help', takes: 'none' };
const one = (target: Target): Flag => ({ target, takes: 'one' });

const flags: ReadonlyMap<string, Flag> = new Map([
  ['-h', help],
  ['--help', help],
  ['--version', { target: 'version', takes: 'none' }],
  ['-f', one('conffile')],
  ['--config', one('conffile')],
  ['-d', debug],
  ['--debug', debug],
  ['-s', silent],
  ['--silent', silent],
  ['--no-syslog', { target: 'syslog', takes: 'none', value: false }],
  ['-sF', facility],
  ['--syslog-facility', facility],
  ['-zH', host],
  ['--zk-host', host],
  ['-zPS', one('zk_path_service')],
  ['--zk-path-service', one('zk_path_service')],
  ['-zPM', one('zk_path_maintenance')],
  ['--zk-path-maintenance', one('zk_path_maintenance')],
  ['-c', one('local_check')],
  ['--local-check', one('local_check')],
  ['-n', one('srv_name')],
  ['--name', one('srv_name')],
  ['-A', one('srv_auth_ip')],
  ['--auth-ip', one('srv_auth_ip')],
  ['-N', other],
  ['--non-auth-ip', other],
]);

/** A flag as found on the command line, with what was glued to it. */
interface Found {
  readonly name: string;
  readonly flag: Flag;
  readonly glued: string | undefined;
}

class UsageError extends Error {}

/**
 * Parses as Python's argparse does, which ExaZK uses: flags of several letters behind one dash (`-zPS`), values glued
 * on (`-napex`, `-zH=zk1`), clusters of short flags (`-ds`), and any beginning that names one flag only (`--zk-h`).
 */
export function parseExazkArguments(argv: readonly string[]): ExazkRequest {
  const values = new Map<Target, unknown>();
  try {
    let index = 0;
    while (index < argv.length) index += consume(argv, index, values);
  } catch (error) {
    if (error instanceof UsageError) return { kind: 'wrong', detail: error.message };
    throw error;
  }
  if (values.has('help')) return { kind: 'help' };
  if (values.has('version')) return { kind: 'version' };
  return { kind: 'run', options: Object.fromEntries(values) };
}

/** Handles the argument at `index`; returns how many were used up. */
function consume(argv: readonly string[], index: number, values: Map<Target, unknown>): number {
  const argument = argv[index] ?? '';
  const found = findFlag(argument);
  if (found === undefined) throw new UsageError(`unrecognized argument: ${argument}`);
  let { name, flag, glued } = found;
  while (flag.takes === 'none' && glued !== undefined) {
    // A cluster: `-ds` is `-d -s`.
    const next = `-${glued.slice(0, 1)}`;
    const nextFlag = flags.get(next);
    if (name.startsWith('--') || nextFlag === undefined) {
      throw new UsageError(`argument ${name}: ignored explicit argument '${glued}'`);
    }
    store(values, flag, undefined);
    [name, flag, glued] = [next, nextFlag, glued.slice(1) || undefined];
  }
  if (flag.takes === 'none' || glued !== undefined) {
    store(values, flag, glued);
    return 1;
  }
  const value = argv[index + 1];
  const hasValue = value !== undefined && isValue(value);
  if (!hasValue && flag.takes === 'one') {
    throw new UsageError(`argument ${name}: expected one argument`);
  }
  store(values, flag, hasValue ? value : undefined);
  return hasValue ? 2 : 1;
}

function store(values: Map<Target, unknown>, flag: Flag, text: string | undefined): void {
  const value = text ?? flag.value ?? true;
  const before = values.get(flag.target);
  const list = Array.isArray(before) ? before : [];
  values.set(flag.target, flag.isRepeated ? [...list, value] : value);
}

/** Undefined when an argument is no flag at all. */
function findFlag(argument: string): Found | undefined {
  const exact = flags.get(argument);
  if (exact !== undefined) return { name: argument, flag: exact, glued: undefined };
  if (!argument.startsWith('-') || argument.length < 2 || argument === '--') return undefined;
  const equals = argument.indexOf('=');
  const beforeEquals = equals < 0 ? undefined : argument.slice(0, equals);
  const assigned = beforeEquals === undefined ? undefined : flags.get(beforeEquals);
  if (beforeEquals !== undefined && assigned !== undefined) {
    return { name: beforeEquals, flag: assigned, glued: argument.slice(equals + 1) };
  }
  const candidates = argument.startsWith('--')
    ? startingWith(beforeEquals ?? argument, equals < 0 ? undefined : argument.slice(equals + 1))
    : [...shortWithValue(argument), ...startingWith(argument, undefined)];
  if (candidates.length > 1) {
    const names = candidates.map(({ name }) => name).join(', ');
    throw new UsageError(`ambiguous option: ${argument} could match ${names}`);
  }
  return candidates[0];
}

function startingWith(prefix: string, glued: string | undefined): readonly Found[] {
  return [...flags]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, flag]) => ({ name, flag, glued }));
}

function shortWithValue(argument: string): readonly Found[] {
  const name = argument.slice(0, 2);
  const flag = flags.get(name);
  return flag === undefined ? [] : [{ name, flag, glued: argument.slice(2) }];
}

/** Whether an argument after a flag is its value: no flag itself, though it may be a negative number or hold spaces. */
function isValue(argument: string): boolean {
  if (!argument.startsWith('-') || argument === '-') return true;
  if (flags.has(argument) || argument === '--') return false;
  return /^-\d+$|^-\d*\.\d+$/.test(argument) || (argument.includes(' ') && !isKnown(argument));
}

function isKnown(argument: string): boolean {
  return findFlag(argument) !== undefined;
}
