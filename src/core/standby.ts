import { type Coordination, type Decision, roleOf, type StandbyReason } from './ownership.ts';
import type { Surroundings } from './pass.ts';
import { type Asn, isPrepended, type RoleAttributes } from './route.ts';
import type { MemberId } from './settings.ts';
import type { ServiceState, VipState } from './state.ts';

/**
 * What is announced beside the member that carries a VIP. Hot standby: a VIP that this member does not carry is
 * announced at a worse preference, so that routers hold the next best route before the best one goes. Such a route
 * serves nobody as long as the owner's is there; nobody relies on it, nothing is claimed for it, and it is withdrawn
 * without a hand-over. A member that is drained may announce what it gave away in the same manner, as `disabled`.
 */

/** The decision about who carries the VIP, with its announcement beside that one in place of none where that is possible. */
export function standBy(
  { settings, speaker }: Surroundings,
  service: ServiceState,
  vip: VipState,
  decision: Decision,
  coordination: Coordination,
): Decision {
  // A sick service attracts nothing.
  if (service.health !== 'up') return decision;
  const { standby, disabled } = service.settings.announce;
  if (vip.leave !== undefined) {
    const isOut = decision.reason === 'drained' && isMemberDrained(service, vip, settings.member);
    return isOut && disabled !== undefined && isDistinct(disabled, speaker.localAs)
      ? { kind: 'announce', role: 'disabled', reason: 'drained' }
      : decision;
  }
  if (standby === undefined) return decision;
  const reason = standbyReason(vip, decision, coordination);
  if (reason === undefined) return decision;
  return isDistinct(standby, speaker.localAs)
    ? { kind: 'announce', role: 'standby', reason }
    : { kind: 'withdraw', reason: 'noLocalAs' };
}

/** Whether what tells these attributes from the owner's is there: an AS that is to be prepended has to be known. */
function isDistinct(attributes: RoleAttributes, localAs: Asn | undefined): boolean {
  return localAs !== undefined || !isPrepended(attributes);
}

/** Whether this member would carry the VIP, were it not taken out itself; a VIP that is drained is nobody's. */
function isMemberDrained(
  { view }: ServiceState,
  { agreed, vip }: VipState,
  member: MemberId,
): boolean {
  const drained = view.drains?.drained;
  return agreed.kind === 'announce' && drained?.has(member) === true && !drained.has(vip);
}

/** Why another member is to carry the VIP; undefined where this one does, or nobody is to announce it. */
function standbyReason(
  vip: VipState,
  decision: Decision,
  coordination: Coordination,
): StandbyReason | undefined {
  const { kind, reason } = decision;
  if (kind === 'announce') return undefined;
  switch (reason) {
    case 'settling':
    case 'takeoverDelay':
    case 'notChosen':
      return kind === 'withdraw' || isFree(vip) || isStandby(vip) ? reason : undefined;
    case 'heldByOwner':
    case 'damped':
      return reason;
    case 'coordinationLost':
      return coordination === 'own' ? reason : undefined;
    case 'frozen':
      return isOthers(vip) || isStandby(vip) ? reason : undefined;
    default:
      return undefined;
  }
}

function isOthers({ agreed }: VipState): boolean {
  return agreed.reason === 'heldByOwner' || agreed.reason === 'notChosen';
}

/** What is held may be the route of an earlier life, as whatever that had it announced; it is not made worse. */
function isFree({ route }: VipState): boolean {
  return route.acked === 'absent' && route.open === undefined;
}

function isStandby({ decision }: VipState): boolean {
  return roleOf(decision) === 'standby';
}
