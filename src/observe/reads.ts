/** Data of a znode for people, as found: what was expected, or something else and what is wrong with it. */
export type Content<Type> =
  | { readonly kind: 'record'; readonly record: Type }
  | { readonly kind: 'unreadable'; readonly why: string };

/**
 * Reads JSON of a known form. Never throws, whatever is in there. Unknown keys, as of later versions, are ignored; a known
 * one of the wrong type makes the whole unreadable and is named. Texts come without control characters, 400 at most, since
 * they reach terminals and pages.
 */
export function readContent<Type>(
  data: Uint8Array | string | undefined,
  bytesMax: number,
  read: Read<Type>,
): Content<Type> {
  if (data === undefined || data.length === 0) return { kind: 'unreadable', why: 'empty' };
  if (data.length > bytesMax) return { kind: 'unreadable', why: `over ${bytesMax} bytes` };
  let value: unknown;
  try {
    value = JSON.parse(typeof data === 'string' ? data : new TextDecoder().decode(data));
  } catch {
    return { kind: 'unreadable', why: 'not JSON' };
  }
  try {
    return { kind: 'record', record: read(value, '') };
  } catch (error) {
    if (error instanceof Mistake) return { kind: 'unreadable', why: error.message };
    throw error;
  }
}

class Mistake extends Error {}

/** Takes a value of its type, or throws a mistake that names the place. */
export type Read<Type> = (value: unknown, at: string) => Type;
/** One for each key; of one that may be absent, undefined is a value. */
type Reads<Type> = {
  readonly [Key in keyof Type]-?: Read<
    Record<never, never> extends Pick<Type, Key> ? Type[Key] | undefined : Type[Key]
  >;
};

export const text: Read<string> = (value, at) => {
  if (typeof value !== 'string') throw new Mistake(`${at} is not a text`);
  return value.slice(0, 400).replace(/\p{C}/gu, '?');
};

export const time: Read<string> = (value, at) => {
  if (typeof value !== 'string' || value.length > 40 || Number.isNaN(Date.parse(value)))
    throw new Mistake(`${at} is not a time`);
  return value;
};

export const count: Read<number> = (value, at) => {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
    throw new Mistake(`${at} is not a number from 0 on`);
  return value;
};

export const flag: Read<boolean> = (value, at) => {
  if (typeof value !== 'boolean') throw new Mistake(`${at} is neither true nor false`);
  return value;
};

export function oneOf<const Word>(...words: readonly Word[]): Read<Word> {
  return (value, at) => {
    const word = words.find((known) => known === value);
    if (word === undefined) throw new Mistake(`${at} is not one of ${words.join(', ')}`);
    return word;
  };
}

/** May be absent. */
export function maybe<Type>(read: Read<Type>): Read<Type | undefined> {
  return (value, at) => (value === undefined ? undefined : read(value, at));
}

export function listOf<Type>(read: Read<Type>): Read<readonly Type[]> {
  return (value, at) => {
    if (!Array.isArray(value)) throw new Mistake(`${at} is not a list`);
    return value.map((item, index) => read(item, `${at}[${index}]`));
  };
}

export function mapOf<Type>(read: Read<Type>): Read<Readonly<Record<string, Type>>> {
  return (value, at) =>
    Object.fromEntries(
      Object.entries(object(value, at)).map(([name, item]) => [
        text(name, at),
        read(item, `${at}.${text(name, at)}`),
      ]),
    );
}

/** An object with these keys; what is absent stays absent. */
export function shape<Type>(reads: Reads<Type>): Read<Type> {
  return (value, at) => {
    const found = object(value, at);
    const read: Partial<Type> = {};
    for (const key in reads) {
      const item = Object.hasOwn(found, key) ? found[key] : undefined;
      const result = reads[key](item, at === '' ? key : `${at}.${key}`);
      if (result !== undefined) read[key] = result;
    }
    return read as Type;
  };
}

function object(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Mistake(at === '' ? 'not a JSON object' : `${at} is not an object`);
  return value as Readonly<Record<string, unknown>>;
}

/** The format that is written; another one is not understood. */
export const version1: Read<1> = (value) => {
  if (value !== 1) throw new Mistake('not in format version 1');
  return value;
};
