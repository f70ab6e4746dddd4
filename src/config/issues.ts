import type * as z from 'zod/mini';
import { isMapping, valueAt } from './data.ts';
import { type ConfigPath, describeFound, type Finding, isSecretPath, quote } from './problem.ts';
import { keysAt } from './schema.ts';
import { isComplaint } from './values.ts';

type Issue = z.core.$ZodIssue;

/** Puts the schema's findings into words. */
export function findingsOfIssues(issues: readonly Issue[], data: unknown): readonly Finding[] {
  return issues.flatMap((issue) => findingsOf(issue, data));
}

function findingsOf(issue: Issue, data: unknown): readonly Finding[] {
  const path = issue.path.map((name) => (typeof name === 'number' ? name : String(name)));
  if (issue.code === 'invalid_union') return alternativeOf(issue, data);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(path, key, data));
  }
  const value = valueAt(data, path);
  const complaint = valueAt(issue, ['params', 'complaint']);
  if (isComplaint(complaint)) return [{ ...complaint, path }];
  const expected = expectedWords(issue);
  if (value === undefined) return [{ code: 'CONFIG_MISSING', path, expected, fix: 'add it' }];
  return [
    {
      code: 'CONFIG_WRONG_TYPE',
      path,
      expected,
      found: isSecretPath(path) ? 'another kind of value (hidden)' : describeFound(value),
      fix: `write ${expected} here${keysHint(path)}`,
    },
  ];
}

/** Where a word or a mapping may stand: what is wrong with the one that was written. The mapping comes first. */
function alternativeOf(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  data: unknown,
): readonly Finding[] {
  const [ofMapping = [], ofWord = []] = issue.errors;
  const isWritten = isMapping(valueAt(data, issue.path.map(String)));
  return (isWritten ? ofMapping : ofWord).flatMap((inner) =>
    findingsOf({ ...inner, path: [...issue.path, ...inner.path] }, data),
  );
}

function expectedWords(issue: Issue): string {
  if (issue.code === 'too_big') return `a list of at most ${issue.maximum}`;
  if (issue.code === 'too_small') return 'a list that is not empty';
  if (issue.code !== 'invalid_type') return 'another value';
  return issue.expected === 'array' ? 'a list' : 'a mapping';
}

function keysHint(path: ConfigPath): string {
  const keys = keysAt(path);
  return keys.length === 0 ? '' : ` with keys of ${keys.join(', ')}`;
}

function unknownKey(parent: ConfigPath, key: string, data: unknown): Finding {
  const path = [...parent, key];
  const keys = keysAt(parent);
  const near = nearest(key, keys);
  const isSecret = isSecretPath(parent);
  return {
    code: 'CONFIG_UNKNOWN_KEY',
    path: isSecret ? parent : path,
    atKey: true,
    expected: `keys of ${keys.join(', ')}`,
    found: isSecret ? 'an unknown key (hidden)' : `the unknown key ${quote(key)}`,
    fix:
      homeHint(parent, key, data) ?? (near === undefined ? 'remove it' : `did you mean ${near}?`),
  };
}

/** A key that was written beside the one that it belongs into. */
function homeHint(parent: ConfigPath, key: string, data: unknown): string | undefined {
  const written = valueAt(data, parent);
  if (!isMapping(written)) return undefined;
  const home = Object.keys(written).find((other) => keysAt([...parent, other]).includes(key));
  return home === undefined ? undefined : `move it into ${home}, as in ${home}: { ${key}: ... }`;
}

/** The known key a person most likely meant: same letters in another case, or at most two slips away. */
export function nearest(key: string, known: readonly string[]): string | undefined {
  const plain = simplify(key);
  let best: { readonly name: string; readonly slips: number } | undefined;
  for (const name of known) {
    const slips = distance(plain, simplify(name));
    const limit = name.length > 4 ? 2 : 1;
    if (slips <= limit && (best === undefined || slips < best.slips)) best = { name, slips };
  }
  return best?.name;
}

function simplify(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '').slice(0, 64);
}

/** Levenshtein's distance. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (const [j, otherLetter] of [...other].entries()) {
      const replaced = (row[j] ?? 0) + (letter === otherLetter ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
