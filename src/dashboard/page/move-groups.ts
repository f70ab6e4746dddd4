import type { ServiceMove } from './model.ts';
import { msOf } from './times.ts';

/** What happened to one VIP at several members at once, as when all its backups take it over. */
export interface MoveGroup {
  readonly move: ServiceMove;
  /** Of {@link MoveGroup.move} and all others. */
  readonly members: readonly string[];
}

/** Members act within this time on one event. */
const togetherMs = 2_000;
/** A group that began further back among the latest is not looked for. */
const lookBack = 20;

/** Puts moves together that are one to a reader. Order stays, by the latest of each group. Pure. */
export function groupMoves(moves: readonly ServiceMove[]): readonly MoveGroup[] {
  const groups: { readonly move: ServiceMove; readonly members: string[] }[] = [];
  for (const move of moves) {
    const group = groups.slice(-lookBack).find((candidate) => isTogether(candidate.move, move));
    if (group === undefined) groups.push({ move, members: [move.member] });
    else if (!group.members.includes(move.member)) group.members.push(move.member);
  }
  return groups.map(({ move, members }) => ({ move, members: members.sort() }));
}

function isTogether(one: ServiceMove, other: ServiceMove): boolean {
  return (
    one.vip === other.vip &&
    one.service === other.service &&
    one.to === other.to &&
    one.from === other.from &&
    one.sentence === other.sentence &&
    Math.abs(msOf(one.at) - msOf(other.at)) <= togetherMs
  );
}
