import { expect, it } from 'vitest';
import { reasonMistake } from '../../../src/cli/operate/reason.ts';

it.each<[string, string | undefined, string | undefined]>([
  ['none', undefined, undefined],
  ['one that just fits', 'x'.repeat(200), undefined],
  [
    'a log file',
    'x'.repeat(70_000),
    '--reason: expected at most 200 characters, found 70000; nothing was changed. Shorten it',
  ],
])('a reason is short: %s', (_, reason, mistake) => {
  expect(reasonMistake(reason)).toBe(mistake);
});
