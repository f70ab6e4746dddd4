import { roleWords } from './sentences.ts';
import type { ConfigVersion } from './snapshot.ts';

/**
 * What a member keeps for people in the persistent znode `<root>/status/<service>/<member>`: one service, as that member
 * saw and decided it. No decision reads it. It survives the member, so that the last moves of a dead LB stay readable;
 * whether the member is there is told by its member znode. Times are ISO 8601 in UTC by that member's wall clock; what
 * is absent is not known.
 */
export interface StatusRecord {
  readonly v: 1;
  readonly member: string;
  readonly writtenAt: string;
  /** Of the agent's process. */
  readonly startedAt: string;
  /** Of vipkeeper. */
  readonly version: string;
  /** Members that run the same file have the same hash. */
  readonly config: ConfigVersion;
  readonly session: { readonly timeoutMs: number; readonly belief: string };
  readonly exabgp: {
    readonly version?: string;
    readonly answers: boolean;
    /** Enough of the neighbors that are told of the service are established for this LB to count. */
    readonly isConnected?: boolean;
    readonly neighbors?: Readonly<Record<string, 'up' | 'down'>> | 'unknowable';
  };
  readonly health: 'up' | 'down' | 'unknown';
  readonly checks: readonly StatusCheck[];
  readonly settlesUntil?: string;
  readonly dampedUntil?: string;
  /** Why the member is leaving. */
  readonly leaving?: string;
  /** By prefix, as `10.20.255.1/32`. */
  readonly vips: Readonly<Record<string, StatusVip>>;
  /** The last {@link movesMax}, oldest first; of earlier lives of the agent, too. */
  readonly moves: readonly Move[];
  /** The service is too large for one znode: sentences, older moves or VIPs were left out. */
  readonly isCut?: true;
}

export interface StatusCheck {
  readonly name: string;
  readonly verdict: string;
  readonly since?: string;
  readonly detail?: string;
  readonly durationMs?: number;
}

export interface StatusVip {
  readonly owner?: string;
  /** What it is announced as; `none`: withdrawn, `hold`: left as it is. */
  readonly role: string;
  readonly reason: string;
  /** Role and reason for people; left out of a large record, and then made by the reader. */
  readonly sentence: string;
  /** Since when that is its role. */
  readonly since: string;
  /** What ExaBGP has accepted: its attributes, `absent` or `unknown`. */
  readonly route: string;
  /** How many members would take it over rather than this one. */
  readonly rank?: number;
  /** What ExaBGP refused last: attributes, or `absent` for a withdraw. */
  readonly refused?: string;
}

/** One VIP changed its role at one member. Roles as in {@link StatusVip}. */
export interface Move {
  readonly at: string;
  readonly vip: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly sentence: string;
}

/** Moves that a record holds at most. */
export const movesMax = 50;
/** More than this in the znode is not looked at, and never written, as with all our znodes. */
export const statusBytesMax = 65_536;

/** Data as found: a record, or something else and what is wrong with it. */
export type StatusContent =
  | { readonly kind: 'record'; readonly record: StatusRecord }
  | { readonly kind: 'unreadable'; readonly why: string };

/**
 * Reads a status znode's data. Never throws, whatever is in there. Unknown keys, as of later versions, are ignored; a
 * known one of the wrong type makes the whole unreadable and is named. Texts come without control characters, 400 at
 * most, since they reach terminals and pages.
 */
export function parseStatusRecord(data: Uint8Array | string | undefined): StatusContent {
  if (data === undefined || data.length === 0) return { kind: 'unreadable', why: 'empty' };
  if (data.length > statusBytesMax)
    return { kind: 'unreadable', why: `over ${statusBytesMax} bytes` };
  let value: unknown;
  try {
    value = JSON.parse(typeof data === 'string' ? data : new TextDecoder().decode(data));
  } catch {
    return { kind: 'unreadable', why: 'not JSON' };
  }
  try {
    return { kind: 'record', record: withSentences(record(value, '')) };
  } catch (error) {
    if (error instanceof Mistake) return { kind: 'unreadable', why: error.message };
    throw error;
  }
}

