import { expect, it } from 'vitest';
import { sentenceOf } from '../../../src/cli/dashboard/act.ts';
import type { Result } from '../../../src/cli/operate/change.ts';

const drained: Result = {
  service: 'apex',
  kind: 'drain',
  name: 'lb1',
  action: 'set',
  outcome: 'done',
  path: '/exabgp/drain/apex/lb1',
};

it.each<[string, Partial<Result>, string]>([
  ['it is done', {}, 'lb1 of apex is drained until it is undrained'],
  [
    'a longer drain stands, and no flag is named that a page does not have',
    { outcome: 'kept', who: 'ann@lb2' },
    'lb1 of apex is drained already, by ann@lb2; that is longer than what was asked for, so it stands',
  ],
  [
    'it is done, and nobody will know by whom',
    { unkept: '/exabgp/status/apex: may not be written' },
    'lb1 of apex is drained until it is undrained; the history of apex will not say who: /exabgp/status/apex: may not be written',
  ],
])('the page is told that %s', (_, more, sentence) => {
  expect(sentenceOf({ ...drained, ...more })).toBe(sentence);
});
