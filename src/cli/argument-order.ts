import type { Command, Option } from 'commander';

/**
 * Moves flags that were typed before the command that they belong to behind it, where they are looked for:
 * `-z zk1 maintenance on apex` is `maintenance on -z zk1 apex`. Where there is no command, nothing is moved.
 */
export function inOrder(words: readonly string[], program: Command): readonly string[] {
  const { commands, flags, rest } = split(words, program);
  return commands.length === 0 ? words : [...commands, ...flags, ...rest];
}

interface Split {
  readonly commands: readonly string[];
  /** Those in front of the last command, each with its value. */
  readonly flags: readonly string[];
  readonly rest: readonly string[];
}

function split(words: readonly string[], command: Command): Split {
  const [word, next] = words;
  const isLeaf = command.commands.length === 0;
  if (word === undefined || isLeaf || isOwn(command, word))
    return { commands: [], flags: [], rest: words };
  if (word.startsWith('-')) {
    const count = optionAwaiting(command, word) === undefined || next === undefined ? 1 : 2;
    const behind = split(words.slice(count), command);
    return { ...behind, flags: [...words.slice(0, count), ...behind.flags] };
  }
  const inner = command.commands.find((one) => one.name() === word);
  // A slip: what it is taken for is not guessed here.
  if (inner === undefined) return { commands: [word], flags: [], rest: words.slice(1) };
  const behind = split(words.slice(1), inner);
  return { ...behind, commands: [word, ...behind.commands] };
}

function isOwn(command: Command, word: string): boolean {
  return ['-h', '--help'].includes(word) || optionNamed(command, word) !== undefined;
}

/** The option that has its value in the next word, of this command or of one below it. */
export function optionAwaiting(command: Command, word: string): Option | undefined {
  const own = optionNamed(command, word);
  if (own !== undefined) return own.required ? own : undefined;
  for (const inner of command.commands) {
    const option = optionAwaiting(inner, word);
    if (option !== undefined) return option;
  }
  return undefined;
}

function optionNamed(command: Command, word: string): Option | undefined {
  return command.options.find(({ short, long }) => word === short || word === long);
}
