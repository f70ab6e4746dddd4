import type { MemberId, ServiceName } from './settings.ts';
import type { Vip } from './vip.ts';

/**
 * Rendezvous hashing: each member has a weight for each VIP, and the heaviest comes first. Every member works out the
 * same order from names alone; VIPs spread equally; and a member that comes or goes moves only what it takes or leaves.
 */

/** How many of the others come before `member` in the order of those that would carry a VIP. */
export function rankAmong(
  service: ServiceName,
  vip: Vip,
  member: MemberId,
  others: readonly MemberId[],
): number {
  return others.filter((other) => comesBefore(service, vip, other, member)).length;
}

/** Whether `one` is to carry a VIP rather than `other`. */
export function comesBefore(
  service: ServiceName,
  vip: Vip,
  one: MemberId,
  other: MemberId,
): boolean {
  const [first, second] = [weightOf(service, vip, one), weightOf(service, vip, other)];
  return first === second ? one < other : first > second;
}

/** A hash of 53 bits; names and prefixes contain no spaces. */
function weightOf(service: ServiceName, vip: Vip, member: MemberId): number {
  const text = `${service} ${vip} ${member}`;
  let low = 0xdead_beef;
  let high = 0x41c6_ce57;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    low = Math.imul(low ^ code, 0x9e37_79b1);
    high = Math.imul(high ^ code, 0x5f35_6495);
  }
  // MurmurHash3's finalizer, each half mixed with the other: one changed bit of the text changes about half of them.
  low = Math.imul(low ^ (low >>> 16), 0x85eb_ca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2_ae35);
  high = Math.imul(high ^ (high >>> 16), 0x85eb_ca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2_ae35);
  return (high & 0x1f_ffff) * 0x1_0000_0000 + (low >>> 0);
}
