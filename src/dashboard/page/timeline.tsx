import { useMemo, useState } from 'preact/hooks';
import type { Place } from '../why.ts';
import { ActItem } from './act-item.tsx';
import { actsShown, type Filters, isVipName, movesShown } from './filters.ts';
import { type Happening, happeningsOf } from './happenings.ts';
import type { Model, ServiceAct } from './model.ts';
import { MoveItem } from './move-item.tsx';

interface TimelineProps {
  readonly model: Model;
  readonly filters: Filters;
  readonly nowMs: number;
  readonly onLook: (place: Place) => void;
}

const shownAtFirst = 30;

/** What moved, and what somebody did, the latest first. */
export function Timeline({ model, filters, nowMs, onLook }: TimelineProps) {
  const { moves, acts, services } = model;
  const [isOpen, setIsOpen] = useState(false);
  const fitting = useMemo(
    () => happeningsOf(movesShown(moves, filters), actsShown(acts, filters)),
    [moves, acts, filters],
  );
  const shown = isOpen ? fitting : fitting.slice(0, shownAtFirst);
  return (
    <section class="timeline" aria-label="Moves">
      <h2>Moves</h2>
      {fitting.length === 0 && <p class="remark">None is known.</p>}
      <ol>
        {shown.map((happening) => (
          <Entry
            key={happening.kind === 'act' ? happening.act.key : happening.group.move.key}
            happening={happening}
            hasManyServices={services.size > 1}
            nowMs={nowMs}
            onLook={onLook}
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

function Entry(props: {
  readonly happening: Happening;
  readonly hasManyServices: boolean;
  readonly nowMs: number;
  readonly onLook: (place: Place) => void;
}) {
  const { happening, hasManyServices, nowMs, onLook } = props;
  if (happening.kind === 'act') {
    const { act } = happening;
    const place = placeOf(act);
    return (
      <ActItem
        act={act}
        service={hasManyServices ? act.service : undefined}
        nowMs={nowMs}
        onLook={place && (() => onLook(place))}
      />
    );
  }
  const { move, members, vips } = happening.group;
  return (
    <MoveItem
      move={move}
      members={members}
      vips={vips}
      service={hasManyServices ? move.service : undefined}
      nowMs={nowMs}
      onLook={() => onLook({ service: move.service, vip: move.vip, member: move.member })}
    />
  );
}

function placeOf({ service, kind, name }: ServiceAct): Place | undefined {
  if (kind === 'maintenance' || name === undefined) return undefined;
  return isVipName(name) ? { service, vip: name } : { service, member: name };
}
