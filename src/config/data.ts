import type { ConfigPath } from './problem.ts';

/** The value at a path of the file's data; undefined when there is none. */
export function valueAt(data: unknown, path: ConfigPath): unknown {
  let value = data;
  for (const name of path) {
    if (!(value instanceof Object) || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[name];
  }
  return value;
}

/** The same data without what is at these paths; a list from which something goes, goes as a whole. */
export function withoutValues(data: unknown, paths: readonly ConfigPath[]): unknown {
  const copy: unknown = structuredClone(data);
  for (const path of paths) {
    const index = path.findIndex((name) => typeof name === 'number');
    const whole = index < 0 ? path : path.slice(0, index);
    const parent = valueAt(copy, whole.slice(0, -1));
    const name = whole.at(-1);
    if (name !== undefined && isMapping(parent)) Reflect.deleteProperty(parent, name);
  }
  return copy;
}

/** Tells a mapping from a list, a text and nothing. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The texts of a list, each with its path; anything else in it is left out. */
export function textsAt(
  data: unknown,
  path: ConfigPath,
): readonly { readonly text: string; readonly path: ConfigPath }[] {
  const values: unknown = valueAt(data, path);
  if (!Array.isArray(values)) return [];
  return values.flatMap((text: unknown, index) =>
    typeof text === 'string' ? [{ text, path: [...path, index] }] : [],
  );
}
