import { expect, it } from 'vitest';
import { styleOf } from '../../src/cli/fleet/print.ts';
import { colored, plain } from '../../src/observe/text/style.ts';

it.each([
  ['a terminal', true, {}, colored],
  ['a terminal of somebody who wants none', true, { NO_COLOR: '1' }, plain],
  ['a terminal whose NO_COLOR is empty, as no-color.org has it', true, { NO_COLOR: '' }, colored],
  ['a terminal that knows no colour', true, { TERM: 'dumb' }, plain],
  ['a pipe or a file', undefined, {}, plain],
])('%s is written to accordingly', (_, isTTY, environment, style) => {
  expect(styleOf(isTTY === undefined ? {} : { isTTY }, environment)).toBe(style);
});
