import { createClock } from '../../agent/clock.ts';
import { few } from '../../observe/few.ts';
import { openCommandSession } from '../../zookeeper/command-session.ts';
import { exitCodes } from '../exit-codes.ts';
import type { FleetAccess } from '../fleet/access.ts';
import { fail, print, printJson } from '../fleet/print.ts';
import { type Result, resultLine, type Task, unkeptLine } from './change.ts';
import type { Goal } from './goal.ts';
import { carryOutAndKeep } from './keep.ts';
import { awaitGoal } from './wait.ts';

/** What is to be written, and what the fleet is to come to by it. */
export interface Plan {
  readonly task: Task;
  readonly goal: Goal;
}

interface Options {
  readonly wait?: boolean;
  readonly json?: boolean;
  readonly timeoutMs: number;
}

/** A command waits so long for ZooKeeper. */
const connectMs = 10_000;
const closeMs = 500;

/**
 * Writes all that is planned, waits for the fleet if that was asked for, and says what became of it.
 * @throws UnreachableError when ZooKeeper does not answer; then nothing was written.
 */
export async function perform(
  access: FleetAccess,
  plans: readonly Plan[],
  options: Options,
): Promise<void> {
  const written = await write(
    access,
    plans.map(({ task }) => task),
  );
  if (options.json !== true) print(written.map((result) => resultLine(result)));
  for (const line of written.map(unkeptLine))
    if (line !== undefined) process.stderr.write(`vipkeeper: ${line}\n`);
  const results = options.wait === true ? await awaitAll(access, plans, written, options) : written;
  if (options.json === true) printJson({ results });
  if (results.some(({ outcome }) => outcome === 'failed')) fail([], exitCodes.unavailable);
  else if (results.some(({ missing = [] }) => missing.length > 0)) fail([], exitCodes.notDone);
}

/**
 * Writes tasks, one after the other, by a session of their own.
 * @throws UnreachableError when ZooKeeper does not answer; then nothing was written.
 */
export async function write(
  access: FleetAccess,
  tasks: readonly Task[],
): Promise<readonly Result[]> {
  const clock = createClock();
  const session = await openCommandSession(access, { clock }, connectMs);
  const written: Result[] = [];
  for (const task of tasks) written.push(await carryOutAndKeep(task, session.requests, clock));
  await session.close(closeMs);
  return written;
}

async function awaitAll(
  access: FleetAccess,
  plans: readonly Plan[],
  written: readonly Result[],
  { timeoutMs }: Options,
): Promise<readonly Result[]> {
  const clock = createClock();
  const startedMs = clock.nowMs();
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const waited = await Promise.all(
    plans.map(async ({ task: { service }, goal }, index): Promise<Result | undefined> => {
      const result = written[index];
      if (result === undefined || result.outcome === 'failed') return result;
      const tell = (missing: readonly string[]) => {
        if (missing.length > 0) say(`waiting for ${service}: ${few(missing)}`);
      };
      const { missing, untold } = await awaitGoal(
        access,
        { service, goal },
        { clock, tell },
        timeoutMs,
      );
      const seconds = ((clock.nowMs() - startedMs) / 1_000).toFixed(1);
      const doubt = untold.length === 0 ? '' : `, but ${untold.join('; ')}`;
      say(
        missing.length === 0
          ? `${service}: done after ${seconds} s${doubt}`
          : `${service}: not done within ${seconds} s: ${missing.join('; ')}; what was written stands`,
      );
      return { ...result, missing, ...(untold.length > 0 && { untold }) };
    }),
  );
  return waited.filter((result) => result !== undefined);
}
