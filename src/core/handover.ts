import type { Alarm } from './alarm.ts';
import { type Coordination, isServing, roleOf } from './ownership.ts';
import type { Surroundings } from './pass.ts';
import { isConnected } from './reach.ts';
import { isInPlace } from './routes.ts';
import { type LeaveState, type ServiceState, type VipState, withChange } from './state.ts';
import { isCarried, usablePeers } from './succession.ts';

/**
 * The order of moves, make before break: announce, then claim; and when leaving, give the claim away, wait until
 * somebody else announces, and only then withdraw.
 */

/** Whether our claim on a VIP should stand, should not, or should be left as it is because something is still open. */
export type ClaimWish = 'wanted' | 'unwanted' | 'keep';

/** What should become of our claim. A claim is wanted only once the speaker has accepted the announcement. */
export function claimWish(
  state: Surroundings,
  service: ServiceState,
  vip: VipState,
  coordination: Coordination,
): ClaimWish {
  const { decision } = vip;
  // Giving up needs no whole view: who holds the claim is looked up before it is deleted.
  if (state.session.belief === 'live' && isGivenUp(state, service, vip)) return 'unwanted';
  // Routers are to turn away before anybody is told to take over.
  if (roleOf(decision) === 'drain') return 'keep';
  if (!vip.isOwner || decision.kind === 'hold' || coordination !== 'informed') return 'keep';
  if (decision.kind !== 'announce' || decision.role !== 'owner') return 'unwanted';
  if (isConnected(state.speaker, service.settings) === undefined) return 'keep';
  return isInPlace(service, vip, state.speaker.localAs) ? 'wanted' : 'keep';
}

/** Whether our claim is to go for a reason of this LB's own, whatever the other members do. */
function isGivenUp(state: Surroundings, service: ServiceState, vip: VipState): boolean {
  const { claim, decision, leave } = vip;
  const holder = claim?.holder;
  // Its routes died with its ExaBGP, so it keeps peers from a VIP that nobody carries.
  const isBare = holder?.kind === 'predecessor' && !holder.sameSpeaker;
  const isReached = isConnected(state.speaker, service.settings);
  if (isBare && !isAnnouncing(vip, isReached)) return true;
  // Also what we hold on a VIP that has been given to another member.
  if (isReached === false || !vip.isOwner) return true;
  if (decision.kind === 'hold') return false;
  if (roleOf(decision) === 'drain') return isInPlace(service, vip, state.speaker.localAs);
  return leave !== undefined || decision.reason === 'healthDown';
}

/** Whether routers have the route, or will within the moment that ExaBGP takes. */
function isAnnouncing({ route }: VipState, isReached: boolean | undefined): boolean {
  const isOnItsWay = typeof route.open?.wanted === 'object' && isReached === true;
  return typeof route.acked === 'object' || isOnItsWay;
}

/** Brings the leaving of one VIP up to `nowMs`; undefined when nothing asks to leave. */
export function updateLeave(
  state: Surroundings,
  service: ServiceState,
  vip: VipState,
  nowMs: number,
  alarm: Alarm,
): LeaveState | undefined {
  const drained = service.view.drains?.drained;
  const isVipDrained = drained?.has(vip.vip) === true;
  const isDrained = isVipDrained || drained?.has(state.settings.member) === true;
  if (state.stopping === undefined && !vip.isRemoved && !isDrained) return undefined;
  const withoutStop = vip.isRemoved ? 'removed' : 'drained';
  const reason = state.stopping === undefined ? withoutStop : 'stopping';
  const before = vip.leave ?? {
    reason,
    sinceMs: nowMs,
    carriedSinceMs: undefined,
    isDone: false,
    hasReportedNobody: false,
  };
  const carriedSinceMs = isCarried(service, vip) ? (before.carriedSinceMs ?? nowMs) : undefined;
  const endsAtMs = Math.min(
    before.sinceMs + service.settings.drainTimeoutMs,
    stopEndsAtMs(state),
    carriedSinceMs === undefined ? Infinity : carriedSinceMs + service.settings.takeover.releaseMs,
  );
  alarm.at(endsAtMs);
  // A VIP drained everywhere has nobody to be handed to.
  const isDone =
    before.isDone || nowMs >= endsAtMs || isVipDrained || hasNothingToHandOver(state, service, vip);
  return withChange(before, { reason, carriedSinceMs, isDone });
}

/** When the hand-over of an agent that stops ends at the latest; Infinity: only each service's own limit counts. */
export function stopEndsAtMs({ stopping, settings }: Surroundings): number {
  return stopping === undefined
    ? Infinity
    : stopping.sinceMs + (settings.shutdownTimeoutMs ?? Infinity);
}

function hasNothingToHandOver(state: Surroundings, service: ServiceState, vip: VipState): boolean {
  if (state.settings.isStandalone === true) return true;
  // A route of an earlier life that this one has not judged yet may be all there is.
  const isUnjudged = vip.isRemoved && vip.decision.kind === 'hold' && vip.route.acked === 'unknown';
  if (!isServing(vip.decision) && !isUnjudged) return true;
  if (service.health === 'down') return true;
  // While it waits for us to end, ExaBGP may stand still; then nothing more can be done for its routes.
  return state.stopping !== undefined && (state.stopping.isUrgent || state.speaker.isSilent);
}

/** Whether any other member could take a VIP over. */
export function hasSuccessor(service: ServiceState): boolean {
  return usablePeers(service).length > 0;
}
