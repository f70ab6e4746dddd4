import * as z from 'zod/mini';
import { type Complaint, describeFound } from './problem.ts';
import { duration, type Form, isComplaint, type Parse } from './values.ts';

/** What every scalar takes: how its texts look, if that is known, and what they are in words. */
export const scalarForms = new WeakMap<
  object,
  { readonly form: Form | undefined; readonly expected: string }
>();

/** A scalar; `expected` is what is said when a mapping, a list or nothing stands in its place. */
export function scalar<T>(parse: Parse<T>, expected: string) {
  const schema = z.pipe(
    z.unknown(),
    z.transform((value, context): T => {
      const result = typeof value === 'string' ? parse(value) : wrongType(value, expected);
      if (!isComplaint(result)) return result;
      context.issues.push({ code: 'custom', input: value, params: { complaint: result } });
      return z.NEVER;
    }),
  );
  scalarForms.set(schema, { form: parse.form, expected });
  return schema;
}

function wrongType(value: unknown, expected: string): Complaint {
  if (value === undefined) return { code: 'CONFIG_MISSING', expected, fix: 'add it' };
  return {
    code: 'CONFIG_WRONG_TYPE',
    expected,
    found: describeFound(value),
    fix: value === null ? 'write a value, or remove the key' : 'write one value here',
  };
}

/** A duration between two limits, in milliseconds. */
export const time = (leastMs: number, mostMs: number) =>
  scalar(duration(leastMs, mostMs), 'a duration as 5s');

/** Milliseconds, to write limits and defaults with. */
export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;
