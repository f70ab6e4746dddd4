import { type Act, act } from './act.ts';
import {
  type Content,
  count,
  flag,
  listOf,
  mapOf,
  maybe,
  oneOf,
  type Read,
  readContent,
  shape,
  text,
  time,
  version1,
} from './reads.ts';
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
  /** The last {@link actsMax} maintenances and drains that it saw come or go, oldest first; absent: none. */
  readonly acts?: readonly Act[];
  /** The service is too large for one znode: sentences, older moves, acts or VIPs were left out. */
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
/** And of what was done to maintenance and drains. */
export const actsMax = 20;
/** More than this in the znode is not looked at, and never written, as with all our znodes. */
export const statusBytesMax = 65_536;

/** A record as found. */
export type StatusContent = Content<StatusRecord>;

/** Reads a status znode's data as `readContent` does. */
export function parseStatusRecord(data: Uint8Array | string | undefined): StatusContent {
  return readContent(data, statusBytesMax, (value, at) => withSentences(record(value, at)));
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

const record: Read<StatusRecord> = shape<StatusRecord>({
  v: version1,
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
  acts: maybe(listOf(act)),
  isCut: maybe(oneOf(true)),
});
