import { expect, it } from 'vitest';
import type { Result } from '../../../src/cli/operate/change.ts';
import { answerOf, changeVips } from '../../../src/cli/vip/command.ts';
import type { Config } from '../../../src/config/config.ts';
import type { Vip } from '../../../src/core/vip.ts';

const [one, two] = ['192.0.2.1', '192.0.2.2'].map((address) => ({
  vip: `${address}/32` as Vip,
  service: 'web',
  path: `/exabgp/drain/web/${address}`,
}));
if (one === undefined || two === undefined) throw new Error('two routes');
const done = ({ path }: { readonly path: string }, more: Partial<Result> = {}) =>
  [path, { service: 'web', kind: 'drain', action: 'set', outcome: 'done', path, ...more }] as const;
const out = [
  '192.0.2.1/32 (service web): withdrawn from now on',
  '192.0.2.2/32 (service web): withdrawn from now on',
];

it.each<[string, ReadonlyMap<string, Result>, readonly string[]]>([
  ['and nothing else when the history has them', new Map([done(one), done(two)]), []],
  [
    'and once for each service that the history will not say who',
    new Map([done(one, { unkept: '/status/web: no' }), done(two, { unkept: '/status/web: no' })]),
    ['vipkeeper: the history of web will not say who: /status/web: no'],
  ],
])('says of all routes what became of them, %s', (_, results, errors) => {
  expect(answerOf([one, two], results)).toEqual({ code: 0, out, errors });
});

it('refuses a reason that is too long before it looks at anything', async () => {
  const options = { action: 'withdraw', name: 'web.tld', reason: 'x'.repeat(201) } as const;
  const { code, errors } = await changeVips({} as Config, options);
  expect([code, ...errors]).toEqual([
    64,
    expect.stringContaining('--reason: expected at most 200'),
  ]);
});
