/** A block of ExaBGP's configuration, `neighbor 10.0.0.1 { ... }`, or the whole file, which has no words. */
export interface Block {
  readonly words: readonly string[];
  /** `local-as 65000;` as its words; a text in quotes is one word, quotes included. */
  readonly statements: readonly (readonly string[])[];
  readonly blocks: readonly Block[];
}

/** Reads the blocks and statements of a file, whatever they mean. A text says what is wrong with it. */
function readBlocks(text: string): Block | string {
  const tokens = text.replace(/#.*$/gm, '').match(/"[^"]*"|'[^']*'|[{};[\]]|[^\s{};[\]"']+/g) ?? [];
  const root: Mutable = { words: [], statements: [], blocks: [] };
  const open = [root];
  let words: string[] = [];
  for (const token of tokens) {
    const block = open.at(-1);
    if (block === undefined) return 'a } too many';
    if (!'{};'.includes(token)) {
      words.push(token);
      continue;
    }
    if (token === '{') open.push(add(block, words));
    else if (words.length > 0) block.statements.push(words);
    if (token === '}') open.pop();
    words = [];
  }
  if (open.length > 1) return `a } is missing for ${open.at(-1)?.words.join(' ')}`;
  return open.length === 1 ? root : 'a } too many';
}

function add(block: Mutable, words: string[]): Mutable {
  const inner = { words, statements: [], blocks: [] };
  block.blocks.push(inner);
  return inner;
}

interface Mutable {
  readonly words: string[];
  readonly statements: string[][];
  readonly blocks: Mutable[];
}

/** A helper process of ExaBGP. */
export interface HelperProcess {
  readonly name: string;
  /** What is run, in words. */
  readonly run: readonly string[];
  readonly encoder: string | undefined;
  /** 3.4 has it here, later versions in each neighbor. */
  readonly hasNeighborChanges: boolean;
}

/** A neighbor with what it inherits. */
export interface ConfiguredNeighbor {
  readonly address: string;
  /** Names of the processes that it tells, and is told by. */
  readonly processes: readonly string[];
  readonly hasNeighborChanges: boolean;
  readonly localAs: string | undefined;
  readonly peerAs: string | undefined;
  /** `ipv4 unicast`; none named: all. */
  readonly families: readonly string[];
  readonly hasAdjRibOut: boolean;
  readonly hasGracefulRestart: boolean;
  /** In seconds, as it is written. */
  readonly holdTime: string | undefined;
}

export interface ExabgpConf {
  /** 3.4 has processes within groups and neighbors; later versions name them in `api`. */
  readonly form: '3.4' | '4';
  readonly processes: readonly HelperProcess[];
  readonly neighbors: readonly ConfiguredNeighbor[];
}

/** Reads what matters to us of a file of any version. A text says why it cannot be read. */
export function readExabgpConf(text: string): ExabgpConf | string {
  const root = readBlocks(text);
  if (typeof root === 'string') return root;
  const groups = [root, ...named(root, 'group')];
  const templates = named(root, 'template').flatMap((block) => named(block, 'neighbor'));
  const inGroups = groups.flatMap((group) =>
    named(group, 'neighbor').map((block) => ({ group, block })),
  );
  const within = [...groups.slice(1), ...inGroups.map(({ block }) => block)];
  const isOld = within.some((block) => named(block, 'process').length > 0);
  return {
    form: isOld ? '3.4' : '4',
    processes: [root, ...within].flatMap((block) => named(block, 'process')).map(processOf),
    neighbors: inGroups.map(({ group, block }) => {
      const inherited = wordsOf(block, 'inherit').flatMap((name) =>
        templates.filter(({ words }) => words[1] === name),
      );
      const parts = [block, ...inherited, ...(group === root ? [] : [group])];
      return neighborOf(block.words[1] ?? '', parts);
    }),
  };
}

function processOf(block: Block): HelperProcess {
  return {
    name: block.words[1] ?? '',
    run: statement(block, 'run') ?? [],
    encoder: statement(block, 'encoder')?.[0],
    hasNeighborChanges: isSet(block, 'neighbor-changes'),
  };
}

/** @param parts the neighbor's own block first, then those that it inherits from. */
function neighborOf(address: string, parts: readonly Block[]): ConfiguredNeighbor {
  const first = (name: string) =>
    parts.map((part) => statement(part, name)?.[0]).find((value) => value !== undefined);
  const apis = parts.flatMap((part) => named(part, 'api'));
  const own = parts.flatMap((part) => named(part, 'process'));
  const families = parts.flatMap((part) => named(part, 'family'))[0];
  const capabilities = parts.flatMap((part) => named(part, 'capability'));
  return {
    address,
    processes: [
      ...apis.flatMap((api) => wordsOf(api, 'processes')),
      ...own.map(({ words }) => words[1] ?? ''),
    ],
    hasNeighborChanges: [...apis, ...own].some((block) => isSet(block, 'neighbor-changes')),
    localAs: first('local-as'),
    peerAs: first('peer-as'),
    families: families?.statements.map((words) => words.join(' ')) ?? [],
    hasAdjRibOut: !['false', 'disable'].includes(first('adj-rib-out') ?? ''),
    hasGracefulRestart: capabilities.some((block) => isSet(block, 'graceful-restart')),
    holdTime: first('hold-time'),
  };
}

function named(block: Block, name: string): readonly Block[] {
  return block.blocks.filter(({ words }) => words[0] === name);
}

function statement(block: Block, name: string): readonly string[] | undefined {
  return block.statements.find((words) => words[0] === name)?.slice(1);
}

/** The words of a list, with or without its brackets. */
function wordsOf(block: Block, name: string): readonly string[] {
  return (statement(block, name) ?? []).filter((word) => word !== '[' && word !== ']');
}

function isSet(block: Block, name: string): boolean {
  const value = statement(block, name);
  return value !== undefined && !['false', 'disable'].includes(value[0] ?? '');
}
