import { hearClaimAnswer, reportConflicts, reportContests } from './claims.ts';
import type { CheckCompleted, ClaimsRead, Event, MaintenanceRead, MembersRead } from './event.ts';
import { hearCheck, phaseOf } from './health.ts';
import { hearMemberAnswer } from './presence.ts';
import { hearSpeaker } from './reach.ts';
import { hearSettings } from './reload.ts';
import type { Report } from './report.ts';
import { hearCommand, hearResend } from './routes.ts';
import { hearSession } from './session.ts';
import { inService, mapServices, mapVips, type ServiceState, type State } from './state.ts';
import { hearView, isInMaintenance, startSettling } from './view.ts';

/** Folds one event into what is known. Decides nothing; all branching on events is here. */
export function hear(state: State, event: Event, nowMs: number, reports: Report[]): State {
  switch (event.kind) {
    case 'timerFired':
      return state;
    case 'checkCompleted':
      return inService(state, event.service, (service) =>
        hearResult(service, event, nowMs, reports),
      );
    case 'sessionEstablished':
    case 'sessionProven':
    case 'sessionInterrupted':
    case 'sessionEnded':
      return hearSessionEvent(state, event, reports);
    case 'claimsRead':
    case 'maintenanceRead':
    case 'drainsRead':
    case 'membersRead':
      if (event.connection !== state.session.connection) return state;
      return inService(state, event.service, (service) => {
        const after = hearView(service, event, nowMs);
        return noticeView(service, after, event, nowMs, reports);
      });
    case 'claimAnswered':
      return inService(state, event.service, (service) => {
        const said = new Set([...service.vips.values()].map(({ claimRefusal }) => claimRefusal));
        return mapVips(service, (vip) =>
          vip.vip === event.vip ? hearClaimAnswer(vip, event, nowMs, said, reports) : vip,
        );
      });
    case 'memberAnswered':
      return inService(state, event.service, (service) => ({
        ...service,
        presence: hearMemberAnswer(service.presence, event, nowMs, reports),
      }));
    case 'commandAnswered':
      return hearCommand(state, event, nowMs, reports);
    case 'resendDue':
      return hearResend(state, event.mustFlush);
    case 'speakerIdentified':
    case 'speakerSilent':
    case 'speakerResponsive':
    case 'neighborsListed':
    case 'neighborChanged':
    case 'speakerClosed':
      return hearSpeakerEvent(state, event, reports);
    case 'settingsChanged':
      return hearSettings(state, event.settings, nowMs, reports);
    case 'stopRequested':
      reports.push({ kind: 'leaving', detail: event.signal });
      return {
        ...state,
        stopping:
          state.stopping === undefined
            ? { sinceMs: nowMs, isUrgent: false }
            : { sinceMs: nowMs, isUrgent: true },
      };
  }
}

function hearResult(
  service: ServiceState,
  event: CheckCompleted,
  nowMs: number,
  reports: Report[],
): ServiceState {
  const { check, detail } = event;
  const { name } = service.settings;
  const after = hearCheck(service, event, nowMs);
  const before = service.checks[check];
  const to = phaseOf(after, check);
  if (to !== phaseOf(service, check))
    reports.push({ kind: 'checkTurned', service: name, check, to });
  // A failure that goes on is one line, until it fails in another way.
  const isNews = before?.detail !== detail || before.streak >= 0;
  if (!event.passed && event.isDisabled !== true && isNews)
    reports.push({ kind: 'checkFailed', service: name, check, detail });
  if (after.health !== service.health && after.health !== 'unknown')
    reports.push({ kind: 'healthChanged', service: name, to: after.health, detail });
  return after;
}

type SessionEvent = Parameters<typeof hearSession>[1];

