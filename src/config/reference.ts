import type { Complaint } from './problem.ts';

/** Where references get their values from. */
export interface ReferenceSource {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly hostname: string;
  /** Reads a whole file as text; throws when it cannot. */
  readonly readFile: (path: string) => string;
}

export interface Substitution {
  readonly text: string;
  /** The text holds the content of a file, which is a secret until proven otherwise. */
  readonly isSecret: boolean;
  /** Names of the environment variables it was taken from. */
  readonly variables: readonly string[];
  readonly complaints: readonly Complaint[];
}

/** `${NAME}`, `${NAME:-default}`, `${file:/path}`; a further `$` in front makes it plain text. */
const reference = /\$?\$\{[^{}\n]*\}/g;

/** Replaces every reference in a text. One that cannot be resolved is left standing and complained about. */
export function substitute(text: string, source: ReferenceSource): Substitution {
  const complaints: Complaint[] = [];
  const variables: string[] = [];
  let isSecret = false;
  const replaced = text.replace(reference, (match) => {
    if (match.startsWith('$$')) return match.slice(1);
    const body = match.slice(2, -1);
    const result = body.startsWith('file:')
      ? fromFile(body.slice('file:'.length), source)
      : fromEnvironment(body, source);
    if (typeof result !== 'string') {
      complaints.push(result);
      return match;
    }
    if (body.startsWith('file:')) isSecret = true;
    else variables.push(body.replace(/:-.*$/s, ''));
    return result;
  });
  return { text: replaced, isSecret, variables, complaints };
}

/**
 * Hides references from the YAML parser: braces mean something to it inside `{...}` and `[...]`. Every reference
 * becomes as many private-use characters, so that lines and columns stay true; `unmask` puts it back.
 */
export function maskReferences(text: string): {
  readonly text: string;
  readonly unmask: (text: string) => string;
} {
  if (/[\ue000-\uf8ff]/.test(text)) return { text, unmask: (masked) => masked };
  const hidden: string[] = [];
  const masked = text.replace(reference, (match) => {
    if (hidden.length > maskLast - maskFirst) return match;
    hidden.push(match);
    const index = String.fromCharCode(maskFirst + hidden.length - 1);
    return `${index}${maskFill.repeat(match.length - 1)}`;
  });
  return {
    text: masked,
    unmask: (part) =>
      part.replace(
        /([\ue001-\uf8ff])\ue000+/g,
        (_, index: string) => hidden[index.charCodeAt(0) - maskFirst] ?? '',
      ),
  };
}

const maskFill = '\ue000';
const maskFirst = 0xe001;
const maskLast = 0xf8ff;

function fromFile(path: string, source: ReferenceSource): string | Complaint {
  if (!path.startsWith('/')) {
    return {
      code: 'CONFIG_REFERENCE',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: shown as written in the file
      expected: 'an absolute path in ${file:/path}',
      found: 'a relative one',
      fix: 'write the path from / on',
    };
  }
  try {
    return source.readFile(path).replace(/\r?\n$/, '');
  } catch (error) {
    return {
      code: 'CONFIG_REFERENCE',
      expected: `a readable file ${path}`,
      found: readFailure(error),
      fix: 'create the file, or let the user ExaBGP runs as read it',
    };
  }
}

function fromEnvironment(body: string, source: ReferenceSource): string | Complaint {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s.exec(body);
  const name = match?.[1];
  if (name === undefined) {
    return {
      code: 'CONFIG_REFERENCE',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: shown as written in the file
      expected: '${NAME}, ${NAME:-default} or ${file:/path}',
      found: 'a reference of another form',
      fix: 'correct the reference, or write $${ for a plain ${',
    };
  }
  const value = Object.hasOwn(source.environment, name) ? source.environment[name] : undefined;
  const fallback = match?.[2];
  if (fallback !== undefined) return value === undefined || value === '' ? fallback : value;
  // Shells set HOSTNAME without exporting it, so under ExaBGP it is usually absent.
  if (name === 'HOSTNAME' && (value === undefined || value === '')) return source.hostname;
  return (
    value ?? {
      code: 'CONFIG_REFERENCE',
      expected: `the environment variable ${name}`,
      found: 'no such variable',
      fix: `set ${name} where ExaBGP is started, or write \${${name}:-default}`,
    }
  );
}

/** The system's error code alone: messages of foreign errors may hold anything. */
export function readFailure(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? `an error on reading it (${code})` : 'an error on reading it';
}
