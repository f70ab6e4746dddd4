import { randomInt } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { vipOfClaimName } from '../../core/vip.ts';
import { type Act, journalWith } from '../../observe/act.ts';
import { isoTime } from '../../observe/iso-time.ts';
import { answerTo } from '../../zookeeper/command-session.ts';
import { textCharsMax } from '../../zookeeper/drain-data.ts';
import type { Requests, Znode } from '../../zookeeper/requests.ts';
import { operatorName } from '../operator-name.ts';
import { carryOut, type Result, type Task } from './change.ts';

/** Others may write it meanwhile; for so long it is read again. */
const keepWithinMs = 4_000;
/** Of all that write at once one is the first. Pauses at random let the others not meet again. */
const pauseMsMax = 200;

/**
 * Carries out a task by a session that is established, and keeps who did it in the journal of its service, for `vipkeeper
 * history`. The task counts, and not that it was kept: what keeps it from the journal is `unkept`.
 */
export async function carryOutAndKeep(
  task: Task,
  requests: Requests,
  clock: Clock,
): Promise<Result> {
  const at = isoTime(clock.wallMs());
  const result = await carryOut(task, requests, clock);
  if (result.outcome !== 'done' && result.outcome !== 'changed') return result;
  const unkept = await keep(task.journal, actOf(task, result, at), requests, clock);
  return unkept === undefined ? result : { ...result, unkept };
}

function actOf({ who = operatorName(), reason, action }: Task, result: Result, at: string): Act {
  const { kind, name, outcome, expires } = result;
  const why = action === 'set' ? result.reason : reason;
  const done = action === 'set' ? 'set' : 'lifted';
  return {
    at,
    kind,
    ...(name !== undefined && { name: vipOfClaimName(name) ?? name }),
    action: outcome === 'changed' ? 'changed' : done,
    // Too long a text would cost the acts before it.
    who: who.slice(0, textCharsMax),
    ...(why !== undefined && { why: why.slice(0, textCharsMax) }),
    ...(expires !== undefined && { expires }),
  };
}

/** Undefined when it was kept, or there is nothing to keep it in: a journal is made by the members, as all that is theirs. */
async function keep(
  path: string,
  act: Act,
  requests: Requests,
  clock: Clock,
): Promise<string | undefined> {
  const untilMs = clock.nowMs() + keepWithinMs;
  while (clock.nowMs() < untilMs) {
    const found = await answerTo<Znode>((done) => requests.getData(path, undefined, done));
    if (!found.ok) return found.problem === 'noNode' ? undefined : `${path}: ${found.detail}`;
    const data = Buffer.from(journalWith(found.value.data, act));
    const { version } = found.value;
    const set = await answerTo<void>((done) => requests.setData(path, data, version, done));
    if (set.ok) return undefined;
    if (set.problem !== 'badVersion') return `${path}: ${set.detail}`;
    await pause(clock);
  }
  return `${path}: others write it all the time`;
}

function pause(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(randomInt(1, pauseMsMax), resolve);
  });
}
