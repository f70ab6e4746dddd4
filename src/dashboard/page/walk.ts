/** A place in a grid: row 0 and column 0 are the heads. */
export interface Cell {
  readonly row: number;
  readonly column: number;
}

export interface GridSize {
  /** Heads included. */
  readonly rows: number;
  readonly columns: number;
  /** Rows that fit on the screen: what Page Up and Page Down skip. */
  readonly pageRows: number;
}

/** Where a key leads, as in the ARIA pattern of grids; undefined when the key is none of the grid's. Pure. */
export function walk(
  { row, column }: Cell,
  key: { readonly name: string; readonly hasControl: boolean },
  { rows, columns, pageRows }: GridSize,
): Cell | undefined {
  const to = (nextRow: number, nextColumn: number): Cell => ({
    row: Math.max(0, Math.min(rows - 1, nextRow)),
    column: Math.max(0, Math.min(columns - 1, nextColumn)),
  });
  switch (key.name) {
    case 'ArrowUp':
      return to(row - 1, column);
    case 'ArrowDown':
      return to(row + 1, column);
    case 'ArrowLeft':
      return to(row, column - 1);
    case 'ArrowRight':
      return to(row, column + 1);
    case 'PageUp':
      return to(row - pageRows, column);
    case 'PageDown':
      return to(row + pageRows, column);
    case 'Home':
      return to(key.hasControl ? 0 : row, 0);
    case 'End':
      return to(key.hasControl ? rows - 1 : row, columns - 1);
    default:
      return undefined;
  }
}

/** Items of a long row or column that have to be drawn. */
export interface Span {
  readonly from: number;
  /** The first that is not. */
  readonly to: number;
}

/** Those in sight, and a few on either side so that scrolling shows no gaps; in steps, so that few scrolls draw anything. Pure. */
export function spanOf(
  { offset, extent }: { readonly offset: number; readonly extent: number },
  { size, count }: { readonly size: number; readonly count: number },
): Span {
  const step = 8;
  const first = Math.floor(offset / size / step) * step - step;
  const last = Math.ceil((offset + extent) / size / step) * step + step;
  return { from: Math.max(0, Math.min(first, count)), to: Math.max(0, Math.min(last, count)) };
}

/** How far a list has to be scrolled so that an item is in sight. Pure. */
export function offsetFor(
  item: { readonly start: number; readonly size: number },
  { offset, extent }: { readonly offset: number; readonly extent: number },
): number {
  if (item.start < offset) return item.start;
  return Math.max(offset, item.start + item.size - extent);
}
