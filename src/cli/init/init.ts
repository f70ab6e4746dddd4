import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClock } from '../../agent/clock.ts';
import { loadConfig } from '../../config/config.ts';
import { createRun } from '../../host/ip.ts';
import { exitCodes } from '../exit-codes.ts';
import { fail, print } from '../fleet/print.ts';
import { hostContext, problemLines } from '../load.ts';
import { type Answers, type Question, questions } from './answers.ts';
import { type Asker, createAsker } from './asker.ts';
import { configText, exabgpText, leftOpen } from './render.ts';

export interface InitFlags {
  readonly output: string;
  readonly force?: boolean;
  readonly yes?: boolean;
  readonly zookeeper?: string;
  readonly service?: string;
  readonly vip?: readonly string[];
  readonly check?: string;
  readonly localAs?: string;
  readonly neighbor?: readonly string[];
  readonly peerAs?: string;
  readonly localAddress?: string;
  readonly exabgpVersion?: string;
}

/** Asks what it has to know, writes a configuration that loads, and prints what belongs into ExaBGP's. */
export async function initialize(flags: InitFlags): Promise<void> {
  const file = resolve(flags.output);
  if (existsSync(file) && flags.force !== true)
    return fail([`vipkeeper: ${file} is there already; --force overwrites it`], exitCodes.refused);
  const answers = await answersOf(flags);
  if (answers === undefined) return;
  const text = configText(answers, schemaFile());
  const loaded = loadConfig(text, { ...hostContext(), file });
  if (loaded.kind === 'wrong') return fail(problemLines(loaded.problems), exitCodes.config);
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: flags.force === true ? 'w' : 'wx' });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return fail([`vipkeeper: ${error.message}`], exitCodes.config);
  }
  const version = flags.exabgpVersion ?? (await exabgpVersion());
  const ofHost = answers.vips.filter(({ owner }) => owner === hostname()).length;
  const program = existsSync('/usr/bin/vipkeeper') ? '/usr/bin/vipkeeper' : (process.argv[1] ?? '');
  say([
    `${file} is written; this host, ${hostname()}, owns ${ofHost} of ${answers.vips.length} VIPs.`,
    `This belongs into the configuration of ExaBGP ${version ?? '4'}:`,
    '',
  ]);
  const snippet = exabgpText(answers, { program, file, version });
  print([snippet.trimEnd()]);
  const open = leftOpen(snippet);
  if (open.length > 0)
    say(['', 'To be replaced there, before ExaBGP takes it:', ...open.map((line) => `  ${line}`)]);
  say(['', `Then look at this host: vipkeeper doctor -f ${file}`]);
}

function say(lines: readonly string[]): void {
  for (const line of lines) process.stderr.write(`${line}\n`);
}

/** In the package; not where the program stands alone. */
function schemaFile(): string | undefined {
  const file = fileURLToPath(new URL('../schema/vipkeeper.schema.json', import.meta.url));
  return existsSync(file) ? file : undefined;
}

async function exabgpVersion(): Promise<string | undefined> {
  const { stdout } = await createRun(createClock(), 10_000)('exabgp', ['--version'], '');
  return /(\d+\.\d+(?:\.\d+)?)/.exec(stdout)?.[1];
}

/** Undefined, and said, when an answer is missing or wrong and nobody can be asked. */
async function answersOf(flags: InitFlags): Promise<Answers | undefined> {
  const isAsking = process.stdin.isTTY && flags.yes !== true;
  const terminal = isAsking ? createAsker(process.stdin, process.stderr) : undefined;
  const found: Partial<Record<keyof Answers, Answers[keyof Answers]>> = {};
  for (const question of questions) {
    const answer = await answerOf(question, given(question.key, flags), terminal);
    if (answer === undefined) return undefined;
    found[question.key] = answer;
  }
  terminal?.close();
  return found as Answers;
}

/** As a person would type it. */
function given(key: keyof Answers, flags: InitFlags): string | undefined {
  if (key === 'vips') return flags.vip?.join(' ');
  if (key === 'neighbors') return flags.neighbor?.join(' ');
  return flags[key];
}

async function answerOf(
  { key, text, preset, read }: Question<keyof Answers>,
  flag: string | undefined,
  terminal: Asker | undefined,
): Promise<Answers[keyof Answers] | undefined> {
  let typed = flag ?? (terminal === undefined ? preset : undefined);
  for (;;) {
    const shown = preset === undefined || preset === '' ? '' : ` [${preset}]`;
    typed ??= (await terminal?.ask(`${text}${shown}: `))?.trim() || preset || '';
    const answer = read(typed);
    if (typeof answer === 'object') return answer.value;
    if (terminal === undefined || flag !== undefined) {
      fail([`vipkeeper: ${nameOf(key)}: ${answer}`], exitCodes.usage);
      terminal?.close();
      return undefined;
    }
    say([answer]);
    typed = undefined;
  }
}

const flagNames: Partial<Record<keyof Answers, string>> = { vips: 'vip', neighbors: 'neighbor' };

function nameOf(key: keyof Answers): string {
  const name = flagNames[key] ?? key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return `--${name}`;
}
