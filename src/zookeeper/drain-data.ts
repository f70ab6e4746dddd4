import { parseWallTime, wallTimeForm } from './wall-time.ts';
import { readObject } from './znode-data.ts';

/** What a drain says of itself. Its name decides who is drained; all of this may be absent. */
export interface DrainData {
  readonly who: string | undefined;
  readonly reason: string | undefined;
  /** When it began, in milliseconds since 1970; for people. */
  readonly sinceMs: number | undefined;
  /** Milliseconds since 1970 by the wall clock; undefined: it lasts until it is deleted. */
  readonly expiresMs: number | undefined;
  /** What of the data could not be understood; a drain whose end is unknown has none. */
  readonly mistake: string | undefined;
}

const none: DrainData = {
  who: undefined,
  reason: undefined,
  sinceMs: undefined,
  expiresMs: undefined,
  mistake: undefined,
};

/**
 * Reads a drain's data, `{"version":1,"who":"...","reason":"...","since":"...","expires":"2026-11-21T18:00:00Z"}`. Never
 * throws.
 */
export function parseDrainData(data: Buffer | undefined): DrainData {
  if (data === undefined || data.length === 0) return none;
  const object = readObject(data);
  if (typeof object === 'string') return { ...none, mistake: `data is unreadable (${object})` };
  const { version = 1, reason, who, since, expires, ...unknown } = object;
  if (version !== 1) return { ...none, mistake: 'data is unreadable (not in format version 1)' };
  const expiresMs = typeof expires === 'string' ? parseWallTime(expires) : undefined;
  const mistakes = [
    ...(expires !== undefined && expiresMs === undefined ? [`expires is not ${wallTimeForm}`] : []),
    ...Object.keys(unknown).map((key) => `unknown key ${printed(key)}`),
    ...([reason, who].some((text) => text !== undefined && typeof text !== 'string')
      ? ['reason and who are to be texts']
      : []),
  ];
  return {
    who: textOf(who),
    reason: textOf(reason),
    sinceMs: typeof since === 'string' ? parseWallTime(since) : undefined,
    expiresMs,
    mistake: mistakes.length === 0 ? undefined : mistakes.slice(0, 3).join(', '),
  };
}

/** Texts for people in the znode of a maintenance or a drain have no more characters: longer ones are not written, and are read cut. */
export const textCharsMax = 200;

/** What is there for people to read, cut and printable; undefined when it is no text, or an empty one. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? printed(value) : undefined;
}

/** It comes from outside and reaches log lines: no control characters, nothing that turns a line around. */
function printed(text: string): string {
  return text.slice(0, textCharsMax).replace(/\p{C}/gu, '?');
}
