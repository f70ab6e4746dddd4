import { textCharsMax, textOf } from './drain-data.ts';
import { parseWallTime, writeIsoTime } from './wall-time.ts';
import { dataBytesMax, readObject } from './znode-data.ts';

/** What an operator leaves in the znode of a maintenance or a drain. All of it is for people, except for `expiresMs`. */
export interface OperatorNote {
  readonly who: string | undefined;
  readonly reason: string | undefined;
  /** When it began, in milliseconds since 1970 by the wall clock. */
  readonly sinceMs: number | undefined;
  /** When a drain ends by itself; undefined: when it is deleted. A maintenance never ends by itself. */
  readonly expiresMs: number | undefined;
}

/**
 * The data of such a znode, as `parseDrainData` and {@link parseMaintenanceData} read it. Texts are cut as these would: with
 * data too long to be read, a drain would lose its end.
 */
export function encodeNote({ who, reason, sinceMs, expiresMs }: OperatorNote): Buffer {
  const time = (ms: number | undefined) => (ms === undefined ? undefined : writeIsoTime(ms));
  const data = {
    version: 1,
    who: who?.slice(0, textCharsMax),
    reason: reason?.slice(0, textCharsMax),
    since: time(sinceMs),
    expires: time(expiresMs),
  };
  return Buffer.from(JSON.stringify(data));
}

/**
 * Reads what a maintenance znode says of itself. Its existence alone decides, so data of any kind is right: a text
 * that is not ours is the reason. Never throws.
 */
export function parseMaintenanceData(data: Buffer | undefined): Omit<OperatorNote, 'expiresMs'> {
  const object = data === undefined ? 'empty' : readObject(data);
  if (typeof object === 'string') {
    const reason = textOf(data?.subarray(0, dataBytesMax).toString('utf8'));
    return { who: undefined, reason, sinceMs: undefined };
  }
  const { who, reason, since } = object;
  return {
    who: textOf(who),
    reason: textOf(reason),
    sinceMs: typeof since === 'string' ? parseWallTime(since) : undefined,
  };
}
