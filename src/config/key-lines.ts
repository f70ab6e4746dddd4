import { type Complaint, type ConfigProblem, quote } from './problem.ts';

/** A line of another program's `key = value` file, or of a section of it. */
export interface KeyLine {
  /** Counted from 1. */
  readonly line: number;
  /** The section it stands in; undefined above all sections. */
  readonly section: string | undefined;
  readonly key: string;
  /** Undefined for a key that stands alone. */
  readonly value: string | undefined;
}

/** A mistake in a line; path is the key, behind its section where there is one. */
export function keyProblem(
  file: string,
  { line, section, key }: Omit<KeyLine, 'value' | 'line'> & { readonly line?: number },
  complaint: Complaint & { readonly found: string },
): ConfigProblem {
  const path = section === undefined ? key : `[${section}]${key === '' ? '' : ` ${key}`}`;
  return { ...complaint, file, path, line, column: undefined };
}

/** Keys that a value of ours may be made of: the first one that is in the file counts. */
export interface Origin {
  /** Of the dotted path in our file. Its groups `section` and `index` say which section, and which of several lines. */
  readonly path: RegExp;
  readonly keys: readonly string[];
}

/**
 * A mistake in what a file was translated to, as one of the file itself; one that comes of no line stays as it is.
 * @param shared a section that speaks for those that say nothing themselves.
 */
export function asProblemOfLine(
  problem: ConfigProblem,
  file: string,
  lines: readonly KeyLine[],
  origins: readonly Origin[],
  shared?: string,
): ConfigProblem {
  for (const { path, keys } of origins) {
    const match = path.exec(problem.path);
    if (match === null) continue;
    const { section, index } = { section: undefined, index: undefined, ...match.groups };
    for (const place of section === undefined ? [undefined] : [section, shared]) {
      const found = keys
        .map((key) => lines.filter((line) => line.key === key && line.section === place))
        .find((some) => some.length > 0);
      const line = lineOf(found ?? [], problem.found, index);
      if (line !== undefined) return keyProblem(file, line, problem);
    }
  }
  return problem;
}

/** The one with the value that was found; else the one at that place; the last one, where only one counts. */
function lineOf(
  lines: readonly KeyLine[],
  found: string,
  index: string | undefined,
): KeyLine | undefined {
  const same = lines.filter(({ value = '' }) => found.startsWith(quote(value)));
  return same.at(-1) ?? lines.at(index === undefined ? -1 : Number(index)) ?? lines.at(-1);
}
