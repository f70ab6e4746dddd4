import { parseDrainData } from '../../zookeeper/drain-data.ts';
import { type OperatorNote, parseMaintenanceData } from '../../zookeeper/operator-note.ts';
import type { Failed, OperatorWrites } from '../../zookeeper/operator-writes.ts';
import type { Znode } from '../../zookeeper/requests.ts';

/** What somebody asks for. */
export interface Asked {
  /** A maintenance has no end, and text of any kind for data. */
  readonly kind: 'maintenance' | 'drain';
  readonly who: string;
  readonly reason: string | undefined;
  /** A drain ends by itself after so long. */
  readonly forMs: number | undefined;
  /** Also gives an earlier end to a drain that stands. */
  readonly isForced: boolean;
}

/**
 * What stands now.
 * `done`: it was not there, or over. `already`: as asked, before. `kept`: a drain that lasts longer than what was asked for
 * is as it was. `changed`: it was there with another note, `before`.
 */
export type Standing =
  | { readonly kind: 'done' | 'already' | 'kept'; readonly note: OperatorNote }
  | { readonly kind: 'changed'; readonly note: OperatorNote; readonly before: OperatorNote }
  | Failed;

/** What was lifted, if it said anything. */
export type Lifted =
  | { readonly kind: 'done'; readonly before: OperatorNote | undefined }
  | { readonly kind: 'already' }
  | Failed;

/** Others may write the same znode meanwhile; so often it is read again. */
const attemptsMax = 5;

/**
 * Makes the znode, or brings together what stands with what is asked: a drain lasts as long as the longest that anybody
 * asked for, and the newest reason is the one that is told.
 */
export async function setNote(
  path: string,
  asked: Asked,
  writes: OperatorWrites,
  nowMs: number,
): Promise<Standing> {
  const { who, reason, forMs } = asked;
  const expiresMs = forMs === undefined ? undefined : nowMs + forMs;
  const note: OperatorNote = { who, reason, sinceMs: nowMs, expiresMs };
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const standing = await bringTogether(path, note, asked, writes);
    if (standing !== undefined) return standing;
  }
  return { kind: 'failed', detail: `${path}: others write it all the time; run the same again` };
}

/** Undefined: somebody else was quicker. */
async function bringTogether(
  path: string,
  note: OperatorNote,
  { kind, isForced }: Asked,
  writes: OperatorWrites,
): Promise<Standing | undefined> {
  const created = await writes.create(path, note);
  if (created.kind === 'failed') return created;
  if (created.kind === 'done') return { kind: 'done', note };
  const found = await writes.read(path);
  if (found.kind !== 'found') return found.kind === 'failed' ? found : undefined;
  const next = standingOf(note, noteOf(kind, found.znode), isForced);
  if (next.kind === 'already' || next.kind === 'kept') return next;
  const rewritten = await writes.rewrite(path, next.note, found.znode.version);
  if (rewritten.kind === 'failed') return rewritten;
  return rewritten.kind === 'done' ? next : undefined;
}

/** Deletes the znode, and says what was in it. */
export async function liftNote(
  path: string,
  kind: Asked['kind'],
  writes: OperatorWrites,
): Promise<Lifted> {
  const found = await writes.read(path);
  const removed = await writes.remove(path);
  if (removed.kind === 'failed') return removed;
  if (removed.kind === 'already') return { kind: 'already' };
  return { kind: 'done', before: found.kind === 'found' ? noteOf(kind, found.znode) : undefined };
}

type Decided = Exclude<Standing, Failed>;

function standingOf(
  asked: Required<OperatorNote>,
  before: OperatorNote,
  isForced: boolean,
): Decided {
  const nowMs = asked.sinceMs ?? 0;
  if (endOf(before) <= nowMs) return { kind: 'done', note: asked };
  const isShorter = endOf(asked) < endOf(before);
  if (isShorter && !isForced) return { kind: 'kept', note: before };
  const reason = asked.reason ?? before.reason;
  if (endOf(asked) === endOf(before) && reason === before.reason)
    return { kind: 'already', note: before };
  return { kind: 'changed', note: { ...asked, reason, sinceMs: before.sinceMs }, before };
}

/** Without an end it lasts for ever. */
function endOf({ expiresMs = Infinity }: OperatorNote): number {
  return expiresMs;
}

/** Of zkCli's nothing but the time is known. */
function noteOf(kind: Asked['kind'], { data, createdMs }: Znode): OperatorNote {
  const { who, reason, sinceMs, expiresMs } =
    kind === 'drain'
      ? parseDrainData(data)
      : { ...parseMaintenanceData(data), expiresMs: undefined };
  return { who, reason, sinceMs: sinceMs ?? createdMs, expiresMs };
}
