import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

/** Whoever greps the documents for a message of the log finds a row: this holds the documents against the sources. */
const root = resolve(import.meta.dirname, '../..');

/** Where messages come from. Those of src/config have a code, and a row in docs/errors.md by that code. */
const folders = [
  'agent',
  'checks',
  'cli',
  'command',
  'core',
  'dashboard',
  'exabgp',
  'host',
  'observe',
  'zookeeper',
];

/** Texts that are no messages: all of a file, or of a folder (with a `/`), or only those that match. */
const noMessages: readonly { in: string; only?: RegExp; why: string }[] = [
  ...['describe', 'invariants'].map((part) => ({
    in: `src/core/${part}.ts`,
    why: 'follows `bug:`, which has a row, and is for who mends it',
  })),
  ...['gauges', 'service-gauges', 'tallies', 'metrics'].map((part) => ({
    in: `src/observe/${part}.ts`,
    why: 'help of metrics, in docs/metrics.md',
  })),
  ...['text/', 'explain.ts', 'fleet-members.ts', 'fleet-vips.ts'].map((part) => ({
    in: `src/observe/${part}`,
    why: 'what a command that looks shows when all is well, too; in docs/commands.md',
  })),
  ...['dialect', 'grammar'].map((part) => ({
    in: `src/exabgp/${part}.ts`,
    only: /neighbor|rib|peer|route|system/,
    why: 'lines to ExaBGP',
  })),
  {
    in: 'src/exabgp/introduction.ts',
    why: 'what is known of this ExaBGP, at level info; in docs/exabgp.md',
  },
  {
    in: 'src/zookeeper/library.ts',
    only: /^node-zookeeper-client has/,
    why: 'a wrong version of a library in the bundle: a bug, found by every test',
  },
  ...[
    'healthcheck-help.ts',
    'exazk.ts',
    'main.ts',
    'completion/',
    'init/program.ts',
    'operate/program.ts',
    'fleet/program.ts',
    'vip/program.ts',
    'doctor/program.ts',
    'dashboard/program.ts',
  ].map((part) => ({ in: `src/cli/${part}`, why: 'help of commands and flags' })),
  { in: 'src/cli/init/render.ts', why: 'a configuration that is written' },
  { in: 'src/cli/summary.ts', why: 'what `check` says of a good configuration' },
  {
    in: 'src/cli/doctor/',
    only: /^(…, session timeout|within …|claims and members|…, spoken to|… has what|process … is there for|the agent sets|all … VIPs|no interface drops|strict on …, the only|… can be written$|… will be made|\/proc|…: member … of)/,
    why: 'what is in order; and a path that is read',
  },
  {
    in: 'src/cli/fleet/access.ts',
    only: /^(-\w, --|--root <|with --zookeeper|ZooKeeper without|configuration that)/,
    why: 'help of flags',
  },
  {
    in: 'src/cli/fleet/what-if.ts',
    why: 'what a forecast takes for granted, shown with each; in docs/commands.md',
  },
  { in: 'src/cli/init/answers.ts', only: /^(?!expected)/, why: 'questions' },
  {
    in: 'src/cli/init/init.ts',
    only: /is written|This belongs|Then look|To be replaced/,
    why: 'what was done, and what to do next',
  },
  { in: 'src/cli/dashboard/run.ts', only: /^The page is at/, why: 'where it is' },
  { in: 'src/cli/healthcheck.ts', only: /^command line$/, why: 'the place of a mistake' },
  { in: 'src/core/rule.ts', why: 'lines of the rule, shown by explain; in docs/commands.md' },
  {
    in: 'src/exabgp/',
    only: /^(acks are off|no neighbor is established|this ExaBGP keeps|ExaBGP's healthcheck never)/,
    why: 'why a command counts as accepted, which is not told',
  },
  { in: 'src/host/happenings.ts', why: 'by what hooks are kept in order' },
  { in: 'src/host/instance.ts', only: /^\/proc/, why: 'a path that is read' },
  {
    in: 'src/host/lock.ts',
    why: 'in docs/errors.md, abridged',
  },
  {
    in: 'src/host/state-directory.ts',
    only: /^others may write|make it, for the user/,
    why: 'in docs/errors.md, abridged',
  },
  ...['page/', 'assets.ts', 'letters.ts'].map((part) => ({
    in: `src/dashboard/${part}`,
    why: 'words of the page, in docs/dashboard.md',
  })),
  { in: 'src/dashboard/feed.ts', only: /"serverMs"|^event: /, why: 'lines to the page' },
  {
    in: 'src/dashboard/server.ts',
    only: /'none'|'self'|'script'|trusted-types|charset/,
    why: 'header fields of HTTP',
  },
  { in: 'src/observe/endpoint.ts', only: /charset/, why: 'a header field of HTTP' },
];

/** Less constant text than this is no message that can be looked for. */
const constantMin = 12;

interface Message {
  readonly place: string;
  readonly file: string;
  /** The constant parts; what varies stands between them. */
  readonly parts: readonly string[];
}

function sourcesUnder(path: string): readonly string[] {
  if (!statSync(join(root, path)).isDirectory()) return /\.tsx?$/.test(path) ? [path] : [];
  return readdirSync(join(root, path)).flatMap((name) => sourcesUnder(`${path}/${name}`));
}

function messagesOf(file: string): readonly Message[] {
  const text = readFileSync(join(root, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const found: Message[] = [];
  const add = (node: ts.Node, parts: readonly string[]) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    const message = { place: `${file}:${line + 1}`, file, parts };
    if (isSentence(parts)) found.push(message);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isLiteralTypeNode(node)) return;
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) {
      add(node, [node.text]);
    } else if (ts.isTemplateExpression(node)) {
      add(node, [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)]);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** At least two words, and enough of them that does not vary. */
function isSentence(parts: readonly string[]): boolean {
  const constant = parts.join(' ').trim();
  return constant.length >= constantMin && /[a-z]{2}.*\s.*[a-z]{2}/i.test(constant);
}

/** How a message stands in a row: its constant parts, with anything for what varies between them. */
function patternOf({ parts }: Message): RegExp {
  const varies = '…';
  const text = parts
    .join(varies)
    .replace(/^vipkeeper: /, '')
    .replace(/^[\s…;:,]+|[\s…]+$/g, '');
  return new RegExp(text.split(varies).map(escaped).join('.*?'));
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function isExcepted(message: Message): boolean {
  return noMessages.some((entry) => covers(entry, message));
}

function covers(entry: (typeof noMessages)[number], { file, parts }: Message): boolean {
  const isThere = entry.in.endsWith('/') ? file.startsWith(entry.in) : file === entry.in;
  return isThere && (entry.only?.test(parts.join('…')) ?? true);
}

const messages = folders.flatMap((folder) => sourcesUnder(`src/${folder}`)).flatMap(messagesOf);
const excepted = messages.filter(isExcepted);

/** Rows whose first message has too little constant text, or is the system's. */
const shortRows = [
  'SERVICE is down: …',
  'held by member NAME',
  'ECONNREFUSED …',
  'ExaBGP closed: …',
  'exabgp unknown FORM: ExaBGP sent "…"',
  'exit code N: …',
  'status N',
  'connect ECONNREFUSED …',
  'ip: …; install it',
  'hook NAME of SERVICE VIP: …',
  'config: …',
  'reload: FILE:LINE:COLUMN: …',
  'failed: …',
  'VIP (service NAME): FAILED: …',
  'KEY needs PROGRAM; install PROGRAM',
];

function rowsOf(name: string): readonly string[] {
  return readFileSync(join(root, `docs/${name}.md`), 'utf8')
    .split('\n')
    .filter((line) => /^\| (?!-|message)/.test(line));
}

/** What stands as code, one to a line: there a message is found as it is printed. */
function codeIn(text: string): string {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code).join('\n');
}

const documented = codeIn([...rowsOf('troubleshooting'), ...rowsOf('errors')].join('\n'));

describe('docs/troubleshooting.md', () => {
  it('has every message that the sources can print', () => {
    expect(messages.length - excepted.length).toBeGreaterThan(400);
    const missing = messages
      .filter((message) => !isExcepted(message) && !patternOf(message).test(documented))
      .map(({ place, parts }) => `${place}: ${parts.join('…')}`);
    expect(missing).toEqual([]);
  });

  it('has no row for what nothing prints', () => {
    const patterns = messages.map(patternOf);
    const said = rowsOf('troubleshooting').map((row) => codeIn(row.split(' | ')[0] ?? ''));
    const unknown = said.filter((codes) => !patterns.some((pattern) => pattern.test(codes)));
    expect(unknown.map((codes) => codes.split('\n')[0])).toEqual(shortRows);
  });

  it('has no exception for nothing', () => {
    const stale = noMessages.filter((entry) => !messages.some((message) => covers(entry, message)));
    expect(stale).toEqual([]);
  });
});
