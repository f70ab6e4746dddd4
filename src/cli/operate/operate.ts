import { durationForm, parseDuration } from '../../config/duration.ts';
import { buildFleetView } from '../../observe/build-fleet-view.ts';
import type { ServiceView } from '../../observe/fleet-view.ts';
import { timeText } from '../../observe/text/times.ts';
import { UnreachableError } from '../../zookeeper/command-session.ts';
import { exitCodes } from '../exit-codes.ts';
import type { AccessFlags, FleetAccess } from '../fleet/access.ts';
import { findFleet, withFleet } from '../fleet/commands.ts';
import { fail, print, printJson } from '../fleet/print.ts';
import { readFleet } from '../fleet/read.ts';
import { problemLines } from '../load.ts';
import { isConfirmed } from './confirm.ts';
import { consequenceOfDrain, consequenceOfMaintenance } from './consequence.ts';
import { type Plan, perform } from './perform.ts';
import { reasonMistake } from './reason.ts';
import { type Subject, subjectOf } from './subject.ts';
import { taskOf } from './task.ts';

interface CommonFlags extends AccessFlags {
  readonly wait?: boolean;
  readonly timeout?: string;
  readonly json?: boolean;
  readonly reason?: string;
  readonly yes?: boolean;
}

export type MaintenanceFlags = CommonFlags;

export interface DrainFlags extends CommonFlags {
  readonly self?: boolean;
  readonly force?: boolean;
  readonly for?: string;
}

/** Puts a service into maintenance, or takes it out. */
export async function changeMaintenance(
  action: 'on' | 'off',
  service: string,
  flags: MaintenanceFlags,
): Promise<void> {
  const times = readTimes(flags);
  if (times === undefined) return;
  await withFleetToChange(flags, async (access) => {
    const view = (await findFleet(access, service))?.services[0];
    if (view === undefined) return;
    const isOn = action === 'on';
    const consequence = isOn ? consequenceOfMaintenance(view) : undefined;
    if (consequence !== undefined && !(await isConfirmed(consequence.sentence, flags))) return;
    const wish = { isOn, service, subject: undefined, reason: flags.reason, forMs: undefined };
    const plan: Plan = { task: taskOf(access, wish), goal: { kind: isOn ? 'dark' : 'lit' } };
    await perform(access, [plan], { ...flags, timeoutMs: times.timeoutMs });
  });
}

/** Shows maintenance, and nothing else. */
export async function showMaintenance(
  service: string | undefined,
  flags: MaintenanceFlags,
): Promise<void> {
  await withFleet(flags, async (access) => {
    const view = await findFleet(access, service);
    if (view === undefined) return;
    const services = view.services.map(({ service: name, maintenance }) => ({
      service: name,
      isInMaintenance: maintenance !== undefined,
      ...maintenance,
    }));
    if (flags.json === true) printJson({ services });
    else print(services.map(maintenanceLine));
  });
}

function maintenanceLine(shown: {
  readonly service: string;
  readonly isInMaintenance: boolean;
  readonly who?: string;
  readonly why?: string;
  readonly since?: string;
}): string {
  const { service, isInMaintenance, who, why, since } = shown;
  if (!isInMaintenance) return `${service} is not in maintenance`;
  const by = who === undefined ? '' : `, by ${who}`;
  return `${service} is in maintenance${since === undefined ? '' : ` since ${timeText(since)}`}${by}${why === undefined ? '' : `: ${why}`}`;
}

/** As {@link withFleet}; whoever wants to change something has to hear that nothing was. */
function withFleetToChange(
  flags: AccessFlags,
  run: (access: FleetAccess) => Promise<void>,
): Promise<void> {
  return withFleet(flags, (access) =>
    run(access).catch((error: unknown) => {
      if (!(error instanceof UnreachableError)) throw error;
      throw new UnreachableError(`${error.message}; nothing was changed`, { cause: error });
    }),
  );
}

