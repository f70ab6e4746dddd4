/** A text of a table, and how it is set off. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

/** Lines of columns, two spaces between them; the last column is as wide as it likes. */
export function tableLines(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  paintHead: (text: string) => string,
): readonly string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => textOf(row[column]).length)),
  );
  const line = (row: readonly Cell[]) =>
    row
      .map((cell, column) => {
        const text = textOf(cell);
        const gap =
          column === row.length - 1 ? '' : ' '.repeat((widths[column] ?? 0) - text.length);
        return (typeof cell === 'string' ? text : cell.paint(text)) + gap;
      })
      .join('  ')
      .trimEnd();
  return [paintHead(line(head)), ...rows.map(line)];
}

function textOf(cell: Cell | undefined): string {
  if (cell === undefined) return '';
  return typeof cell === 'string' ? cell : cell.text;
}
