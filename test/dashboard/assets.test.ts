import { expect, it } from 'vitest';
import { createAssets } from '../../src/dashboard/assets.ts';

const files = { script: 'page()', relay: 'relay()', style: '' };

/** What the page is told of itself. */
function marksOf(more: Partial<typeof files>, canAct = false): string | undefined {
  const page =
    createAssets({ ...files, ...more }, canAct)
      .get('/')
      ?.body.toString() ?? '';
  return /<html ([^>]*)>/.exec(page)?.[1];
}

it('names the relay by its content, so that a page never talks to the one of another build', () => {
  expect(marksOf({})).toMatch(/^data-relay="[0-9a-f]{16}" lang="en"$/);
  expect(marksOf({ script: 'other()' })).toBe(marksOf({}));
  expect(marksOf({ relay: 'other()' })).not.toBe(marksOf({}));
});

it('tells the page whether it may act', () => {
  expect(marksOf({}, true)).toBe(`data-act ${marksOf({})}`);
});