/** Drains a member or a VIP, or lifts that. */
export async function changeDrain(
  action: 'drain' | 'undrain',
  service: string | undefined,
  name: string | undefined,
  flags: DrainFlags,
): Promise<void> {
  const times = readTimes(flags);
  if (times === undefined) return;
  if (
    (flags.self === true) === (name !== undefined) ||
    (service === undefined && flags.self !== true)
  )
    return fail(
      [`vipkeeper: ${action} takes SERVICE and a member or VIP, or --self`],
      exitCodes.usage,
    );
  await withFleetToChange(flags, async (access) => {
    const targets = targetsOf(access, service, name);
    if (targets === undefined) return;
    const plans: Plan[] = [];
    for (const target of targets) {
      const plan = await planOf(action, access, target, { ...flags, forMs: times.forMs });
      // Of several services, all or none are changed.
      if (plan === undefined) return;
      plans.push(plan);
    }
    await perform(access, plans, { ...flags, timeoutMs: times.timeoutMs });
  });
}

interface Target {
  readonly service: string;
  readonly name: string;
}

function targetsOf(
  { config, leftOut }: FleetAccess,
  service: string | undefined,
  name: string | undefined,
): readonly Target[] | undefined {
  if (name !== undefined && service !== undefined) return [{ service, name }];
  if (config === undefined) {
    fail(
      ['vipkeeper: --self needs a configuration, which says who this member is'],
      exitCodes.usage,
    );
    return undefined;
  }
  const unknown = leftOut.filter(({ path }) => path === 'member');
  if (unknown.length > 0) {
    fail(problemLines(unknown), exitCodes.config);
    return undefined;
  }
  const { member, services } = config.settings;
  const names = services
    .map((one) => one.name)
    .filter((one) => service === undefined || one === service);
  if (names.length > 0) return names.map((one) => ({ service: one, name: member }));
  fail([`vipkeeper: this configuration has no service ${service}`], exitCodes.noSuchVip);
  return undefined;
}

/** What is to be done for one service; undefined, and said, when it is not to be done. */
async function planOf(
  action: 'drain' | 'undrain',
  access: FleetAccess,
  { service, name }: Target,
  flags: DrainFlags & { readonly forMs: number | undefined },
): Promise<Plan | undefined> {
  const isForced = flags.force === true;
  const view = isForced
    ? buildFleetView(await readFleet(access, service)).services[0]
    : (await findFleet(access, service))?.services[0];
  if (view === undefined && !isForced) return undefined;
  const subject = subjectOf(name, view ?? { service }, isForced);
  if (typeof subject === 'string') {
    fail([`vipkeeper: ${subject}`], exitCodes.noSuchVip);
    return undefined;
  }
  if (action === 'drain' && view !== undefined && !(await mayDrain(subject, view, flags)))
    return undefined;
  const { reason, forMs } = flags;
  const wish = { isOn: action === 'drain', service, subject, reason, forMs, isForced };
  const task = taskOf(access, wish);
  const way = action === 'drain' ? 'Out' : 'Back';
  return subject.kind === 'member'
    ? { task, goal: { kind: `member${way}`, member: subject.name } }
    : { task, goal: { kind: `vip${way}`, vip: subject.name } };
}

/** Whether somebody else serves what a drain takes away, or that is meant so. */
async function mayDrain(subject: Subject, view: ServiceView, flags: DrainFlags): Promise<boolean> {
  const consequence = flags.force === true ? undefined : consequenceOfDrain(subject, view);
  if (consequence === undefined) return true;
  const { kind, sentence } = consequence;
  if (kind === 'expected') return isConfirmed(sentence, flags);
  fail(
    [`vipkeeper: ${sentence}; nothing was changed. --force does it all the same`],
    exitCodes.refused,
  );
  return false;
}

interface Times {
  readonly timeoutMs: number;
  readonly forMs: number | undefined;
}

/** Undefined, and said, when a duration is none, or the reason too long. */
function readTimes(flags: {
  readonly timeout?: string;
  readonly for?: string;
  readonly reason?: string;
}): Times | undefined {
  const mistake = reasonMistake(flags.reason);
  if (mistake !== undefined) {
    fail([`vipkeeper: ${mistake}`], exitCodes.usage);
    return undefined;
  }
  const timeoutMs = parseDuration(flags.timeout ?? '60s');
  const forMs = flags.for === undefined ? undefined : parseDuration(flags.for);
  if (timeoutMs !== undefined && (flags.for === undefined || (forMs ?? 0) > 0))
    return { timeoutMs, forMs };
  const [name, found] = timeoutMs === undefined ? ['timeout', flags.timeout] : ['for', flags.for];
  fail([`vipkeeper: --${name}: expected ${durationForm}, found ${found}`], exitCodes.usage);
  return undefined;
}
