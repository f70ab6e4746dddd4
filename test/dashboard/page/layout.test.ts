import { describe, expect, it } from 'vitest';
import { layoutFor } from '../../../src/dashboard/page/layout.ts';

const names = { longestVip: 15, longestMember: 5 };

describe('layoutFor', () => {
  it('has words for a small fleet, and letters under upright heads for a large one', () => {
    expect(layoutFor(960, { members: 3, ...names })).toMatchObject({
      hasWords: true,
      isUpright: false,
    });
    expect(layoutFor(960, { members: 100, ...names })).toMatchObject({
      hasWords: false,
      isUpright: true,
      columnWidth: 26,
    });
  });

  it('fits three members on a phone without scrolling, with targets for fingers', () => {
    const layout = layoutFor(366, { members: 3, ...names });
    expect(layout.headWidth + 3 * layout.columnWidth).toBeLessThanOrEqual(366);
    expect(layout.columnWidth).toBeGreaterThanOrEqual(40);
    expect(layout.rowHeight).toBeGreaterThanOrEqual(44);
    expect(layout.isBeside).toBe(false);
  });
});
