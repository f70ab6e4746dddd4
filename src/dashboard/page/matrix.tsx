import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { Place } from '../why.ts';
import { useActiveCell } from './active-cell.ts';
import { ColumnHeads } from './column-heads.tsx';
import { type Layout, layoutFor } from './layout.ts';
import type { ServiceModel } from './model.ts';
import { Row } from './row.tsx';
import { type Sight, useSight } from './sight.ts';
import { type Cell, type GridSize, type Span, spanOf, walk } from './walk.ts';

interface MatrixProps {
  readonly service: ServiceModel;
  readonly vips: readonly string[];
  readonly members: readonly string[];
  /** What somebody looks at, if it is in this service. */
  readonly place: Place | undefined;
  readonly onLook: (place: Place | undefined) => void;
}

/** As the style sheet has it: on narrow screens details take the lower part of the window. */
const coveringDetails = { when: '(max-width: 1180px)', free: 0.4 } as const;

/**
 * VIPs by members, as an ARIA grid: one tab stop, arrows walk, Enter shows why. Only what is in sight is in the document,
 * and the cell that has the focus, so that a fleet of 100 by 300 costs what a screen costs.
 */
export function Matrix({ service, vips, members, place, onLook }: MatrixProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const { layout, size, rows, columns } = useGeometry(useSight(scroller), vips, members);
  const { active, focusOn, setActive } = useActiveCell({ vips, members }, scroller, layout);
  const placeAt = (cell: Cell) =>
    placeOf(service.service, vips[cell.row - 1], members[cell.column - 1]);
  const look = (cell: Cell) => onLook(placeAt(cell));

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.metaKey) return;
    const next = walk(active, { name: event.key, hasControl: event.ctrlKey }, size);
    if (next !== undefined) {
      focusOn(next);
      // Details that are open follow.
      if (place !== undefined) look(next);
    } else if (event.key === 'Enter' || event.key === ' ') look(active);
    else if (event.key === 'Escape') onLook(undefined);
    else return;
    event.preventDefault();
  };
  const onClick = (event: MouseEvent) => {
    const cell = cellOf(event.target);
    if (cell === undefined) return;
    setActive(cell);
    look(cell);
  };

  useUncovered(place, scroller);
  const selected = selectedCell(place, vips, members);
  const total = {
    width: `${layout.headWidth + members.length * layout.columnWidth}px`,
    height: `${layout.headHeight + vips.length * layout.rowHeight}px`,
  };
  return (
    <div class="scroller" ref={scroller}>
      <div
        role="grid"
        class={`matrix ${layout.isUpright ? 'upright' : ''} ${layout.isBeside ? 'beside' : ''}`}
        aria-label={`VIPs and members of ${service.service}`}
        aria-rowcount={size.rows}
        aria-colcount={size.columns}
        style={total}
        tabIndex={-1}
        onKeyDown={onKeyDown}
        onClick={onClick}
      >
        <ColumnHeads
          service={service}
          members={members}
          columns={withActive(columns, active.column, members.length)}
          layout={layout}
          activeColumn={active.row === 0 ? active.column : -1}
          selectedColumn={selected?.row === 0 ? selected.column : -1}
          markedColumn={selected?.column ?? -1}
        />
        <Rows
          service={service}
          vips={vips}
          members={members}
          rows={rowsDrawn(rows, active, vips.length)}
          columns={columns}
          layout={layout}
          active={active}
          selected={selected}
        />
      </div>
    </div>
  );
}

function Rows(props: {
  readonly service: ServiceModel;
  readonly vips: readonly string[];
  readonly members: readonly string[];
  readonly rows: readonly number[];
  readonly columns: Span;
  readonly layout: Layout;
  readonly active: Cell;
  readonly selected: Cell | undefined;
}) {
  const { service, vips, members, rows, columns, layout, active, selected } = props;
  const gone = service.order.members
    .filter((name) => service.members.get(name)?.presence === 'gone')
    .join(' ');
  return rows.map((index) => {
    const name = vips[index] ?? '';
    return (
      <Row
        key={name}
        service={service}
        name={name}
        part={service.vips.get(name)}
        about={service.about}
        order={service.order}
        gone={gone}
        members={members}
        index={index}
        columns={columns}
        layout={layout}
        activeColumn={active.row === index + 1 ? active.column : -1}
        selectedColumn={selected?.row === index + 1 ? selected.column : -1}
      />
    );
  });
}

/** Where details lie over the page, what they are about is brought out from under them. */
function useUncovered(
  place: Place | undefined,
  scroller: { readonly current: HTMLElement | null },
): void {
  useLayoutEffect(() => {
    const selected = scroller.current?.querySelector('.selected');
    if (place === undefined || !selected || !matchMedia(coveringDetails.when).matches) return;
    const { bottom } = selected.getBoundingClientRect();
    window.scrollBy(0, Math.max(0, bottom - window.innerHeight * coveringDetails.free));
  }, [place, scroller]);
}

function longest(names: readonly string[]): number {
  return names.reduce((most, { length }) => Math.max(most, length), 0);
}

/** How everything is placed, and what of it is in sight. */
function useGeometry(sight: Sight, vips: readonly string[], members: readonly string[]) {
  const [longestVip, longestMember] = useMemo(
    () => [longest(vips), longest(members)],
    [vips, members],
  );
  const layout = useMemo(
    () => layoutFor(sight.width, { members: members.length, longestVip, longestMember }),
    [sight.width, members.length, longestVip, longestMember],
  );
  const size: GridSize = {
    rows: vips.length + 1,
    columns: members.length + 1,
    pageRows: Math.max(1, Math.floor(sight.height / layout.rowHeight) - 2),
  };
  const rows = spanOf(
    { offset: sight.top, extent: sight.height },
    { size: layout.rowHeight, count: vips.length },
  );
  const columns = spanOf(
    { offset: sight.left, extent: sight.width },
    { size: layout.columnWidth, count: members.length },
  );
  return { layout, size, rows, columns };
}

function rowsDrawn(span: Span, active: Cell, count: number): readonly number[] {
  const indices = Array.from({ length: span.to - span.from }, (_, index) => span.from + index);
  const index = active.row - 1;
  const isOutside = index >= 0 && index < count && (index < span.from || index >= span.to);
  return isOutside ? [...indices, index].sort((one, other) => one - other) : indices;
}

/** Heads are few: the span is widened rather than broken. */
function withActive(span: Span, column: number, count: number): Span {
  if (column === 0 || column > count) return span;
  return { from: Math.min(span.from, column - 1), to: Math.max(span.to, column) };
}

function selectedCell(
  place: Place | undefined,
  vips: readonly string[],
  members: readonly string[],
): Cell | undefined {
  if (place === undefined) return undefined;
  const row = place.vip === undefined ? 0 : vips.indexOf(place.vip) + 1;
  const column = place.member === undefined ? 0 : members.indexOf(place.member) + 1;
  const isShown =
    (place.vip === undefined || row > 0) && (place.member === undefined || column > 0);
  return isShown ? { row, column } : undefined;
}

function placeOf(
  service: string,
  vip: string | undefined,
  member: string | undefined,
): Place | undefined {
  if (vip === undefined && member === undefined) return undefined;
  return { service, ...(vip !== undefined && { vip }), ...(member !== undefined && { member }) };
}

function cellOf(target: EventTarget | null): Cell | undefined {
  if (!(target instanceof Element)) return undefined;
  const at = target.closest<HTMLElement>('[data-at]')?.dataset['at'];
  const [row, column] = (at ?? '').split(',').map(Number);
  return row === undefined || column === undefined ? undefined : { row, column };
}
