import type { Clock } from '../../core/clock.ts';
import type { OperatorNote } from '../../zookeeper/operator-note.ts';
import { createOperatorWrites } from '../../zookeeper/operator-writes.ts';
import type { Requests } from '../../zookeeper/requests.ts';
import { writeIsoTime } from '../../zookeeper/wall-time.ts';
import { operatorName } from '../operator-name.ts';
import { liftNote, setNote } from './note.ts';

/** One znode to be set or lifted, for one service. */
export interface Task {
  readonly action: 'set' | 'lift';
  readonly service: string;
  /** A member or VIP that is drained; undefined: the service's maintenance. */
  readonly drained: string | undefined;
  /** Absolute, the chroot included. */
  readonly path: string;
  /** Where it is kept who did it; absolute, the chroot included. */
  readonly journal: string;
  readonly reason: string | undefined;
  /** A drain ends by itself after so long. */
  readonly forMs: number | undefined;
  /** Also gives a drain that lasts longer this earlier end. */
  readonly isForced?: boolean;
  /** Who wants it; absent: who is at the keyboard. */
  readonly who?: string;
}

/** Who left a znode, why, and for which time. */
interface NoteInWords {
  readonly who?: string;
  readonly reason?: string;
  readonly since?: string;
  readonly expires?: string;
}

/** What became of a task, and what stands now; in JSON as it is. */
export interface Result extends NoteInWords {
  readonly service: string;
  readonly kind: 'maintenance' | 'drain';
  readonly name?: string;
  readonly action: Task['action'];
  /**
   * `already`: it was so before; `kept`: so was a drain that lasts longer than what was asked for; `changed`: what was there
   * has another end or reason now.
   */
  readonly outcome: 'done' | 'already' | 'kept' | 'changed' | 'failed';
  readonly path: string;
  /** What was lifted, or stood before it was `changed`. */
  readonly before?: NoteInWords;
  /** What ZooKeeper said, for `failed`. */
  readonly detail?: string;
  /** Why the history does not have who did it. */
  readonly unkept?: string;
  /** With `--wait`: what the fleet has not done in time. */
  readonly missing?: readonly string[];
  /** With `--wait`: what ZooKeeper does not tell. */
  readonly untold?: readonly string[];
}

/** Carries out a task by a session that is established. */
export async function carryOut(task: Task, requests: Requests, clock: Clock): Promise<Result> {
  const { action, service, drained, path, who = operatorName(), isForced = false } = task;
  const kind = drained === undefined ? 'maintenance' : 'drain';
  const head = {
    service,
    action,
    path,
    kind,
    ...(drained !== undefined && { name: drained }),
  } as const;
  const writes = createOperatorWrites(requests);
  const became =
    action === 'lift'
      ? await liftNote(path, kind, writes)
      : await setNote(path, { ...task, kind, who, isForced }, writes, clock.wallMs());
  if (became.kind === 'failed') return { ...head, outcome: 'failed', detail: became.detail };
  const { note, before } = { note: undefined, before: undefined, ...became };
  return {
    ...head,
    outcome: became.kind,
    ...(note !== undefined && inWords(note)),
    ...(before !== undefined && { before: inWords(before) }),
  };
}

function inWords({ who, reason, sinceMs, expiresMs }: OperatorNote): NoteInWords {
  return {
    ...(who !== undefined && { who }),
    ...(reason !== undefined && { reason }),
    ...(sinceMs !== undefined && { since: writeIsoTime(sinceMs) }),
    ...(expiresMs !== undefined && { expires: writeIsoTime(expiresMs) }),
  };
}

/** That the history does not have who did it; undefined when it has, or nothing was done. */
export function unkeptLine({ service, unkept }: Result): string | undefined {
  return unkept === undefined ? undefined : `the history of ${service} will not say who: ${unkept}`;
}

/**
 * One line for people.
 * @param force `unavailable`: there is no such flag where it is read, so none is named.
 */
export function resultLine(result: Result, force?: 'unavailable'): string {
  const { service, name, action, outcome, detail, before } = result;
  if (outcome === 'failed') return `failed: ${detail}`;
  const was = before === undefined ? '' : ` (before:${origin(before)})`;
  if (action === 'lift') return `${lifted(result)}${was}`;
  const state =
    name === undefined ? `${service} is in maintenance` : `${name} of ${service} is drained`;
  if (outcome === 'already') return `${state} already${origin(result)}`;
  if (outcome === 'kept') {
    const way = force === 'unavailable' ? '' : '. --force gives it the earlier end';
    return `${state} already${origin(result)}; that is longer than what was asked for, so it stands${way}`;
  }
  const end = name === undefined ? '' : ` until ${endOf(result)}`;
  return `${state}${end}${was}`;
}

function lifted({ service, name, outcome }: Result): string {
  const isDone = outcome === 'done';
  if (name === undefined)
    return isDone ? `${service} is out of maintenance` : `${service} was not in maintenance`;
  return `${name} of ${service} ${isDone ? 'is not drained any more' : 'was not drained'}`;
}

function endOf({ expires }: NoteInWords): string {
  return expires === undefined ? 'it is undrained' : spelled(expires);
}

/** Since when, until when, by whom and why, as far as that is known; begins with a space. */
export function origin({ who, reason, since, expires }: NoteInWords): string {
  const parts = [
    since === undefined ? '' : ` since ${spelled(since)}`,
    expires === undefined ? '' : ` until ${spelled(expires)}`,
    who === undefined ? '' : `, by ${who}`,
    reason === undefined ? '' : `: ${reason}`,
  ];
  return parts.join('');
}

function spelled(time: string): string {
  return time.replace('T', ' ').replace('Z', ' UTC');
}
