import { type Coordination, type Decision, roleOf, type StandbyReason } from './ownership.ts';
import type { Surroundings } from './pass.ts';
import { isPrepended } from './route.ts';
import type { ServiceState, VipState } from './state.ts';

/**
 * Hot standby: a VIP that this member does not carry is announced at a worse preference, so that routers hold the next
 * best route before the best one goes. Such a route serves nobody as long as the owner's is there; nobody relies on it,
 * nothing is claimed for it, and it is withdrawn without a hand-over.
 */

/** The decision about who carries the VIP, with its announcement as standby in place of none where that is possible. */
export function standBy(
  { speaker }: Surroundings,
  service: ServiceState,
  vip: VipState,
  decision: Decision,
  coordination: Coordination,
): Decision {
  const { standby } = service.settings.announce;
  // What leaves, leaves whole; and a sick service attracts nothing.
  if (standby === undefined || service.health !== 'up' || vip.leave !== undefined) return decision;
  const reason = standbyReason(vip, decision, coordination);
  if (reason === undefined) return decision;
  return isPrepended(standby) && speaker.localAs === undefined
    ? { kind: 'withdraw', reason: 'noLocalAs' }
    : { kind: 'announce', role: 'standby', reason };
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
