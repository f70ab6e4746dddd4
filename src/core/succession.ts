import type { MemberReport } from './event.ts';
import { comesBefore, rankAmong } from './rendezvous.ts';
import type { MemberId, ServiceSettings } from './settings.ts';
import { mapVips, type ServiceState, type VipState, withChange } from './state.ts';

/**
 * Who takes a VIP over when its claim is missing: all that can, or the first N in an order that every member knows. The
 * chosen ones act at once; where they do not, the others do after another settle time, and step back again for them.
 */

/** Another member that can carry VIPs, by its own report. */
export type Peer = readonly [MemberId, MemberReport];

/** The other members that can: alive, healthy, not leaving and not drained. */
export function usablePeers({ view }: ServiceState): readonly Peer[] {
  return [...(view.members?.members ?? [])].flatMap(([member, report]): readonly Peer[] => {
    if (report === undefined || report.health !== 'up' || report.isLeaving) return [];
    return view.drains?.drained.has(member) === true ? [] : [[member, report]];
  });
}

/** Whether another member, one that can be relied on, is known to announce a VIP. */
export function isCarried(service: ServiceState, { vip }: VipState): boolean {
  return usablePeers(service).some(([, { announces }]) => announces.includes(vip));
}

/** Brings the rank of every VIP up to the members that there are now. */
export function rankVips(
  service: ServiceState,
  member: MemberId,
  peers: readonly Peer[],
): ServiceState {
  const { settings, rankedAmong } = service;
  const among = hasRanks(settings) ? peers.map(([peer]) => peer).sort() : [];
  if (rankedAmong?.join() === among.join()) return service;
  const owners = new Map(settings.vips.map(({ vip, owner }) => [vip, owner]));
  const ranked = mapVips(service, (vip) => {
    const others = among.filter((peer) => peer !== owners.get(vip.vip));
    const rank = vip.isOwner ? 0 : rankAmong(settings.name, vip.vip, member, others);
    return withChange(vip, { rank });
  });
  return { ...ranked, rankedAmong: among };
}

function hasRanks({ takeover, announce }: ServiceSettings): boolean {
  const isRanked = [announce.backup, announce.standby].some(
    (role) => Boolean(role?.medPerRank) || Boolean(role?.prependPerRank),
  );
  return isRanked || typeof takeover.backups === 'number';
}

/** Whether this member is one of those that take the VIP over at once. */
export function isChosen(
  { takeover: { backups = 'all' } }: ServiceSettings,
  vip: VipState,
): boolean {
  return backups === 'all' || vip.rank < backups;
}

/**
 * Since when as many members as are wanted, all of them before us, are known to announce a VIP whose claim is missing;
 * undefined while they are fewer. The first of those that announce it never steps back for this.
 */
export function outrankedSince(
  { settings }: ServiceState,
  vip: VipState,
  member: MemberId,
  peers: readonly Peer[],
  nowMs: number,
): number | undefined {
  const { backups = 'all' } = settings.takeover;
  const isMissing = vip.claim !== undefined && vip.claim.holder === undefined;
  if (backups === 'all' || !isMissing || vip.isOwner || vip.rank < backups) return undefined;
  const before = peers.filter(
    ([peer, { announces }]) =>
      announces.includes(vip.vip) && comesBefore(settings.name, vip.vip, peer, member),
  );
  return before.length < backups ? undefined : (vip.outrankedSinceMs ?? nowMs);
}
