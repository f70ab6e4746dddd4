import type { Clock } from '../../core/clock.ts';
import { vipOfClaimName } from '../../core/vip.ts';
import { type Act, journalWith } from '../../observe/act.ts';
import { isoTime } from '../../observe/iso-time.ts';
import { answerTo } from '../../zookeeper/command-session.ts';
import type { Requests, Znode } from '../../zookeeper/requests.ts';
import { operatorName } from '../operator-name.ts';
import { carryOut, type Result, type Task } from './change.ts';

/** Others may write it meanwhile; so often it is read again. */
const attemptsMax = 5;

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
  const unkept = await keep(task.journal, actOf(task, result, at), requests);
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
    who,
    ...(why !== undefined && { why }),
    ...(expires !== undefined && { expires }),
  };
}

/** Undefined when it was kept, or there is nothing to keep it in: a journal is made by the members, as all that is theirs. */
async function keep(path: string, act: Act, requests: Requests): Promise<string | undefined> {
  let detail = 'others write it all the time';
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const found = await answerTo<Znode>((done) => requests.getData(path, undefined, done));
    if (!found.ok) return found.problem === 'noNode' ? undefined : `${path}: ${found.detail}`;
    const data = Buffer.from(journalWith(found.value.data, act));
    const { version } = found.value;
    const set = await answerTo<void>((done) => requests.setData(path, data, version, done));
    if (set.ok) return undefined;
    detail = set.detail;
    if (set.problem !== 'badVersion') break;
  }
  return `${path}: ${detail}`;
}
