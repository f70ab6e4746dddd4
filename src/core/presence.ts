import type { Alarm } from './alarm.ts';
import type { Effect } from './effect.ts';
import type { MemberAnswered, MemberReport } from './event.ts';
import { type Coordination, isHandingBack, isServing } from './ownership.ts';
import type { Surroundings } from './pass.ts';
import { isConnected } from './reach.ts';
import type { Report } from './report.ts';
import type { PresenceState, ServiceState, VipState } from './state.ts';
import { isOurs } from './view.ts';

const retryMs = 5_000;

/**
 * Keeps our member znode at what is true of us. `announces` counts only what a router can have learned, because a
 * leaving peer withdraws on the strength of it.
 */
export function reconcilePresence(
  state: Surroundings,
  service: ServiceState,
  coordination: Coordination,
  nowMs: number,
  effects: Effect[],
  alarm: Alarm,
): ServiceState {
  const { connection } = state.session;
  const { presence } = service;
  // Peers count on what we said, so it is kept true even while a part of the service cannot be read.
  const isToBeKept =
    coordination === 'frozen' &&
    state.session.belief === 'live' &&
    presence.published !== undefined &&
    !service.isRemoved;
  if (coordination !== 'informed' && !isToBeKept) return service;
  if (connection === undefined || presence.write !== undefined) return service;
  if (service.view.members?.own?.kind === 'twin') return service;
  // Until it is known whether routers learn what we announce, what an earlier life said of us stands.
  const isReachUnknown = isConnected(state.speaker, service.settings) === undefined;
  if (isReachUnknown && service.view.members?.own?.kind === 'predecessor') return service;
  if (service.isRemoved && service.vips.size === 0)
    return unpublish(service, connection, nowMs, effects, alarm);
  const report = memberReport(state, service);
  if (presence.published !== undefined && sameReport(presence.published, report)) return service;
  alarm.at(presence.retryMs);
  if (nowMs < presence.retryMs) return service;
  effects.push({ kind: 'publishMember', service: service.settings.name, report });
  return { ...service, presence: { ...presence, write: { connection, report } } };
}

/** Nothing is left of a service that is configured no more but this. */
function unpublish(
  service: ServiceState,
  connection: number,
  nowMs: number,
  effects: Effect[],
  alarm: Alarm,
): ServiceState {
  const { view, presence, settings } = service;
  // Published a moment ago, it may not have been read back yet.
  if (!isOurs(view.members?.own) && presence.published === undefined) return service;
  alarm.at(presence.retryMs);
  if (nowMs < presence.retryMs) return service;
  effects.push({ kind: 'unpublishMember', service: settings.name });
  return { ...service, presence: { ...presence, write: { connection, report: undefined } } };
}

/** What we say of ourselves to the other members of a service. */
export function memberReport(state: Surroundings, service: ServiceState): MemberReport {
  const isReachable = isConnected(state.speaker, service.settings) === true;
  const announces = [...service.vips.values()].filter(
    (vip) => isReachable && isReliablyAnnounced(vip),
  );
  const isDrained = service.view.drains?.drained.has(state.settings.member) === true;
  const contested = [...service.vips.values()].filter(
    ({ isOwner, claim }) => isOwner && claim?.holder?.kind === 'member',
  );
  return {
    health: service.health,
    announces: announces.map(({ vip }) => vip),
    isLeaving: state.stopping !== undefined || isDrained || !isReachable || service.isRemoved,
    ...(contested.length > 0 && { contests: contested.map(({ vip }) => vip) }),
  };
}

/**
 * Whether a member that leaves may count on us for it: also a moment from now, when what we give away will be gone. What
 * routers have until ExaBGP has changed a standby route into a backup's is a route as well.
 */
function isReliablyAnnounced(vip: VipState): boolean {
  const { route, decision } = vip;
  const isPassing = vip.isRemoved || isHandingBack(vip);
  return isServing(decision) && typeof route.acked === 'object' && !isPassing;
}

/** Folds the answer to a publication. */
export function hearMemberAnswer(
  presence: PresenceState,
  event: MemberAnswered,
  nowMs: number,
  reports: Report[],
): PresenceState {
  if (presence.write?.connection !== event.connection) return presence;
  const { report } = presence.write;
  if (event.outcome === 'done') {
    // What was deleted is seen to be gone by a read, and not deleted again before that had its time.
    const pauseMs = report === undefined ? nowMs + retryMs : 0;
    return { published: report, write: undefined, retryMs: pauseMs, isRefused: false };
  }
  // In foreign hands, a znode of our name made by hand say, it stays so until somebody deletes it.
  const isRefused = ['denied', 'failed', 'exists'].includes(event.outcome);
  if (isRefused && !presence.isRefused) {
    const { service, outcome, detail } = event;
    reports.push({ kind: 'writeFailed', service, target: 'member', outcome, detail });
  }
  return { published: undefined, write: undefined, retryMs: nowMs + retryMs, isRefused };
}

function sameReport(one: MemberReport, other: MemberReport): boolean {
  return (
    one.health === other.health &&
    one.isLeaving === other.isLeaving &&
    one.announces.join() === other.announces.join() &&
    one.contests?.join() === other.contests?.join()
  );
}
