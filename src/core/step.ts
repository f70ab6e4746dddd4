import { keepAgreement, takeUpAgreement } from './agreement.ts';
import { type Alarm, createAlarm } from './alarm.ts';
import { reconcileClaim } from './claims.ts';
import { coordinationOf } from './coordination.ts';
import { decideService } from './decide.ts';
import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import { stopEndsAtMs } from './handover.ts';
import { dueChecks, startCheck } from './health.ts';
import { hear } from './hear.ts';
import { dueServices, passOver, type Surroundings, type Turn } from './pass.ts';
import { reconcilePresence } from './presence.ts';
import { stableAtMs, updateReach } from './reach.ts';
import { forgetServices, forgetVips, setServices } from './reload.ts';
import type { Report } from './report.ts';
import { isSettled, reconcileRoutes, roomForCommands } from './routes.ts';
import { beliefAt, beliefChangesAtMs } from './session.ts';
import {
  mapServices,
  mapVips,
  type Reach,
  type ServiceState,
  type SpeakerState,
  type State,
  withChange,
} from './state.ts';

/** What one step leads to. */
export interface Step {
  readonly state: State;
  /** To be carried out in this order. */
  readonly effects: readonly Effect[];
  /** When to step again by `timerFired` though nothing happened; undefined when only an event can change anything. */
  readonly wakeAtMs: number | undefined;
}

/** A step as it was taken and carried out, for those who watch. Times are monotonic. */
export interface TakenStep {
  readonly event: Event;
  readonly before: State;
  readonly after: Step;
  readonly heardMs: number;
  readonly decidedMs: number;
  /** When every effect was handed on. */
  readonly doneMs: number;
}

/** How long an agent that has withdrawn everything waits for the last acknowledgements before it ends. */
const lastAcksMs = 1_000;

/**
 * The whole of vipkeeper's judgement: folds one event into the state, decides anew whatever can come out otherwise for
 * it, and lists what has to be done. Pure: the same state, event and time give the same step.
 * @param nowMs monotonic milliseconds, never less than at the step before.
 */
export function step(state: State, event: Event, nowMs: number): Step {
  if (state.hasEnded) return { state, effects: [], wakeAtMs: undefined };
  const reports: Report[] = [];
  const heard = updateFacts(hear(state, event, nowMs, reports), nowMs, reports);
  // Its routes died with ExaBGP: nothing is worth doing before the session is closed.
  return heard.speaker.phase === 'closed'
    ? end(heard, 'ExaBGP is gone', [], toEffects(reports))
    : act(heard, nowMs, reports);
}

/** Facts that change with time as well as with events. */
function updateFacts(state: State, nowMs: number, reports: Report[]): State {
  const belief = beliefAt(state.session, nowMs);
  const before = state.session.belief;
  const { proofMs } = state.session;
  // Without any proof there never was a session, and belief is none for ever.
  if (belief !== before && proofMs !== undefined) {
    const proofAgeMs = state.session.epoch === 0 ? undefined : Math.round(nowMs - proofMs);
    reports.push({ kind: 'beliefChanged', from: before, to: belief, proofAgeMs });
  }
  const speaker = updateReach(state.speaker, state.settings.neighbors, nowMs);
  reportReach(state.speaker, speaker, reports);
  const session = withChange(state.session, { belief });
  const next = withChange(state, { session, speaker });
  // While belief stays lost nothing of this can come up again.
  if (belief === 'live' || belief === before) return next;
  return mapServices(next, (service) => {
    const known = takeUpAgreement(service);
    return known.mustSettle === 'no' ? { ...known, mustSettle: 'doubt' } : known;
  });
}

/** What becomes of a choice of neighbors is told where it is not what becomes of all of them. */
function reportReach(before: SpeakerState, after: SpeakerState, reports: Report[]): void {
  const detail = after.isSilent ? 'ExaBGP does not answer' : 'established neighbors changed';
  const isOfAll = isReachNews(before, after, after.isSilent);
  if (isOfAll) {
    reports.push({ kind: 'connectedChanged', isConnected: after.isConnected === true, detail });
  }
  for (const [chosen, reach] of after.reachOfChosen) {
    const isConnected = reach.isConnected === true;
    if (isOfAll && isConnected === after.isConnected) continue;
    if (isReachNews(before.reachOfChosen.get(chosen), reach, after.isSilent))
      reports.push({ kind: 'connectedChanged', isConnected, neighbors: chosen, detail });
  }
}

/** At the start, no neighbor yet is nothing lost; an ExaBGP that does not answer is. */
function isReachNews(
  before: Reach | undefined,
  { isConnected }: Reach,
  isSilent: boolean,
): boolean {
  if (isConnected === undefined || before?.isConnected === isConnected) return false;
  return before?.isConnected !== undefined || isConnected || isSilent;
}

