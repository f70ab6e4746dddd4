import type { ServiceMove } from './model.ts';
import { msOf } from './times.ts';

/** What one event did to VIPs of a service, as when the backups of an LB take over all that it had. */
export interface MoveGroup {
  /** The latest of them. */
  readonly move: ServiceMove;
  /** Of {@link MoveGroup.move} and all others. */
  readonly members: readonly string[];
  readonly vips: readonly string[];
}

/** Members act within this time on one event. */
const togetherMs = 2_000;

/**
 * Puts moves together that are one to a reader: of one VIP at several members, and then of several VIPs at the same
 * members. Order stays, by the latest of each group. Pure.
 */
export function groupMoves(moves: readonly ServiceMove[]): readonly MoveGroup[] {
  const single = moves.map((move) => ({ move, members: [move.member], vips: [move.vip] }));
  return join(
    join(single, ({ move }) => move.vip),
    ({ members }) => members.join(),
  );
}

/** Joins groups in which the same happened at once, and `likeness` is the same. */
function join(
  groups: readonly MoveGroup[],
  likeness: (group: MoveGroup) => string,
): readonly MoveGroup[] {
  const joined: { move: ServiceMove; members: Set<string>; vips: Set<string> }[] = [];
  const latest = new Map<string, (typeof joined)[number]>();
  for (const group of groups) {
    const { service, from, to, sentence, at } = group.move;
    const key = JSON.stringify([service, from, to, sentence, likeness(group)]);
    const like = latest.get(key);
    if (like === undefined || Math.abs(msOf(like.move.at) - msOf(at)) > togetherMs) {
      const next = { move: group.move, members: new Set(group.members), vips: new Set(group.vips) };
      joined.push(next);
      latest.set(key, next);
    } else {
      for (const member of group.members) like.members.add(member);
      for (const vip of group.vips) like.vips.add(vip);
    }
  }
  return joined.map(({ move, members, vips }) => ({
    move,
    members: [...members].sort(names.compare),
    vips: [...vips].sort(names.compare),
  }));
}

const names = new Intl.Collator('en', { numeric: true });
