import type { ServiceAct, ServiceMove } from './model.ts';
import { groupMoves, type MoveGroup } from './move-groups.ts';
import { msOf } from './times.ts';

/** An entry of the timeline: what VIPs did, or what somebody did to them. */
export type Happening =
  | { readonly kind: 'moves'; readonly atMs: number; readonly group: MoveGroup }
  | { readonly kind: 'act'; readonly atMs: number; readonly act: ServiceAct };

/** Everything by time, the latest first, as both lists are. Pure. */
export function happeningsOf(
  moves: readonly ServiceMove[],
  acts: readonly ServiceAct[],
): readonly Happening[] {
  return [
    ...groupMoves(moves).map(
      (group): Happening => ({ kind: 'moves', atMs: msOf(group.move.at), group }),
    ),
    ...acts.map((act): Happening => ({ kind: 'act', atMs: msOf(act.at), act })),
  ].sort((one, other) => other.atMs - one.atMs);
}