/** A large record leaves its sentences to the reader. */
function withSentences(read: StatusRecord): StatusRecord {
  if (read.isCut !== true) return read;
  const vips = Object.entries(read.vips).map(([name, vip]) => {
    const sentence = vip.sentence || roleWords(vip.role, vip.reason);
    return [name, { ...vip, sentence }];
  });
  const moves = read.moves.map((move) => ({
    ...move,
    sentence: move.sentence || roleWords(move.to, move.reason),
  }));
  return { ...read, vips: Object.fromEntries(vips), moves };
}

class Mistake extends Error {}

/** Takes a value of its type, or throws a {@link Mistake} that names the place. */
type Read<Type> = (value: unknown, at: string) => Type;
/** One for each key; of one that may be absent, undefined is a value. */
type Reads<Type> = {
  readonly [Key in keyof Type]-?: Read<
    Record<never, never> extends Pick<Type, Key> ? Type[Key] | undefined : Type[Key]
  >;
};

const text: Read<string> = (value, at) => {
  if (typeof value !== 'string') throw new Mistake(`${at} is not a text`);
  return value.slice(0, 400).replace(/\p{C}/gu, '?');
};

const time: Read<string> = (value, at) => {
  if (typeof value !== 'string' || value.length > 40 || Number.isNaN(Date.parse(value)))
    throw new Mistake(`${at} is not a time`);
  return value;
};

const count: Read<number> = (value, at) => {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
    throw new Mistake(`${at} is not a number from 0 on`);
  return value;
};

const flag: Read<boolean> = (value, at) => {
  if (typeof value !== 'boolean') throw new Mistake(`${at} is neither true nor false`);
  return value;
};

function oneOf<const Word>(...words: readonly Word[]): Read<Word> {
  return (value, at) => {
    const word = words.find((known) => known === value);
    if (word === undefined) throw new Mistake(`${at} is not one of ${words.join(', ')}`);
    return word;
  };
}

/** May be absent. */
function maybe<Type>(read: Read<Type>): Read<Type | undefined> {
  return (value, at) => (value === undefined ? undefined : read(value, at));
}

function listOf<Type>(read: Read<Type>): Read<readonly Type[]> {
  return (value, at) => {
    if (!Array.isArray(value)) throw new Mistake(`${at} is not a list`);
    return value.map((item, index) => read(item, `${at}[${index}]`));
  };
}

function mapOf<Type>(read: Read<Type>): Read<Readonly<Record<string, Type>>> {
  return (value, at) =>
    Object.fromEntries(
      Object.entries(object(value, at)).map(([name, item]) => [
        text(name, at),
        read(item, `${at}.${text(name, at)}`),
      ]),
    );
}

/** An object with these keys; what is absent stays absent. */
function shape<Type>(reads: Reads<Type>): Read<Type> {
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

const record: Read<StatusRecord> = shape<StatusRecord>({
  v: (value) => {
    if (value !== 1) throw new Mistake('not in format version 1');
    return value;
  },
  member: text,
  writtenAt: time,
  startedAt: time,
  version: text,
  config: shape<ConfigVersion>({
    hash: text,
    loadedAt: time,
    rejected: maybe(shape<NonNullable<ConfigVersion['rejected']>>({ at: time, why: text })),
  }),
  session: shape<StatusRecord['session']>({ timeoutMs: count, belief: text }),
  exabgp: shape<StatusRecord['exabgp']>({
    version: maybe(text),
    answers: flag,
    isConnected: maybe(flag),
    neighbors: maybe((value, at) =>
      value === 'unknowable' ? value : mapOf(oneOf('up', 'down'))(value, at),
    ),
  }),
  health: oneOf('up', 'down', 'unknown'),
  checks: listOf(
    shape<StatusCheck>({
      name: text,
      verdict: text,
      since: maybe(time),
      detail: maybe(text),
      durationMs: maybe(count),
    }),
  ),
  settlesUntil: maybe(time),
  dampedUntil: maybe(time),
  leaving: maybe(text),
  vips: mapOf(
    shape<StatusVip>({
      owner: maybe(text),
      role: text,
      reason: text,
      sentence: text,
      since: time,
      route: text,
      rank: maybe(count),
      refused: maybe(text),
    }),
  ),
  moves: listOf(
    shape<Move>({ at: time, vip: text, from: text, to: text, reason: text, sentence: text }),
  ),
  isCut: maybe(oneOf(true)),
});
