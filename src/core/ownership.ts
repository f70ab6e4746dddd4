import type { Alarm } from './alarm.ts';
import { isDamped } from './damping.ts';
import type { Surroundings } from './pass.ts';
import type { CoordinationLossPolicy } from './settings.ts';
import type { LeaveState, ServiceState, VipState } from './state.ts';
import { isChosen } from './succession.ts';
import { isInMaintenance, isOurs } from './view.ts';

/**
 * The attributes a VIP is announced with: as its owner, as a backup, beside the member that carries it (`standby`), while
 * it is given away on purpose (`drain`) and afterwards (`disabled`), or as sick (`down`).
 */
export type Role = 'owner' | 'backup' | 'standby' | 'drain' | 'disabled' | 'down';

export type AnnounceReason =
  | StandbyReason
  /** This member owns the VIP. */
  | 'owner'
  /** There is nobody to agree with. */
  | 'standalone'
  /** The claim has been missing for the takeover delay. */
  | 'claimMissing'
  /** The claim is back, or enough backups that come before this one announce; ours goes on for the release time. */
  | 'handingBack'
  /** Going away on purpose, and nobody else is known to carry it yet. */
  | 'leaving'
  /** Going away on purpose, and another member announces it; ours goes on for the release time. */
  | 'handedOver'
  /** This member is drained, its VIPs are handed over, and the service has attributes for that. */
  | 'drained'
  /** Health is down and the service has attributes for that. */
  | 'healthDown'
  /** The disable file is there and the service has attributes for that. */
  | 'disabled'
  /** ZooKeeper is not to be believed now: the last decision goes on. */
  | 'frozen'
  /** Blind, and the policy says to announce. */
  | 'coordinationLost';

/** Why a VIP is not carried; where standby is configured it is announced all the same, as that. */
export type StandbyReason =
  /** Another member's claim stands. */
  | 'heldByOwner'
  /** The claim is missing or new, and its owner still has time. */
  | 'settling'
  | 'takeoverDelay'
  /** The claim is missing, and as many backups as are wanted come before this member. */
  | 'notChosen'
  /** Ours, but it fell too often lately, and another member announces it. */
  | 'damped'
  | 'frozen'
  | 'coordinationLost';

export type WithdrawReason =
  | 'maintenance'
  /** Drained, and handed over. */
  | 'drained'
  /** Stopping, and handed over. */
  | 'stopping'
  /** Not in the configuration any more, and handed over. */
  | 'removed'
  | 'healthDown'
  /** The disable file is there. */
  | 'disabled'
  /** Another member's claim stands. */
  | 'heldByOwner'
  /** As many backups as are wanted announce it, and they come before this member. */
  | 'notChosen'
  /** Ours, but it fell too often lately, and another member announces it. */
  | 'damped'
  /** To be announced as standby, but without a known AS to prepend it could not be told from its owner's route. */
  | 'noLocalAs'
  | 'frozen'
  | 'coordinationLost';

export type HoldReason =
  /** No complete view of ZooKeeper yet. */
  | 'noView'
  /** No health verdict yet. */
  | 'noVerdict'
  /** The claim is missing or new, and its owner still has time. */
  | 'settling'
  | 'takeoverDelay'
  /** The claim is missing, and as many backups as are wanted come before this member: they have time to act. */
  | 'notChosen'
  /** Another living agent uses our member id. */
  | 'memberIdTaken';

/** What is wanted for one VIP, and why. `hold` leaves the speaker with whatever it has. */
export type Decision =
  | { readonly kind: 'announce'; readonly role: Role; readonly reason: AnnounceReason }
  | { readonly kind: 'withdraw'; readonly reason: WithdrawReason }
  | { readonly kind: 'hold'; readonly reason: HoldReason };

/**
 * What ZooKeeper is worth for a service now.
 * - `informed`: belief is live, and the whole view, or maintenance, was read on this connection; only then may a VIP
 *   change hands.
 * - `frozen`: what was agreed last goes on.
 * - `waiting`: there never was a complete view, not even an earlier life's that could be taken up.
 * - `standalone`: there is none to ask.
 * - a policy: blind (or cold for too long), and the configuration says what then.
 */
export type Coordination =
  | 'informed'
  | 'frozen'
  | 'waiting'
  | 'standalone'
  | Exclude<CoordinationLossPolicy, 'freeze'>;

