import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Layout } from './layout.ts';
import { type Cell, offsetFor } from './walk.ts';

/** The cell that the keyboard is at, kept by name: rows and columns come and go while somebody walks. */
export function useActiveCell(
  { vips, members }: { readonly vips: readonly string[]; readonly members: readonly string[] },
  scroller: { readonly current: HTMLDivElement | null },
  layout: Layout,
) {
  const [names, setNames] = useState<{
    readonly vip?: string | undefined;
    readonly member?: string | undefined;
  }>({ vip: vips[0], member: members[0] });
  const mustFocus = useRef(false);
  const active: Cell = {
    row: indexOrFirst(vips, names.vip),
    column: indexOrFirst(members, names.member),
  };
  const setActive = useCallback(
    ({ row, column }: Cell) => setNames({ vip: vips[row - 1], member: members[column - 1] }),
    [vips, members],
  );
  const focusOn = (cell: Cell) => {
    mustFocus.current = true;
    setActive(cell);
  };
  useLayoutEffect(() => {
    if (!mustFocus.current || scroller.current === null) return;
    mustFocus.current = false;
    bringIntoSight(scroller.current, active, layout);
    scroller.current.querySelector<HTMLElement>('[tabindex="0"]')?.focus({ preventScroll: true });
  });
  return { active, focusOn, setActive };
}

/** Place in the grid: heads are 0. A name that is gone leads to the first. */
function indexOrFirst(names: readonly string[], name: string | undefined): number {
  if (name === undefined) return 0;
  const index = names.indexOf(name);
  return index === -1 ? Math.min(1, names.length) : index + 1;
}

function bringIntoSight(element: HTMLElement, { row, column }: Cell, layout: Layout): void {
  const { headHeight, rowHeight, headWidth, columnWidth } = layout;
  if (row > 0) {
    element.scrollTop = offsetFor(
      { start: (row - 1) * rowHeight, size: rowHeight },
      { offset: element.scrollTop, extent: element.clientHeight - headHeight },
    );
  }
  if (column > 0) {
    element.scrollLeft = offsetFor(
      { start: (column - 1) * columnWidth, size: columnWidth },
      { offset: element.scrollLeft, extent: element.clientWidth - headWidth },
    );
  }
}
