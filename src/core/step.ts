import { keepAgreement, takeUpAgreement } from './agreement.ts';
import { type Alarm, createAlarm } from './alarm.ts';
import { reconcileClaim } from './claims.ts';
import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import { hasSuccessor, updateLeave } from './handover.ts';
import { continueHealth, dueChecks, startCheck } from './health.ts';
import { hear } from './hear.ts';
import {
  agree,
  type Coordination,
  coordinationOf,
  type Decision,
  decide,
  type Role,
} from './ownership.ts';
import { reconcilePresence } from './presence.ts';
import { stableAtMs, updateReach } from './reach.ts';
import type { Report } from './report.ts';
import { reconcileRoutes } from './routes.ts';
import { beliefAt, beliefChangesAtMs } from './session.ts';
import { mapServices, mapVips, type ServiceState, type State, type VipState } from './state.ts';
import { startSettling } from './view.ts';

/** What one step leads to. */
export interface Step {
  readonly state: State;
  /** To be carried out in this order. */
  readonly effects: readonly Effect[];
  /** When to step again by `timerFired` though nothing happened; undefined when only an event can change anything. */
  readonly wakeAtMs: number | undefined;
}

/** How long an agent that has withdrawn everything waits for the last acknowledgements before it ends. */
const lastAcksMs = 1_000;

/**
 * The whole of vipkeeper's judgement: folds one event into the state, decides anew for every VIP, and lists what has to
 * be done. Pure: the same state, event and time give the same step.
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
  if (isReachNews(state.speaker.isConnected, speaker)) {
    reports.push({
      kind: 'connectedChanged',
      isConnected: speaker.isConnected === true,
      detail: speaker.isSilent ? 'ExaBGP does not answer' : 'established neighbors changed',
    });
  }
  const next: State = { ...state, session: { ...state.session, belief }, speaker };
  if (belief === 'live') return next;
  return mapServices(next, (service) => {
    const known = takeUpAgreement(service);
    return known.mustSettle === 'no' ? { ...known, mustSettle: 'doubt' } : known;
  });
}

/** At the start, no neighbor yet is nothing lost; an ExaBGP that does not answer is. */
function isReachNews(before: boolean | undefined, speaker: State['speaker']): boolean {
  const { isConnected, isSilent } = speaker;
  if (isConnected === undefined || before === isConnected) return false;
  return before !== undefined || isConnected || isSilent;
}

function act(state: State, nowMs: number, reports: Report[]): Step {
  const effects: Effect[] = [];
  const alarm = createAlarm(nowMs);
  alarm.at(beliefChangesAtMs(state.session, nowMs));
  alarm.at(stableAtMs(state.speaker, state.settings.neighbors));
  const decided = mapServices(state, (service) => {
    const coordination = coordinationOf(state, service, nowMs, alarm);
    return decideService(state, service, coordination, nowMs, alarm, reports);
  });
  // Routes first: claims and presence follow only what the speaker has accepted.
  const routed = reconcileRoutes(decided, nowMs, effects, alarm);
  const claimed = mapServices(routed, (service) => {
    const coordination = coordinationOf(routed, service, nowMs, alarm);
    const vips = mapVips(service, (vip) =>
      reconcileClaim(routed, service, vip, coordination, nowMs, effects, alarm),
    );
    const present = reconcilePresence(routed, vips, coordination, nowMs, effects, alarm);
    return keepAgreement(present, routed.settings.member, coordination, effects);
  });
  // Telling people waits for routes and claims, and starting a check, a fork, for everything.
  effects.push(...toEffects(reports));
  const checked = mapServices(claimed, (service) => runChecks(service, nowMs, effects, alarm));
  const reason = leaveResult(checked, nowMs, alarm);
  if (reason !== undefined) return end(checked, reason, effects, []);
  return { state: checked, effects, wakeAtMs: alarm.earliestMs() };
}

function decideService(
  state: State,
  service: ServiceState,
  coordination: Coordination,
  nowMs: number,
  alarm: Alarm,
  reports: Report[],
): ServiceState {
  const settled =
    coordination === 'informed' && service.mustSettle !== 'no'
      ? startSettling(service, service.mustSettle === 'start', nowMs)
      : service;
  const healthy = continueHealth(settled);
  if (healthy.health !== service.health && healthy.health !== 'unknown') {
    reports.push({
      kind: 'healthChanged',
      service: service.settings.name,
      to: healthy.health,
      detail: 'continued',
    });
  }
  return mapVips(healthy, (vip) => {
    const leave = updateLeave(state, healthy, vip, nowMs, alarm);
    const prepared = reportNobody(
      { ...vip, leave, agreed: agree(healthy, vip, coordination, nowMs, alarm) },
      healthy,
      reports,
    );
    const decision = decide(healthy, prepared, coordination);
    if (isWorthTelling(vip.decision, decision)) {
      reports.push({
        kind: 'decisionChanged',
        service: service.settings.name,
        vip: vip.vip,
        from: vip.decision,
        to: decision,
      });
    }
    return { ...prepared, decision };
  });
}

function reportNobody(vip: VipState, service: ServiceState, reports: Report[]): VipState {
  const { leave } = vip;
  if (leave === undefined || leave.isDone || leave.hasReportedNobody || hasSuccessor(service))
    return vip;
  reports.push({ kind: 'nobodyElse', service: service.settings.name, vip: vip.vip });
  return { ...vip, leave: { ...leave, hasReportedNobody: true } };
}

/** Freezing and thawing are told once by the change of belief, not again for every VIP. */
function isWorthTelling(before: Decision, after: Decision): boolean {
  if (before.kind !== after.kind || roleOf(before) !== roleOf(after)) return true;
  return before.reason !== after.reason && before.reason !== 'frozen' && after.reason !== 'frozen';
}

function roleOf(decision: Decision): Role | undefined {
  return decision.kind === 'announce' ? decision.role : undefined;
}

function runChecks(
  service: ServiceState,
  nowMs: number,
  effects: Effect[],
  alarm: Alarm,
): ServiceState {
  let next = service;
  for (const check of dueChecks(service, nowMs)) {
    effects.push({ kind: 'runCheck', service: service.settings.name, check });
    next = startCheck(next, check, nowMs);
  }
  for (const check of next.checks)
    if (check.runningSinceMs === undefined) alarm.at(check.nextRunMs);
  return next;
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

/** Why the agent is to end now; undefined while a planned leave goes on, or when there is none. */
function leaveResult(state: State, nowMs: number, alarm: Alarm): string | undefined {
  const { stopping, speaker } = state;
  if (stopping === undefined) return undefined;
  if (speaker.isSilent) return 'stopped; ExaBGP does not answer';
  const services = [...state.services.values()];
  const vips = services.flatMap((service) => [...service.vips.values()]);
  const isWithdrawn = vips.every(
    ({ decision, route }) =>
      decision.kind === 'hold' || (route.acked === 'absent' && route.open === undefined),
  );
  if (isWithdrawn || speaker.phase === 'unidentified') return 'stopped';
  const waitMs = stopping.isUrgent
    ? 0
    : Math.max(0, ...services.map((service) => service.settings.drainTimeoutMs));
  const latestMs = stopping.sinceMs + waitMs + lastAcksMs;
  alarm.at(latestMs);
  return nowMs >= latestMs ? 'stopped; not every withdraw was acknowledged' : undefined;
}
