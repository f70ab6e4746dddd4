import type { Command, Option } from 'commander';
import { inOrder, optionAwaiting } from '../argument-order.ts';

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
  const known = () => names(fileIn(typed));
  if (pending !== undefined)
    return valuesOf(pending, known).filter((word) => word.startsWith(current));
  const all = current.startsWith('-')
    ? optionsOf(command)
    : argumentsOf(command, rest.length, known);
  return all.filter((word) => word.startsWith(current));
}

interface Walked {
  readonly command: Command;
  /** The arguments behind the command. */
  readonly rest: readonly string[];
  /** An option that waits for its value, of this command or of one below. */
  readonly pending: Option | undefined;
}

function walk(typed: readonly string[], program: Command): Walked {
  let command = program;
  let pending: Option | undefined;
  const rest: string[] = [];
  for (const word of inOrder(typed, program)) {
    const inner = command.commands.find((one) => one.name() === word);
    if (pending !== undefined) pending = undefined;
    else if (word.startsWith('-')) pending = optionAwaiting(command, word);
    else if (inner !== undefined && rest.length === 0) command = inner;
    else rest.push(word);
  }
  return { command, rest, pending };
}

function optionsOf(command: Command): readonly string[] {
  const own = command.options.filter(({ hidden }) => !hidden).map(({ long }) => long);
  return [...own, '--help'].filter((long) => long !== undefined && long !== null);
}

function argumentsOf(command: Command, index: number, names: () => KnownNames): readonly string[] {
  const inner = command.createHelp().visibleCommands(command);
  if (inner.length > 0) return index === 0 ? inner.map((one) => one.name()) : [];
  const argument = command.registeredArguments[index];
  return argument?.argChoices ?? namesFor(argument?.name(), names);
}

/** None for a file, a text or a duration. */
function valuesOf(option: Option, names: () => KnownNames): readonly string[] {
  return option.argChoices ?? namesFor(/<(.*)>/.exec(option.flags)?.[1], names);
}

/** What a placeholder stands for. */
function namesFor(placeholder: string | undefined, names: () => KnownNames): readonly string[] {
  switch (placeholder) {
    case 'service':
      return names().services;
    case 'vip':
      return names().vips;
    case 'member':
      return names().members;
    case 'name':
    case 'member|vip':
      return [...names().members, ...names().vips];
    default:
      return [];
  }
}

function fileIn(typed: readonly string[]): string | undefined {
  const index = typed.findIndex((word) => word === '-f' || word === '--config');
  return index < 0 ? undefined : typed[index + 1];
}
