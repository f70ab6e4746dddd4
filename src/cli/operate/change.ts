import type { Clock } from '../../core/clock.ts';
import { answerTo } from '../../zookeeper/command-session.ts';
import { parseDrainData } from '../../zookeeper/drain-data.ts';
import { type OperatorNote, parseMaintenanceData } from '../../zookeeper/operator-note.ts';
import { createOperatorWrites, type Written } from '../../zookeeper/operator-writes.ts';
import type { Requests, Znode } from '../../zookeeper/requests.ts';
import { writeIsoTime } from '../../zookeeper/wall-time.ts';
import { operatorName } from '../operator-name.ts';

/** One znode to be set or lifted, for one service. */
export interface Task {
  readonly action: 'set' | 'lift';
  readonly service: string;
  /** A member or VIP that is drained; undefined: the service's maintenance. */
  readonly drained: string | undefined;
  /** Absolute, the chroot included. */
  readonly path: string;
  readonly reason: string | undefined;
  /** A drain ends by itself after so long. */
  readonly forMs: number | undefined;
  /** Who wants it; absent: who is at the keyboard. */
  readonly who?: string;
}

/** What became of a task; in JSON as it is. */
export interface Result {
  readonly service: string;
  readonly kind: 'maintenance' | 'drain';
  readonly name?: string;
  readonly action: Task['action'];
  /** `already`: it was so before; `changed`: a drain that was there ends at another time. */
  readonly outcome: 'done' | 'already' | 'changed' | 'failed';
  readonly path: string;
  readonly who?: string;
  readonly reason?: string;
  readonly since?: string;
  readonly expires?: string;
  /** What ZooKeeper said, for `failed`. */
  readonly detail?: string;
  /** With `--wait`: what the fleet has not done in time. */
  readonly missing?: readonly string[];
}

/** Carries out a task by a session that is established. */
export async function carryOut(task: Task, requests: Requests, clock: Clock): Promise<Result> {
  const { action, service, drained, path } = task;
  const same = { service, action, path };
  const head: Pick<Result, 'service' | 'action' | 'path' | 'kind' | 'name'> =
    drained === undefined
      ? { ...same, kind: 'maintenance' }
      : { ...same, kind: 'drain', name: drained };
  if (action === 'lift') {
    const removed = await createOperatorWrites(requests).remove(path);
    return { ...head, ...outcomeOf(removed) };
  }
  return { ...head, ...(await set(task, requests, clock)) };
}

async function set(task: Task, requests: Requests, clock: Clock) {
  const writes = createOperatorWrites(requests);
  const nowMs = clock.wallMs();
  const { path, reason, forMs, who = operatorName() } = task;
  const expiresMs = forMs === undefined ? undefined : nowMs + forMs;
  const note: OperatorNote = { who, reason, sinceMs: nowMs, expiresMs };
  const created = await writes.create(path, note);
  if (created.kind !== 'already') return { ...outcomeOf(created), ...inWords(note) };
  const found = await answerTo<Znode>((done) => requests.getData(path, undefined, done));
  const before = noteOf(task, found.ok ? found.value.data : undefined);
  const isOver = before.expiresMs !== undefined && before.expiresMs <= nowMs;
  // Somebody else's reason stands, unless its drain is over or is to end at another time.
  if (!isOver && forMs === undefined) return { ...outcomeOf(created), ...inWords(before) };
  const next = isOver
    ? note
    : { ...note, reason: reason ?? before.reason, sinceMs: before.sinceMs ?? nowMs };
  const rewritten = await writes.rewrite(path, next);
  const outcome = outcomeOf(rewritten);
  return { ...outcome, ...(!isOver && outcome.outcome === 'done' && changed), ...inWords(next) };
}

const changed = { outcome: 'changed' } as const;

function noteOf({ drained }: Task, data: Buffer | undefined): OperatorNote {
  if (drained !== undefined) return parseDrainData(data);
  return { ...parseMaintenanceData(data), expiresMs: undefined };
}

function outcomeOf(written: Written): Pick<Result, 'outcome' | 'detail'> {
  return written.kind === 'failed'
    ? { outcome: 'failed', detail: written.detail }
    : { outcome: written.kind };
}

function inWords({ who, reason, sinceMs, expiresMs }: OperatorNote) {
  return {
    ...(who !== undefined && { who }),
    ...(reason !== undefined && { reason }),
    ...(sinceMs !== undefined && { since: writeIsoTime(sinceMs) }),
    ...(expiresMs !== undefined && { expires: writeIsoTime(expiresMs) }),
  };
}

/** One line for people. */
export function resultLine(result: Result): string {
  const { service, name, action, outcome, detail } = result;
  if (outcome === 'failed') return `failed: ${detail}`;
  if (action === 'lift') {
    if (name === undefined)
      return outcome === 'done'
        ? `${service} is out of maintenance`
        : `${service} was not in maintenance`;
    return `${name} of ${service} ${outcome === 'done' ? 'is not drained any more' : 'was not drained'}`;
  }
  const state =
    name === undefined ? `${service} is in maintenance` : `${name} of ${service} is drained`;
  const end = name === undefined ? '' : ` until ${endOf(result)}`;
  return outcome === 'already' ? `${state} already${origin(result)}` : `${state}${end}`;
}

function endOf({ expires }: Result): string {
  return expires === undefined ? 'it is undrained' : spelled(expires);
}

function origin({ who, reason, since, expires, name }: Result): string {
  const parts = [
    since === undefined ? '' : ` since ${spelled(since)}`,
    name === undefined || expires === undefined ? '' : ` until ${spelled(expires)}`,
    who === undefined ? '' : `, by ${who}`,
    reason === undefined ? '' : `: ${reason}`,
  ];
  return parts.join('');
}

function spelled(time: string): string {
  return time.replace('T', ' ').replace('Z', ' UTC');
}
