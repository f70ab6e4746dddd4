/** A flag of a Python program. */
export interface Flag<Target extends string> {
  readonly target: Target;
  /** `one` takes a value, `maybe` takes one if there is any, `none` sets `value`. */
  readonly takes: 'one' | 'maybe' | 'none';
  /** Every use adds to a list. */
  readonly isRepeated?: boolean;
  readonly value?: boolean | string;
}

/** By every name that it has. */
export type Flags<Target extends string> = ReadonlyMap<string, Flag<Target>>;

/** A flag as found on the command line, with what was glued to it. */
interface Found<Target extends string> {
  readonly name: string;
  readonly flag: Flag<Target>;
  readonly glued: string | undefined;
}

/** A command line that means nothing. */
export class UsageError extends Error {}

/**
 * Parses as Python's argparse does: flags of several letters behind one dash (`-zPS`), values glued on (`-napex`,
 * `-zH=zk1`), clusters of short flags (`-ds`), and any beginning that names one flag only (`--zk-h`).
 * @throws UsageError
 */
export function parsePythonArguments<Target extends string>(
  argv: readonly string[],
  flags: Flags<Target>,
): ReadonlyMap<Target, unknown> {
  const values = new Map<Target, unknown>();
  let index = 0;
  while (index < argv.length) index += consume(argv, index, values, flags);
  return values;
}

/** Handles the argument at `index`; returns how many were used up. */
function consume<Target extends string>(
  argv: readonly string[],
  index: number,
  values: Map<Target, unknown>,
  flags: Flags<Target>,
): number {
  const argument = argv[index] ?? '';
  const found = findFlag(argument, flags);
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
  const hasValue = value !== undefined && isValue(value, flags);
  if (!hasValue && flag.takes === 'one') {
    throw new UsageError(`argument ${name}: expected one argument`);
  }
  store(values, flag, hasValue ? value : undefined);
  return hasValue ? 2 : 1;
}

function store<Target extends string>(
  values: Map<Target, unknown>,
  flag: Flag<Target>,
  text: string | undefined,
): void {
  const value = text ?? flag.value ?? true;
  const before = values.get(flag.target);
  const list = Array.isArray(before) ? before : [];
  values.set(flag.target, flag.isRepeated ? [...list, value] : value);
}

/** Undefined when an argument is no flag at all. */
function findFlag<Target extends string>(
  argument: string,
  flags: Flags<Target>,
): Found<Target> | undefined {
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
    ? startingWith(
        flags,
        beforeEquals ?? argument,
        equals < 0 ? undefined : argument.slice(equals + 1),
      )
    : [...shortWithValue(flags, argument), ...startingWith(flags, argument, undefined)];
  if (candidates.length > 1) {
    const names = candidates.map(({ name }) => name).join(', ');
    throw new UsageError(`ambiguous option: ${argument} could match ${names}`);
  }
  return candidates[0];
}

function startingWith<Target extends string>(
  flags: Flags<Target>,
  prefix: string,
  glued: string | undefined,
): readonly Found<Target>[] {
  return [...flags]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, flag]) => ({ name, flag, glued }));
}

function shortWithValue<Target extends string>(
  flags: Flags<Target>,
  argument: string,
): readonly Found<Target>[] {
  const name = argument.slice(0, 2);
  const flag = flags.get(name);
  return flag === undefined ? [] : [{ name, flag, glued: argument.slice(2) }];
}

/** Whether an argument after a flag is its value: no flag itself, though it may be a negative number or hold spaces. */
function isValue<Target extends string>(argument: string, flags: Flags<Target>): boolean {
  if (!argument.startsWith('-') || argument === '-') return true;
  if (flags.has(argument) || argument === '--') return false;
  return (
    /^-\d+$|^-\d*\.\d+$/.test(argument) ||
    (argument.includes(' ') && findFlag(argument, flags) === undefined)
  );
}