function hearSessionEvent(state: State, event: SessionEvent, reports: Report[]): State {
  const session = hearSession(state.session, event);
  if (session === state.session) return state;
  const isNewEpoch = session.epoch !== state.session.epoch;
  if (event.kind === 'sessionEstablished') {
    const detail = `timeout ${event.timeoutMs} ms, connection ${event.connection}`;
    const made =
      event.isResumed === true ? "continued from this agent's earlier life" : 'new session';
    reports.push({
      kind: 'sessionChanged',
      to: isNewEpoch ? made : 'same session regained',
      detail,
    });
  } else if (event.kind === 'sessionInterrupted') {
    reports.push({ kind: 'sessionChanged', to: 'disconnected', detail: event.detail });
  } else if (event.kind === 'sessionEnded') {
    reports.push({ kind: 'sessionChanged', to: 'ended', detail: event.reason });
  }
  if (session.connection === state.session.connection) return { ...state, session };
  // Writes of another connection will not be answered any more; what became of them comes with the next read.
  return mapServices({ ...state, session }, (service) => ({
    ...mapVips(service, (vip) =>
      vip.claimWrite === undefined && vip.claimRetryMs === 0
        ? vip
        : { ...vip, claimWrite: undefined, claimRetryMs: 0 },
    ),
    mustSettle: isNewEpoch && service.mustSettle === 'no' ? 'doubt' : service.mustSettle,
    presence: {
      published:
        isNewEpoch || service.presence.write !== undefined ? undefined : service.presence.published,
      write: undefined,
      retryMs: 0,
      isRefused: service.presence.isRefused,
    },
  }));
}

type ViewEvent =
  | ClaimsRead
  | MaintenanceRead
  | MembersRead
  | Extract<Event, { kind: 'drainsRead' }>;

function noticeView(
  before: ServiceState,
  after: ServiceState,
  event: ViewEvent,
  nowMs: number,
  reports: Report[],
): ServiceState {
  const service = event.service;
  if (event.kind === 'claimsRead') {
    reportConflicts(before, after, reports);
    // A fresh read ends the pause after a write whose outcome it tells.
    return mapVips(after, (vip) =>
      vip.claimRetryMs === 0 || vip.claimRefusal !== undefined ? vip : { ...vip, claimRetryMs: 0 },
    );
  }
  if (event.kind === 'membersRead') {
    if (event.own?.kind === 'twin' && before.view.members?.own?.kind !== 'twin') {
      reports.push({ kind: 'memberIdTaken', service, detail: event.own.detail });
    }
    if (before.view.members === undefined) reportConflicts(before, after, reports);
    reportContests(before, event.members, reports);
  }
  if (event.kind !== 'maintenanceRead' || isInMaintenance(before) === isInMaintenance(after))
    return after;
  reports.push({ kind: 'maintenanceChanged', service, isPresent: event.isPresent });
  // Everybody's claims went with the maintenance: owners come back first.
  if (event.isPresent) return after;
  return { ...startSettling(after, true, nowMs), mustSettle: after.mustSettle };
}

type SpeakerEvent = Parameters<typeof hearSpeaker>[1];

function hearSpeakerEvent(state: State, event: SpeakerEvent, reports: Report[]): State {
  const speaker = hearSpeaker(state.speaker, event);
  switch (event.kind) {
    case 'speakerIdentified': {
      const detail = `${event.version ?? 'version unknown'}, acks ${event.acks ? 'on' : 'off'}`;
      reports.push({ kind: 'speakerChanged', to: 'identified', detail });
      break;
    }
    case 'speakerSilent':
      reports.push({
        kind: 'speakerChanged',
        to: 'silent',
        detail: 'no answer for exabgp.stallAfter',
      });
      break;
    case 'speakerResponsive':
      reports.push({ kind: 'speakerChanged', to: 'responsive', detail: '' });
      break;
    case 'speakerClosed':
      reports.push({ kind: 'speakerChanged', to: 'closed', detail: event.detail });
      break;
    case 'neighborChanged': {
      const { neighbor, isEstablished, detail } = event;
      reports.push({ kind: 'neighborChanged', neighbor, isEstablished, detail });
      break;
    }
    case 'neighborsListed': {
      const detail = event.established?.join(' ') ?? 'cannot tell';
      reports.push({ kind: 'speakerChanged', to: 'neighbors listed', detail });
      break;
    }
  }
  return { ...state, speaker };
}
