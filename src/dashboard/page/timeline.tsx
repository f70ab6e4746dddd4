import { useMemo, useState } from 'preact/hooks';
import type { Place } from '../why.ts';
import { type Filters, movesShown } from './filters.ts';
import type { ServiceMove } from './model.ts';
import { groupMoves } from './move-groups.ts';
import { MoveItem } from './move-item.tsx';

interface TimelineProps {
  readonly moves: readonly ServiceMove[];
  readonly filters: Filters;
  readonly hasManyServices: boolean;
  readonly nowMs: number;
  readonly onLook: (place: Place) => void;
}

const shownAtFirst = 30;

/** What moved, the latest first. */
export function Timeline({ moves, filters, hasManyServices, nowMs, onLook }: TimelineProps) {
  const [isOpen, setIsOpen] = useState(false);
  const fitting = useMemo(() => groupMoves(movesShown(moves, filters)), [moves, filters]);
  const shown = isOpen ? fitting : fitting.slice(0, shownAtFirst);
  return (
    <section class="timeline" aria-label="Moves">
      <h2>Moves</h2>
      {fitting.length === 0 && <p class="remark">None is known.</p>}
      <ol>
        {shown.map(({ move, members, vips }) => (
          <MoveItem
            key={move.key}
            move={move}
            members={members}
            vips={vips}
            service={hasManyServices ? move.service : undefined}
            nowMs={nowMs}
            onLook={() => onLook({ service: move.service, vip: move.vip, member: move.member })}
          />
        ))}
      </ol>
      {fitting.length > shownAtFirst && (
        <button
          type="button"
          class="link"
          aria-expanded={isOpen}
          onClick={() => setIsOpen(!isOpen)}
        >
          {isOpen ? 'Show fewer' : `Show all ${fitting.length}`}
        </button>
      )}
    </section>
  );
}
