import type { Command, Option } from 'commander';

/** Names that a configuration knows, for arguments. */
export interface KnownNames {
  readonly services: readonly string[];
  readonly members: readonly string[];
  readonly vips: readonly string[];
}

/**
 * What may stand at the end of a command line as far as it is typed: commands, options, or names. None: a file name, or
 * nothing that is known here.
 * @param names is asked only when names are wanted; it is given the configuration that the line names.
 */
export function wordsAt(
  line: string,
  program: Command,
  names: (file: string | undefined) => KnownNames,
): readonly string[] {
  const typed = line.trimStart().split(/\s+/).slice(1);
  const current = typed.pop() ?? '';
  const { command, rest, pending } = walk(typed, program);
  // The value of an option: a file, a text, a duration.
  if (pending !== undefined) return [];
  const all = current.startsWith('-')
    ? optionsOf(command)
    : argumentsOf(command, rest.length, () => names(fileIn(typed)));
  return all.filter((word) => word.startsWith(current));
}

interface Walked {
  readonly command: Command;
  /** The arguments behind the command. */
  readonly rest: readonly string[];
  /** An option that waits for its value. */
  readonly pending: Option | undefined;
}

function walk(typed: readonly string[], program: Command): Walked {
  let command = program;
  let pending: Option | undefined;
  const rest: string[] = [];
  for (const word of typed) {
    const inner = command.commands.find((one) => one.name() === word);
    if (pending !== undefined) pending = undefined;
    else if (word.startsWith('-')) pending = awaiting(command, word);
    else if (inner !== undefined && rest.length === 0) command = inner;
    else rest.push(word);
  }
  return { command, rest, pending };
}

function awaiting(command: Command, word: string): Option | undefined {
  const option = command.options.find(({ short, long }) => word === short || word === long);
  return option?.required === true ? option : undefined;
}

function optionsOf(command: Command): readonly string[] {
  const own = command.options.filter(({ hidden }) => !hidden).map(({ long }) => long);
  return [...own, '--help'].filter((long) => long !== undefined && long !== null);
}

function argumentsOf(command: Command, index: number, names: () => KnownNames): readonly string[] {
  const inner = command.createHelp().visibleCommands(command);
  if (inner.length > 0) return index === 0 ? inner.map((one) => one.name()) : [];
  const argument = command.registeredArguments[index];
  if (argument?.argChoices !== undefined) return argument.argChoices;
  switch (argument?.name()) {
    case 'service':
      return names().services;
    case 'vip':
      return names().vips;
    case 'name':
      return [...names().members, ...names().vips];
    default:
      return [];
  }
}

function fileIn(typed: readonly string[]): string | undefined {
  const index = typed.findIndex((word) => word === '-f' || word === '--config');
  return index < 0 ? undefined : typed[index + 1];
}
