/** How a matrix is drawn, in CSS pixels. */
export interface Layout {
  readonly headWidth: number;
  readonly columnWidth: number;
  readonly headHeight: number;
  readonly rowHeight: number;
  /** Cells are wide enough for words; else they show letters. */
  readonly hasWords: boolean;
  /** Heads of columns stand upright, because the columns are narrow. */
  readonly isUpright: boolean;
  /** Who carries a VIP stands beside it; else below it. */
  readonly isBeside: boolean;
}

/** One character of the font that VIPs are shown in, at its size. */
const characterWidth = 7.9;
const phoneWidth = 640;
const wordsWidth = 78;
const uprightBelow = 60;

/** Chooses widths so that a small fleet fills the space with words, and a large one fits as much as can be read. Pure. */
export function layoutFor(
  width: number,
  {
    members,
    longestVip,
    longestMember,
  }: { readonly members: number; readonly longestVip: number; readonly longestMember: number },
): Layout {
  const isPhone = width < phoneWidth;
  const vipWidth = Math.min(longestVip, isPhone ? 17 : 26) * characterWidth + 26;
  const isBeside = !isPhone;
  const headWidth = Math.round(vipWidth + (isBeside ? 186 : 0));
  const leastWidth = isPhone ? 40 : 26;
  const shared = Math.floor((width - headWidth - 2) / Math.max(1, members));
  const columnWidth = Math.max(leastWidth, Math.min(120, shared));
  const isUpright = columnWidth < uprightBelow;
  return {
    headWidth,
    columnWidth,
    headHeight: isUpright ? Math.min(132, 38 + longestMember * characterWidth) : 46,
    rowHeight: isPhone ? 48 : 30,
    hasWords: columnWidth >= wordsWidth,
    isUpright,
    isBeside,
  };
}