/**
 * What coordination alone asks for: who is to carry the VIP, were every member well. Kept as `agreed` while ZooKeeper
 * cannot be believed.
 */
export function agree(
  service: ServiceState,
  vip: VipState,
  coordination: Coordination,
  nowMs: number,
  alarm: Alarm,
): Decision {
  if (coordination === 'standalone') return announceAll(vip, 'standalone');
  if (coordination === 'waiting' || coordination === 'frozen') return goOn(service, vip);
  if (isInMaintenance(service)) return { kind: 'withdraw', reason: 'maintenance' };
  if (coordination !== 'informed') return byPolicy(vip, coordination);
  if (service.view.members?.own?.kind === 'twin') return { kind: 'hold', reason: 'memberIdTaken' };
  const { claim } = vip;
  // It came with new settings, and has not been read since.
  if (claim === undefined) return vip.agreed;
  if (vip.isOwner) return { kind: 'announce', role: 'owner', reason: 'owner' };
  // It is nobody's to carry, and when that is over its owner comes first.
  if (service.view.drains?.drained.has(vip.vip) === true)
    return { kind: 'withdraw', reason: 'drained' };
  // Our own claim on what is another's now stands for nobody.
  if (claim.holder === undefined || isOurs(claim.holder))
    return whileMissing(service, vip, claim.sinceMs, nowMs, alarm);
  const releasedAtMs = claim.sinceMs + service.settings.takeover.releaseMs;
  const trustedAtMs = Math.max(releasedAtMs, service.settle.trustsClaimsAtMs);
  return whileCarried(vip, trustedAtMs, 'heldByOwner', nowMs, alarm);
}

/** What was agreed last; but a maintenance that was lifted is over, whatever else could not be read since. */
function goOn(service: ServiceState, { agreed, isOwner }: VipState): Decision {
  // Not read yet: the VIP came from a service that is in maintenance to one of which nothing is known.
  const isOver =
    agreed.reason === 'maintenance' &&
    service.view.maintenance !== undefined &&
    !isInMaintenance(service);
  if (!isOver) return agreed;
  return isOwner
    ? { kind: 'announce', role: 'owner', reason: 'owner' }
    : { kind: 'hold', reason: 'settling' };
}

function byPolicy(vip: VipState, policy: 'own' | 'all' | 'withdraw'): Decision {
  const announces = policy === 'all' || (policy === 'own' && vip.isOwner);
  if (!announces) return { kind: 'withdraw', reason: 'coordinationLost' };
  return announceAll(vip, 'coordinationLost');
}

function announceAll(vip: VipState, reason: 'standalone' | 'coordinationLost'): Decision {
  return { kind: 'announce', role: vip.isOwner ? 'owner' : 'backup', reason };
}

function whileMissing(
  service: ServiceState,
  vip: VipState,
  missingSinceMs: number,
  nowMs: number,
  alarm: Alarm,
): Decision {
  const takeOver: Decision = { kind: 'announce', role: 'backup', reason: 'claimMissing' };
  const { delayMs, releaseMs, settleMs } = service.settings.takeover;
  if (vip.outrankedSinceMs !== undefined)
    return whileCarried(vip, vip.outrankedSinceMs + releaseMs, 'notChosen', nowMs, alarm);
  if (isCarrying(vip.agreed)) return takeOver;
  const settledAtMs = settledAt(service, vip, missingSinceMs);
  alarm.at(settledAtMs);
  if (nowMs < settledAtMs) return { kind: 'hold', reason: 'settling' };
  const takeoverAtMs = missingSinceMs + delayMs;
  alarm.at(takeoverAtMs);
  if (nowMs < takeoverAtMs) return { kind: 'hold', reason: 'takeoverDelay' };
  if (isChosen(service.settings, vip)) return takeOver;
  // The chosen ones have had as much time as an owner gets.
  const joinsAtMs = Math.max(settledAtMs, takeoverAtMs) + settleMs;
  alarm.at(joinsAtMs);
  return nowMs < joinsAtMs ? { kind: 'hold', reason: 'notChosen' } : takeOver;
}

function settledAt({ settle }: ServiceState, vip: VipState, missingSinceMs: number): number {
  const isLoss = settle.trustsLosses && missingSinceMs > settle.fromMs;
  return Math.max(vip.settlesUntilMs, isLoss ? 0 : settle.untilMs);
}

