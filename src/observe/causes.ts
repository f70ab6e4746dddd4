import { byWhom } from './by-whom.ts';
import type { DrainView, MemberView, ServiceView } from './fleet-view.ts';
import type { StatusVip } from './status-record.ts';

/** What is known of a service beside one decision in it. */
export interface Circumstances extends Pick<ServiceView, 'members' | 'drains'> {
  readonly maintenance?: ServiceView['maintenance'] | undefined;
}

/**
 * What a member says of a VIP, and what is behind that as far as the fleet tells: the drain, the maintenance, or what
 * became of the owner. The member's words alone where nothing is known.
 */
export function sentenceWithCause(
  { sentence, reason, owner }: StatusVip,
  place: { readonly vip: string; readonly member: string },
  about: Circumstances,
): string {
  const cause = causeOf(reason, { ...place, owner }, about);
  return cause === undefined ? sentence : `${sentence}: ${cause}`;
}

function causeOf(
  reason: string,
  { vip, member, owner }: { vip: string; member: string; owner: string | undefined },
  about: Circumstances,
): string | undefined {
  switch (reason) {
    case 'claimMissing':
      return owner === undefined ? undefined : whyWithoutClaim(owner, about);
    case 'drained':
    case 'leaving':
    case 'handedOver':
      return drained(vip, about.drains) ?? drained(member, about.drains);
    case 'maintenance':
      return about.maintenance && (byWhom(about.maintenance).trim() || undefined);
    default:
      return undefined;
  }
}

/** Of a name, VIP or member, that a drain in effect takes out: by whom and why. */
function drained(name: string, drains: readonly DrainView[]): string | undefined {
  const drain = drains.find((one) => one.name === name && one.kind !== 'unknown' && !one.isExpired);
  return drain && `${name} is drained${byWhom(drain)}`;
}

function whyWithoutClaim(owner: string, { members, drains }: Circumstances): string | undefined {
  const member = members.find((one) => one.member === owner);
  return drained(owner, drains) ?? (member && left(member));
}

/** What keeps an owner from claiming, by what it said last. */
function left({ member, presence, isLeaving, health, status }: MemberView): string | undefined {
  if (presence === 'gone')
    return status?.leaving === 'stopping'
      ? `${member} was stopped in order`
      : `${member} is gone from ZooKeeper`;
  if (status?.leaving === 'stopping') return `${member} is being stopped`;
  if (status?.leaving === 'removed') return `${member} is not configured for it any more`;
  if (status?.exabgp.answers === false) return `the ExaBGP of ${member} does not answer`;
  if (status?.exabgp.isConnected === false) return `${member} is cut off from its routers`;
  if (health === 'down') return `${member} is unhealthy`;
  return isLeaving ? `${member} is leaving` : undefined;
}
