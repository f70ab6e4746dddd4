/**
 * Every kind of mistake a configuration can hold. The key is the code that is printed; docs/errors.md documents each.
 */
export const problemCodes = {
  CONFIG_UNREADABLE: 'the file, or one it names, cannot be read',
  CONFIG_SYNTAX: 'the file is not valid YAML',
  CONFIG_DUPLICATE_KEY: 'a key is written twice in one mapping',
  CONFIG_REFERENCE: 'an environment variable or file the file refers to is missing',
  CONFIG_UNKNOWN_KEY: 'a key that means nothing here',
  CONFIG_MISSING: 'a required key is absent',
  CONFIG_WRONG_TYPE: 'a text where a mapping belongs, or the like',
  CONFIG_WRONG_VALUE: 'a value that cannot be understood',
  CONFIG_OUT_OF_RANGE: 'a value outside its limits',
  CONFIG_DUPLICATE_VIP: 'one VIP is listed twice',
  CONFIG_NOT_ALLOWED: 'a VIP outside the allowed prefixes, or more VIPs than allowed',
  CONFIG_CONTRADICTION: 'two settings that cannot both hold',
} as const;

export type ProblemCode = keyof typeof problemCodes;

/** Keys (and list indexes) from the top of the file down to a value. */
export type ConfigPath = readonly (string | number)[];

/** One mistake, with all a person needs to mend it. Never holds a secret. */
export interface ConfigProblem {
  readonly code: ProblemCode;
  /** Dotted, as in `services.apex.vips.10.20.255.1`; empty for the file as a whole. */
  readonly path: string;
  readonly file: string;
  /** Counted from 1; undefined when the mistake has no place in a file. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly expected: string;
  readonly found: string;
  readonly fix: string;
}

/** What a value's parser has to say about a text it refuses. */
export interface Complaint {
  readonly code: ProblemCode;
  readonly expected: string;
  readonly fix: string;
  /** Said instead of the text itself. */
  readonly found?: string;
}

/** A mistake and where it is, before it is given a line and column. */
export interface Finding extends Complaint {
  readonly path: ConfigPath;
  /** Point at the key instead of at its value. */
  readonly atKey?: boolean;
}

/** One line per problem. */
export function renderProblem(problem: ConfigProblem): string {
  const { file, line, column, path, expected, found, fix, code } = problem;
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  const subject = path === '' ? '' : `${path}: `;
  return oneLine(`${place}: ${subject}expected ${expected}, found ${found}; ${fix} [${code}]`);
}

/** A value in words: texts quoted and cut short, anything larger by its kind. */
export function describeFound(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  // A key pasted where its file belongs, or anything else.
  if (typeof value === 'string' && value.includes('-----BEGIN')) return 'a PEM text (hidden)';
  if (typeof value !== 'object') return quote(String(value));
  return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping';
}

/** A text in quotes, control characters escaped, at most 60 characters of it. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}

/** Whether what stands at this path may be a secret, even when it is misplaced there. */
export function isSecretPath(path: ConfigPath): boolean {
  // Headers of an http check, which may be credentials.
  if (path[0] === 'services') return path[2] === 'checks' && path[5] === 'headers';
  if (path[0] !== 'zookeeper') return false;
  if (path[1] === 'acl') return path[2] === 'operators';
  return path[1] === 'auth' || (path[1] === 'tls' && path[2] === 'passphrase');
}

function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a config's control characters must not reach a terminal
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
}
