import type { FleetMove, ServiceView } from '../fleet-view.ts';
import type { Style } from './style.ts';
import { type Cell, tableLines } from './table.ts';

/** The last moves of each VIP, by time; `lastOfEach` undefined: all there are. */
export function lastMoves(
  { moves }: ServiceView,
  { vip, lastOfEach }: { readonly vip?: string | undefined; readonly lastOfEach: number },
): readonly FleetMove[] {
  const counts = new Map<string, number>();
  return moves
    .filter((move) => vip === undefined || move.vip === vip)
    .toReversed()
    .filter((move) => {
      const count = (counts.get(move.vip) ?? 0) + 1;
      counts.set(move.vip, count);
      return count <= lastOfEach;
    })
    .toReversed();
}

/** Moves a line each, the latest last, and how many there are besides. */
export function historyLines(
  moves: readonly FleetMove[],
  olderCount: number,
  style: Style,
): readonly string[] {
  if (moves.length === 0) return ['no move is on record'];
  const rows = moves.map(({ at, vip, member, from, to, sentence }): readonly Cell[] => [
    at.slice(0, 23).replace('T', ' '),
    vip,
    member,
    `${from} -> ${to}`,
    sentence,
  ]);
  const lines = tableLines(['TIME (UTC)', 'VIP', 'MEMBER', 'MOVE', 'WHY'], rows, style.faint);
  if (olderCount === 0) return lines;
  return [...lines, `and ${olderCount} older ones: --number says how many are shown of each VIP`];
}