function act(state: State, nowMs: number, reports: Report[]): Step {
  const hasNewSettings = state.settings !== state.pass.surroundings.settings;
  const effects: Effect[] = hasNewSettings ? [setServices(state)] : [];
  const due = dueServices(state, roomForCommands(state), nowMs);
  const turns = due.flatMap(({ service, mustDecide }): readonly Turn[] => {
    if (!mustDecide) return [];
    const alarm = createAlarm(nowMs);
    const coordination = coordinationOf(state, service, nowMs, alarm);
    const decided = decideService(state, service, coordination, nowMs, alarm, reports);
    return [{ service: decided, coordination, alarm }];
  });
  // Routes first: claims and presence follow only what the speaker has accepted.
  const speaker = reconcileRoutes(state, turns, nowMs, effects);
  let hasForgotten = false;
  for (const turn of turns) {
    const count = turn.service.vips.size;
    turn.service = reconcileZnodes(state, turn, nowMs, effects);
    hasForgotten ||= turn.service.vips.size < count;
  }
  // Telling people waits for routes and claims, and starting a check, a fork, for everything.
  effects.push(...toEffects(reports));
  const decided = new Map(turns.map(({ service }) => [service.settings.name, service]));
  const seenTo = due.map(({ service }) =>
    runChecks(decided.get(service.settings.name) ?? service, nowMs, effects),
  );
  const after = withDue(state, speaker, seenTo);
  if (hasForgotten || after.services.list.length < state.services.list.length)
    effects.push(setServices(after));
  return finish(after, effects, nowMs);
}

/** Claims and presence of one service, and what is kept of it. */
function reconcileZnodes(
  surroundings: Surroundings,
  { service, coordination, alarm }: Turn,
  nowMs: number,
  effects: Effect[],
): ServiceState {
  const claimed = mapVips(service, (vip) =>
    reconcileClaim(surroundings, service, vip, coordination, nowMs, effects, alarm),
  );
  const left = forgetVips(claimed, surroundings);
  const present = reconcilePresence(surroundings, left, coordination, nowMs, effects, alarm);
  const kept = keepAgreement(present, surroundings.settings.member, coordination, effects);
  return withChange(kept, { decideAtMs: alarm.earliestMs() ?? Infinity });
}

/** What the services that were due have become, and what there is to remember of it. */
function withDue(state: State, speaker: State['speaker'], due: readonly ServiceState[]): State {
  if (due.length === 0 && state.services.list.length > 0) return withChange(state, { speaker });
  const { session, settings } = state;
  const replaced = state.services.replace(due);
  const services = forgetServices({ services: replaced, session, settings }, due);
  return { ...state, speaker, services, pass: passOver(state, { services }) };
}

function finish(state: State, effects: readonly Effect[], nowMs: number): Step {
  const alarm = createAlarm(nowMs);
  alarm.at(beliefChangesAtMs(state.session, nowMs));
  alarm.at(stableAtMs(state.speaker, state.settings.neighbors));
  if (state.pass.wakeAtMs < Infinity) alarm.at(state.pass.wakeAtMs);
  const reason = leaveResult(state, nowMs, alarm);
  if (reason !== undefined) return end(state, reason, effects, []);
  return { state, effects, wakeAtMs: alarm.earliestMs() };
}

function runChecks(service: ServiceState, nowMs: number, effects: Effect[]): ServiceState {
  let next = service;
  for (const check of dueChecks(service, nowMs)) {
    effects.push({ kind: 'runCheck', service: service.settings.name, check });
    next = startCheck(next, check, nowMs);
  }
  let wakeAtMs = next.decideAtMs;
  for (const { runningSinceMs, nextRunMs } of next.checks)
    if (runningSinceMs === undefined) wakeAtMs = Math.min(wakeAtMs, nextRunMs);
  return withChange(next, { wakeAtMs });
}

function end(
  state: State,
  reason: string,
  before: readonly Effect[],
  told: readonly Effect[],
): Step {
  const exit: Effect = { kind: 'exit', code: 0, reason };
  return {
    state: { ...state, hasEnded: true },
    effects: [...before, { kind: 'closeSession' }, ...told, exit],
    wakeAtMs: undefined,
  };
}

function toEffects(reports: readonly Report[]): readonly Effect[] {
  return reports.map((report) => ({ kind: 'report', report }));
}

/** Whether ExaBGP has every route as the first verdict of its service asks for it. */
function isDone({ services, speaker }: State): boolean {
  return services.list.every((service) =>
    [...service.vips.values()].every(
      (vip) => vip.decision.kind !== 'hold' && isSettled(service, vip, speaker.localAs),
    ),
  );
}

/** Why the agent is to end now; undefined while a planned leave goes on, or when there is none. */
function leaveResult(state: State, nowMs: number, alarm: Alarm): string | undefined {
  const { stopping, speaker, settings } = state;
  if (stopping === undefined)
    return settings.endsOnceDecided === true && isDone(state) ? 'done' : undefined;
  if (speaker.isSilent) return 'stopped; ExaBGP does not answer';
  const services = state.services.list;
  const vips = services.flatMap((service) => [...service.vips.values()]);
  const isWithdrawn = vips.every(
    ({ decision, route }) =>
      decision.kind === 'hold' || (route.acked === 'absent' && route.open === undefined),
  );
  if (isWithdrawn || speaker.phase === 'unidentified') return 'stopped';
  const longestMs = Math.max(0, ...services.map(({ settings }) => settings.drainTimeoutMs));
  const waitMs = stopping.isUrgent ? 0 : longestMs;
  const latestMs = Math.min(stopping.sinceMs + waitMs, stopEndsAtMs(state)) + lastAcksMs;
  alarm.at(latestMs);
  return nowMs >= latestMs ? 'stopped; not every withdraw was acknowledged' : undefined;
}