/** Others carry it. What we announce goes on until it is released. */
function whileCarried(
  vip: VipState,
  releasedAtMs: number,
  reason: 'heldByOwner' | 'notChosen',
  nowMs: number,
  alarm: Alarm,
): Decision {
  if (nowMs < releasedAtMs) {
    alarm.at(releasedAtMs);
    if (isCarrying(vip.agreed)) return { kind: 'announce', role: 'backup', reason: 'handingBack' };
    // An earlier life may have announced it, and the owner may have come back only just now.
    if (vip.agreed.kind === 'hold')
      return { kind: 'hold', reason: reason === 'heldByOwner' ? 'settling' : reason };
  }
  return { kind: 'withdraw', reason };
}

/** `agreed` tells it even while frozen: a loss of ZooKeeper in the middle of a hand-back changes no route. */
export function isHandingBack({ agreed }: VipState): boolean {
  return agreed.kind === 'announce' && agreed.reason === 'handingBack';
}

/** Whether routers are to reach the VIP through this member, so that it has to be handed over. */
export function isServing(decision: Decision): boolean {
  const role = roleOf(decision);
  return role === 'owner' || role === 'backup' || role === 'drain';
}

/** As backup, or as the owner that this member was a moment ago. */
function isCarrying(agreed: Decision): boolean {
  return agreed.kind === 'announce';
}

/**
 * The rule about who carries a VIP: what is wanted for it now, first line that holds. `vip` has its `agreed` and `leave`
 * up to date. What is not carried may still be announced: see standby.ts.
 */
export function decide(
  state: Surroundings,
  service: ServiceState,
  vip: VipState,
  coordination: Coordination,
  nowMs: number,
  alarm: Alarm,
): Decision {
  const { agreed, leave } = vip;
  if (agreed.kind === 'withdraw' && agreed.reason === 'maintenance') return agreed;
  if (isLeftAlone(vip)) return agreed;
  if (leave?.isDone === true) return { kind: 'withdraw', reason: leave.reason };
  if (service.isDisabled) return whileDisabled(service);
  if (service.health === 'down') return whileSick(service, agreed);
  if (agreed.kind === 'hold') return agreed;
  if (service.health === 'unknown') return { kind: 'hold', reason: 'noVerdict' };
  if (agreed.kind === 'announce' && isDamped(state, service, vip, coordination, nowMs, alarm))
    return { kind: 'withdraw', reason: 'damped' };
  if (agreed.kind === 'announce' && leave !== undefined)
    return whileLeaving(service, agreed, leave);
  return coordination === 'frozen' ? { ...agreed, reason: 'frozen' } : agreed;
}

function whileLeaving(
  { settings }: ServiceState,
  agreed: Extract<Decision, { kind: 'announce' }>,
  { carriedSinceMs }: LeaveState,
): Decision {
  const role = settings.announce.drain === undefined ? agreed.role : 'drain';
  return { ...agreed, role, reason: carriedSinceMs === undefined ? 'leaving' : 'handedOver' };
}

/** Nothing in this life says whether ExaBGP should have it: the next life, or the other agent, knows better. */
function isLeftAlone({ agreed, leave, route, isRemoved }: VipState): boolean {
  if (agreed.kind !== 'hold' || route.acked !== 'unknown') return false;
  return agreed.reason === 'memberIdTaken' || (leave?.isDone === true && !isRemoved);
}

/** Whether two decisions are the same, reason and all. */
export function sameDecision(one: Decision, other: Decision): boolean {
  return one.kind === other.kind && one.reason === other.reason && roleOf(one) === roleOf(other);
}

/** The role of an announcement. */
export function roleOf(decision: Decision): Role | undefined {
  return decision.kind === 'announce' ? decision.role : undefined;
}

function whileSick(service: ServiceState, agreed: Decision): Decision {
  const degrades = service.settings.announce.down !== undefined && agreed.kind === 'announce';
  return degrades
    ? { kind: 'announce', role: 'down', reason: 'healthDown' }
    : { kind: 'withdraw', reason: 'healthDown' };
}

/** Whatever its health: nobody has looked. */
function whileDisabled({ settings }: ServiceState): Decision {
  return settings.announce.disabled === undefined
    ? { kind: 'withdraw', reason: 'disabled' }
    : { kind: 'announce', role: 'disabled', reason: 'disabled' };
}
