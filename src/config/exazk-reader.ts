import type { ConfigContext } from './config.ts';
import { isMapping } from './data.ts';
import { type ConfigDocument, readDocument } from './document.ts';
import { nearest } from './issues.ts';
import {
  type Complaint,
  type ConfigPath,
  type ConfigProblem,
  describeFound,
  type Finding,
  quote,
} from './problem.ts';
import { readFailure } from './reference.ts';
import { isComplaint, type Parse } from './values.ts';

/** ExaZK's flags, each under the name its YAML file gives the same setting. */
export interface ExazkOptions {
  /** The YAML file of -f. */
  readonly conffile?: string;
  readonly zk_hosts?: readonly string[];
  readonly zk_path_service?: string;
  readonly zk_path_maintenance?: string;
  readonly local_check?: string;
  readonly srv_name?: string;
  readonly srv_auth_ip?: string;
  readonly srv_non_auth_ips?: readonly string[];
  readonly debug?: boolean;
  readonly silent?: boolean;
  readonly syslog?: boolean;
  readonly syslog_facility?: string;
}

/** A setting's name. */
export type ExazkKey = Exclude<keyof ExazkOptions, 'conffile'>;

/** The flag that sets each key, for messages. */
const flags: Readonly<Record<ExazkKey, string>> = {
  zk_hosts: '-zH',
  zk_path_service: '-zPS',
  zk_path_maintenance: '-zPM',
  local_check: '-c',
  srv_name: '-n',
  srv_auth_ip: '-A',
  srv_non_auth_ips: '-N',
  debug: '-d',
  silent: '-s',
  syslog: '--no-syslog',
  syslog_facility: '-sF',
};

/** Reads settings one by one and gathers what is wrong with them. */
export interface ExazkReader {
  readonly problems: ConfigProblem[];
  readonly warnings: string[];
  /** All that was read, as one text: the flags, and what the file says. */
  readonly source: string;
  /** The flag's value, else the file's. */
  raw(key: ExazkKey): unknown;
  /** One text; a complaint becomes a problem and the fallback stands in. */
  text<T>(key: ExazkKey, parse: Parse<T>, fallback: T, isRequired: boolean): T;
  flag(key: ExazkKey, fallback: boolean): boolean;
  complain(key: ExazkKey, complaint: Complaint, index?: number): void;
}

/** Reads the file of -f at once; each setting is judged when it is asked for. */
export function createExazkReader(
  options: ExazkOptions,
  context: Omit<ConfigContext, 'file'>,
): ExazkReader {
  const file = options.conffile ?? 'command line';
  const problems: ConfigProblem[] = [];
  const warnings: string[] = [];
  const document =
    options.conffile === undefined ? undefined : readConffile(file, context, problems);
  const data = isMapping(document?.data) ? document.data : {};
  if (problems.length === 0 && document !== undefined)
    warnings.push(...unknownKeys(data, (key) => document.locate([key], true)?.line));

  const raw = (key: ExazkKey): unknown => options[key] ?? data[key] ?? undefined;
  const complain = (key: ExazkKey, complaint: Complaint, index?: number): void => {
    const isFlag = options[key] !== undefined || data[key] === undefined;
    const path: ConfigPath = index === undefined || isFlag ? [key] : [key, index];
    const place = isFlag ? undefined : document?.locate(path, false);
    problems.push({
      ...complaint,
      file: isFlag ? 'command line' : file,
      path: isFlag ? flags[key] : path.join('.'),
      line: place?.line,
      column: place?.column,
      found: complaint.found ?? describeFound(raw(key)),
    });
  };
  const text = <T>(key: ExazkKey, parse: Parse<T>, fallback: T, isRequired: boolean): T => {
    const value = raw(key);
    if (value === undefined && !isRequired) return fallback;
    const result = typeof value === 'string' ? parse(value) : missing(key, value, data);
    if (!isComplaint(result)) return result;
    complain(key, result);
    return fallback;
  };
  const flag = (key: ExazkKey, fallback: boolean): boolean => {
    const value = raw(key);
    return typeof value === 'boolean' ? value : text(key, pythonBoolean, fallback, false);
  };
  const source = JSON.stringify([options, data]);
  return { problems, warnings, source, raw, text, flag, complain };
}

function readConffile(
  file: string,
  context: Omit<ConfigContext, 'file'>,
  problems: ConfigProblem[],
): ConfigDocument | undefined {
  const add = (finding: Finding, place?: { line: number; column: number }) =>
    problems.push({
      ...finding,
      file,
      path: finding.path.join('.'),
      line: place?.line,
      column: place?.column,
      found: finding.found ?? 'another value',
    });
  let content: string;
  try {
    content = context.readFile(file);
  } catch (error) {
    add({
      code: 'CONFIG_UNREADABLE',
      path: [],
      expected: 'a readable file',
      found: readFailure(error),
      fix: 'correct the path after -f, or let the user ExaBGP runs as read it',
    });
    return undefined;
  }
  // ExaZK replaces nothing in its file, so every value is taken as it stands.
  const document = readDocument(content, context, () => true);
  for (const finding of document.findings) {
    add(finding, finding.offset === undefined ? undefined : document.positionOf(finding.offset));
  }
  if (document.findings.length === 0 && !isMapping(document.data)) {
    const expected = 'a mapping with keys of zk_hosts, srv_name and so on';
    add({ code: 'CONFIG_WRONG_TYPE', path: [], expected, fix: 'write key: value lines' });
  }
  return document;
}

/** ExaZK ignores them, so they are no mistakes here; a mistyped one is worth a word. */
function unknownKeys(
  data: Readonly<Record<string, unknown>>,
  lineOf: (key: string) => number | undefined,
): readonly string[] {
  const known = Object.keys(flags);
  return Object.keys(data)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const near = nearest(key, known);
      const guess = near === undefined ? '' : `; did you mean ${near}?`;
      return `${key}: unknown key in line ${lineOf(key)}, ignored${guess}`;
    });
}

/** What is missing, said to somebody who has the file alone, and no command line. */
export function inConffile(problem: ConfigProblem, file: string): ConfigProblem {
  const [key] = Object.entries(flags).find(([, flag]) => flag === problem.path) ?? [];
  if (problem.file !== 'command line' || key === undefined) return problem;
  return { ...problem, file, path: key, expected: 'a value', fix: `add ${key}: VALUE` };
}

function missing(
  key: ExazkKey,
  value: unknown,
  data: Readonly<Record<string, unknown>>,
): Complaint {
  const slip = Object.keys(data).find(
    (other) => !(other in flags) && nearest(other, [key]) === key,
  );
  return value === undefined
    ? {
        code: 'CONFIG_MISSING',
        expected: `${flags[key]} (${key})`,
        fix: `add ${flags[key]}, or ${key} in the file of -f`,
        ...(slip !== undefined && { found: `the unknown key ${quote(slip)} instead` }),
      }
    : { code: 'CONFIG_WRONG_TYPE', expected: 'one text', fix: 'write one value' };
}

/** Truth as YAML 1.1 spells it, which is what ExaZK's file is read as. */
const pythonBoolean: Parse<boolean> = (text) => {
  if (/^(true|yes|on|y)$/i.test(text)) return true;
  if (/^(false|no|off|n)$/i.test(text)) return false;
  return { code: 'CONFIG_WRONG_VALUE', expected: 'True or False', fix: 'write True or False' };
};
