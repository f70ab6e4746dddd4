import { isZnodeName } from '../../core/settings.ts';
import type { Acting, Outcome } from '../../dashboard/act.ts';
import type { Order } from '../../dashboard/wire.ts';
import { buildFleetView } from '../../observe/build-fleet-view.ts';
import type { FleetAccess } from '../fleet/access.ts';
import { print } from '../fleet/print.ts';
import { readFleet } from '../fleet/read.ts';
import { type Result, resultLine, unkeptLine } from '../operate/change.ts';
import { consequenceOfDrain, consequenceOfMaintenance } from '../operate/consequence.ts';
import { write } from '../operate/perform.ts';
import { subjectOf } from '../operate/subject.ts';
import { taskOf } from '../operate/task.ts';

/** Does what the page's operators order, as the commands do it, and writes a line about each that was done. */
export function createActor(access: FleetAccess): Acting['act'] {
  let last: Promise<unknown> = Promise.resolve();
  return (order, who) => {
    // One after the other: two drains at once could each count on the other's member.
    const outcome = last.then(() => carryOutOrder(access, order, who)).catch(failure);
    last = outcome;
    return outcome;
  };
}

async function carryOutOrder(access: FleetAccess, order: Order, who: string): Promise<Outcome> {
  const { service, name, isOn, isForced, reason, forMs } = order;
  // As ZooKeeper has it now, not as the page was told last.
  const view = isZnodeName(service)
    ? buildFleetView(await readFleet(access, service)).services[0]
    : undefined;
  if (view === undefined) return { kind: 'unknown', sentence: `There is no service ${service}.` };
  const subject = name === undefined ? undefined : subjectOf(name, view, 'unavailable');
  if (typeof subject === 'string') return { kind: 'unknown', sentence: `${subject}.` };
  const consequence =
    subject === undefined ? consequenceOfMaintenance(view) : consequenceOfDrain(subject, view);
  if (isOn && !isForced && consequence !== undefined)
    return { kind: 'dark', sentence: `${consequence.sentence}. Nothing was changed yet.` };
  const [result] = await write(access, [
    taskOf(access, { isOn, service, subject, reason, forMs, who }),
  ]);
  if (result === undefined) throw new Error('one task has one result');
  const sentence = sentenceOf(result);
  print([`${who}: ${sentence}`]);
  return { kind: result.outcome === 'failed' ? 'failed' : 'done', sentence };
}

/** What became of an order, and whether the history has who gave it. */
export function sentenceOf(result: Result): string {
  const line = resultLine(result, 'unavailable');
  const unkept = unkeptLine(result);
  return unkept === undefined ? line : `${line}; ${unkept}`;
}

/** ZooKeeper does not answer, or OpenSSL refuses; the page goes on. */
function failure(error: unknown): Outcome {
  return { kind: 'failed', sentence: error instanceof Error ? error.message : String(error) };
}
