import { isMemberName, type MemberId } from '../core/settings.ts';
import { parseHostAddress } from '../core/vip.ts';
import { durationForm, formatDuration, parseDuration } from './duration.ts';
import type { Complaint } from './problem.ts';

/** Turns a text into a value, or says what is wrong with it. */
export type Parse<T> = ((text: string) => T | Complaint) & { readonly form?: Form };

/** How the texts look that a parser takes, as far as an editor can use it; see json-schema.ts. */
export type Form =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'integer'; readonly least: number; readonly most: number }
  | { readonly kind: 'duration' }
  | { readonly kind: 'pattern'; readonly pattern: string }
  | { readonly kind: 'either'; readonly forms: readonly Form[] };

/** A parser that tells how its texts look. */
export function formed<T>(form: Form, parse: (text: string) => T | Complaint): Parse<T> {
  // A function of its own: the form of one use is none of another's.
  return Object.assign((text: string) => parse(text), { form });
}

/** Tells a refusal from a parsed value. */
export function isComplaint(result: unknown): result is Complaint {
  return typeof result === 'object' && result !== null && 'code' in result && 'expected' in result;
}

/** A duration between two limits, both included, in milliseconds. */
export function duration(leastMs: number, mostMs: number): Parse<number> {
  const range = `from ${formatDuration(leastMs)} to ${formatDuration(mostMs)}`;
  return formed({ kind: 'duration' }, (text) => {
    const parsed = parseDuration(text);
    if (parsed === undefined) return wrongDuration(text, range);
    if (parsed >= leastMs && parsed <= mostMs) return parsed;
    return {
      code: 'CONFIG_OUT_OF_RANGE',
      expected: `a duration ${range}`,
      fix: `use ${formatDuration(parsed < leastMs ? leastMs : mostMs)}, or a value ${range}`,
    };
  });
}

function wrongDuration(text: string, range: string): Complaint {
  const isNumber = /^\d+(\.\d+)?$/.test(text);
  return {
    code: 'CONFIG_WRONG_VALUE',
    expected: `${durationForm}, ${range}`,
    fix: isNumber ? 'add a unit, as in 5s or 500ms' : 'write numbers with units',
  };
}

/** A whole number between two limits, both included. */
export function integer(least: number, most: number): Parse<number> {
  return formed({ kind: 'integer', least, most }, (text) => {
    const value = Number(text);
    if (!/^-?\d{1,15}$/.test(text)) {
      return {
        code: 'CONFIG_WRONG_VALUE',
        expected: `a whole number from ${least} to ${most}`,
        fix: `write digits only, as in ${least}`,
      };
    }
    if (value >= least && value <= most) return value;
    return {
      code: 'CONFIG_OUT_OF_RANGE',
      expected: `a whole number from ${least} to ${most}`,
      fix: `use ${value < least ? least : most}, or a value in between`,
    };
  });
}

/** One of a few words. */
export function oneOf<const T extends readonly string[]>(words: T): Parse<T[number]> {
  return formed({ kind: 'words', words }, (text) => {
    const word = words.find((candidate) => candidate === text);
    if (word !== undefined) return word;
    return {
      code: 'CONFIG_WRONG_VALUE',
      expected: `one of ${words.join(', ')}`,
      fix: `use one of ${words.join(', ')}`,
    };
  });
}

const trueOrFalse = { kind: 'words', words: ['true', 'false'] } as const;

/** `true` or `false`. */
export const boolean: Parse<boolean> = formed(trueOrFalse, (text) => {
  const word = oneOf(trueOrFalse.words)(text);
  return typeof word === 'string' ? word === 'true' : word;
});

/** A member id; anything that is an IP address is refused because it would be taken for a VIP. */
export const memberId: Parse<MemberId> = (text) => {
  if (isMemberName(text)) return text;
  return {
    code: 'CONFIG_WRONG_VALUE',
    expected:
      'a member id: 1 to 63 of A-Z a-z 0-9 . _ -, starting with a letter or digit, no IP address',
    fix: 'use the host name of the LB, as in lb1',
  };
};

/** An absolute path of znodes without a slash at its end. */
export const znodePath: Parse<string> = (text) => {
  const names = text.split('/').slice(1);
  const isPath =
    text.startsWith('/') && names.every((name) => isPathSegment(name)) && names[0] !== 'zookeeper';
  if (isPath) return text;
  return {
    code: 'CONFIG_WRONG_VALUE',
    expected: 'an absolute znode path as /exabgp, outside of /zookeeper',
    fix: 'start it with one slash, put none at its end, and no . or .. in between',
  };
};

/** Like {@link znodePath}, and `/` is taken as well, read as an empty prefix. */
export const znodePrefix: Parse<string> = (text) => (text === '/' ? '' : znodePath(text));

function isPathSegment(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters ZooKeeper refuses in a path
  const refused = /[\u0000-\u001f\u007f-\u009f\ud800-\uf8ff\ufff0-\uffff]/;
  return name !== '' && name !== '.' && name !== '..' && !refused.test(name);
}

