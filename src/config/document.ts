import { type Document, isMap, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { type ConfigPath, type Finding, isSecretPath } from './problem.ts';
import { maskReferences, type ReferenceSource, substitute } from './reference.ts';

/** A YAML file as data in which every scalar is a text (or null when left empty), and where each part stands. */
export interface ConfigDocument {
  readonly data: unknown;
  readonly findings: readonly (Finding & { readonly offset?: number })[];
  /** Paths whose text came from a file. */
  readonly secretPaths: ReadonlySet<string>;
  /** Environment variables that secrets were taken from. */
  readonly secretVariables: ReadonlySet<string>;
  /** Line and column of the value, or of its key; of the nearest thing above when it is absent. */
  locate(path: ConfigPath, atKey: boolean): Position | undefined;
  positionOf(offset: number): Position;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * Parses YAML and replaces references. All scalars stay texts, so that `no` is a member's name and `010` is not 8;
 * the keys' own parsers give them a type.
 * @param isLiteral tells the values in which references are left alone.
 */
export function readDocument(
  text: string,
  source: ReferenceSource,
  isLiteral: (path: ConfigPath) => boolean,
): ConfigDocument {
  const mask = maskReferences(text);
  const lines = new LineCounter();
  const document = parseDocument(mask.text, {
    schema: 'failsafe',
    stringKeys: true,
    // Pretty errors quote the file, secrets included.
    prettyErrors: false,
    lineCounter: lines,
    logLevel: 'error',
  });
  const findings: (Finding & { offset?: number })[] = document.errors.map((error) =>
    syntaxFinding(document, error.code, error.message, error.pos[0]),
  );
  const secretPaths = new Set<string>();
  const secretVariables = new Set<string>();
  resolveScalars(document, (value, path) => {
    const plain = mask.unmask(value);
    if (path === undefined || isLiteral(path)) return plain;
    const result = substitute(plain, source);
    for (const complaint of result.complaints) findings.push({ ...complaint, path });
    if (result.isSecret) secretPaths.add(path.join('.'));
    if (isSecretPath(path)) for (const name of result.variables) secretVariables.add(name);
    return result.text;
  });
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  return {
    data: toData(document, findings),
    findings,
    secretPaths,
    secretVariables,
    positionOf,
    locate(path, atKey) {
      const offset = offsetOf(document, path, atKey);
      return offset === undefined ? undefined : positionOf(offset);
    },
  };
}

function syntaxFinding(
  document: Document,
  code: string,
  message: string,
  offset: number,
): Finding & { offset: number } {
  if (code === 'DUPLICATE_KEY') {
    return {
      code: 'CONFIG_DUPLICATE_KEY',
      path: pathOfKey(document, offset),
      offset,
      expected: 'every key once',
      found: 'a key that is already set above',
      fix: 'remove one of the two',
    };
  }
  return {
    code: 'CONFIG_SYNTAX',
    path: [],
    offset,
    expected: 'valid YAML',
    // The parser quotes the file in places, and a secret may stand there.
    found: `a mistake (${message.replace(/\s*["'`].*$/s, '').replace(/[:\s]+$/, '')})`,
    fix: 'check indentation, quotes and brackets here',
  };
}

/** The path of the key that starts at an offset. */
function pathOfKey(document: Document, offset: number): ConfigPath {
  let path: ConfigPath = [];
  visit(document, {
    Pair(key, pair, ancestors) {
      if (startOf(pair.key) !== offset || !isScalar(pair.key)) return undefined;
      path = [...pathOf(key, ancestors), String(pair.key.value)];
      return visit.BREAK;
    },
  });
  return path;
}

/** Rewrites all texts in place; keys come without a path. Scalars left empty become null. */
function resolveScalars(
  document: Document,
  resolve: (value: string, path: ConfigPath | undefined) => string,
): void {
  visit(document, {
    Scalar(key, node, ancestors) {
      if (typeof node.value !== 'string') return;
      const isEmpty = node.type === 'PLAIN' && /^(|~|null)$/.test(node.value);
      if (key === 'key') node.value = resolve(node.value, undefined);
      else if (isEmpty) node.value = null;
      else node.value = resolve(node.value, pathOf(key, ancestors));
    },
  });
}

/** The path of a visited value; collections' indexes are found by looking the child up in its parent. */
function pathOf(key: unknown, ancestors: readonly unknown[]): ConfigPath {
  const path: (string | number)[] = [];
  for (const [index, ancestor] of ancestors.entries()) {
    if (isPair(ancestor) && isScalar(ancestor.key)) path.push(String(ancestor.key.value));
    else if (ancestor instanceof Object && 'items' in ancestor && !isMap(ancestor)) {
      const child = ancestors[index + 1];
      const items = ancestor.items as readonly unknown[];
      path.push(child === undefined ? Number(key) : items.indexOf(child));
    }
  }
  return path;
}

function toData(document: Document, findings: Finding[]): unknown {
  try {
    // Enough for any real file, and an end to aliases that multiply each other.
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    findings.push({
      code: 'CONFIG_SYNTAX',
      path: [],
      expected: 'aliases that lead somewhere, 100 at most',
      found: 'an unknown alias, or too many',
      fix: 'write the values out',
    });
    return undefined;
  }
}

/** Where a path stands in the text; the deepest part that exists when the rest is missing. */
function offsetOf(document: Document, path: ConfigPath, atKey: boolean): number | undefined {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const [index, name] of path.entries()) {
    const isLast = index === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === name);
      if (pair === undefined) return offset;
      node = pair.value;
      const keyOffset = startOf(pair.key);
      offset = isLast && !atKey ? (startOf(node) ?? keyOffset) : (keyOffset ?? offset);
    } else {
      node = document.getIn(path.slice(0, index + 1), true);
      offset = startOf(node) ?? offset;
    }
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  if (!(node instanceof Object) || !('range' in node) || !Array.isArray(node.range))
    return undefined;
  return typeof node.range[0] === 'number' ? node.range[0] : undefined;
}