/** ZooKeeper's digest credential. */
export const digest: Parse<string> = (text) => {
  if (/^[^:\s]+:[^\s]+$/.test(text)) return text;
  return {
    code: 'CONFIG_WRONG_VALUE',
    expected: 'user:password',
    found: 'a text of another form (hidden)',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: shown as written in the file
    fix: 'write user, colon, password, best as ${file:/path}',
  };
};

/** An identity as an ACL of ZooKeeper names it. */
export const aclIdentity: Parse<{ readonly scheme: string; readonly id: string }> = (text) => {
  const [, scheme = '', id = ''] = /^([a-z0-9]+):(.+)$/s.exec(text) ?? [];
  if (idForms.get(scheme)?.test(id) === true) return { scheme, id };
  return {
    code: 'CONFIG_WRONG_VALUE',
    expected: 'digest:USER:HASH, x509:DISTINGUISHED NAME, ip:ADDRESS, ip:NETWORK or sasl:NAME',
    found: 'a text of another form (hidden)',
    fix: 'write the hash, not the password: echo -n USER:PASSWORD | openssl sha1 -binary | base64',
  };
};

/** The schemes that a server checks, and what each takes for an id. */
const idForms: ReadonlyMap<string, RegExp> = new Map([
  ['digest', /^[^:\s]+:[A-Za-z0-9+/]{27,}={0,2}$/],
  ['x509', /^\S.*=.*\S$/],
  ['ip', /^[0-9a-fA-F.:]+(\/\d{1,3})?$/],
  ['sasl', /^\S+$/],
]);

/** The name in a server's certificate. */
export const serverName: Parse<string> = (text) => {
  const isName = /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_-]+)*$/;
  if (isName.test(text) && parseHostAddress(text) === undefined) return text;
  return {
    code: 'CONFIG_WRONG_VALUE',
    expected: 'a host name, no IP address',
    fix: 'write a name of the certificate; a server reached by its address is known by that',
  };
};

/** A command line for `/bin/sh -c`. */
export const command: Parse<string> = (text) => {
  if (text.trim() !== '' && !text.includes('\0')) return text;
  return {
    code: 'CONFIG_WRONG_VALUE',
    expected: 'a shell command',
    fix: 'write what /bin/sh -c shall run; exit code 0 means healthy',
  };
};

/** The absolute path of a directory. */
export const directory: Parse<string> = (text) => {
  const isUsable = /^\/.*[^/]/.test(text) && !text.includes('\0');
  if (isUsable) return text;
  return {
    code: 'CONFIG_WRONG_VALUE',
    expected: 'the absolute path of a directory',
    fix: 'write a directory of its own for each agent, as in /run/vipkeeper',
  };
};

/** The name of a network interface, as Linux takes it. */
export const interfaceName: Parse<string> = (text) => {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/.test(text)) return text;
  return {
    code: 'CONFIG_WRONG_VALUE',
    expected: 'the name of an interface, 1 to 15 of A-Z a-z 0-9 _ . -',
    fix: 'use lo, or a dummy interface of the host',
  };
};

/** What stands behind the colon in an address's label. */
export const addressLabel: Parse<string> = (text) => {
  if (/^[A-Za-z0-9_.-]{1,13}$/.test(text)) return text;
  return {
    code: 'CONFIG_WRONG_VALUE',
    expected:
      'a label of 1 to 13 of A-Z a-z 0-9 _ . -, which is put behind the interface and a colon',
    fix: 'use a short word, as in vip',
  };
};

/** A user or group of the system, by name or number. */
export const account: Parse<string> = (text) => {
  if (/^([A-Za-z_][A-Za-z0-9_.-]{0,30}\$?|\d{1,10})$/.test(text)) return text;
  return {
    code: 'CONFIG_WRONG_VALUE',
    expected: 'the name of an account, or its number',
    fix: 'write it as /etc/passwd or /etc/group has it',
  };
};

/** A word that stands for itself, or else a value. */
export function wordOr<const W extends string, T>(word: W, parse: Parse<T>): Parse<W | T> {
  const wordForm: Form = { kind: 'words', words: [word] };
  const form: Form = { kind: 'either', forms: [wordForm, ...(parse.form ? [parse.form] : [])] };
  return formed(form, (text) => (text === word ? word : parse(text)));
}

/** Facilities that `logger -p` takes from a daemon. */
const facilityNames = [
  'daemon',
  'user',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
  'auth',
  'authpriv',
  'cron',
  'ftp',
  'kern',
  'lpr',
  'mail',
  'news',
  'syslog',
  'uucp',
] as const;

/** A syslog facility. */
export const facility: Parse<string> = oneOf(facilityNames);

/** How many neighbors must be established. */
export const requiredNeighbors: Parse<'any' | 'all' | 'off' | number> = formed(
  {
    kind: 'either',
    forms: [
      { kind: 'words', words: ['any', 'all', 'off'] },
      { kind: 'integer', least: 1, most: 1000 },
    ],
  },
  (text) => {
    if (text === 'any' || text === 'all' || text === 'off') return text;
    const count = integer(1, 1000)(text);
    if (typeof count === 'number') return count;
    return {
      code: count.code,
      expected: 'any, all, off, or a number of neighbors from 1 to 1000',
      fix: 'use any unless the LB needs more than one neighbor',
    };
  },
);
