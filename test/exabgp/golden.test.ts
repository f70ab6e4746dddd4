import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type {
  Attributes,
  ExtendedCommunity,
  LargeCommunity,
  NeighborAddress,
  PathId,
} from '../../src/core/route.ts';
import { nextHopSelf, parseAsn, parseCommunity, parseMed } from '../../src/core/route.ts';
import { parseAnswer } from '../../src/exabgp/answers.ts';
import { type Dialect, dialectOf, dialects } from '../../src/exabgp/dialect.ts';
import { Encoder } from '../../src/exabgp/encoder.ts';
import { versionQuery } from '../../src/exabgp/grammar.ts';
import { vip } from './harness.ts';

/**
 * One file for each ExaBGP: what we write to it, and lines that it was recorded to say (`<`), or for main's list of neighbors
 * and its end-of-RIB is known to say by its source, with what we take them for.
 * Written anew by `vitest -u`; only the recorded lines are source, the rest must be looked at before it is committed.
 */
const recorded = [
  ['3.4', '3.4.28'],
  ['4', '4.2.21'],
  ['5', '5.0.13'],
  ['6', 'main'],
] as const;

const [first, second] = ['10.66.0.2', '10.66.0.3'] as NeighborAddress[] as [
  NeighborAddress,
  NeighborAddress,
];
const self: Attributes = { nextHop: nextHopSelf };
const everything: Attributes = {
  nextHop: '10.66.0.4' as Attributes['nextHop'],
  med: parseMed(100)!,
  localPreference: 200 as NonNullable<Attributes['localPreference']>,
  asPath: [parseAsn(65_000)!, parseAsn(65_000)!],
  communities: [parseCommunity('65000:1')!, parseCommunity('no-export')!],
  extendedCommunities: ['target:65000:1', 'origin:65000:2'] as ExtendedCommunity[],
  pathId: 258 as PathId,
};
const large = ['65000:1:2', '65000:3:4'] as LargeCommunity[];
const known = [first, second];

/** Every kind of line, by what is asked for. */
function written(dialect: Dialect): readonly string[] {
  const encoder = new Encoder();
  const announce = (text: string, attributes: Attributes) =>
    encoder.announce(dialect, vip(text), attributes, known);
  const all = [
    announce('192.0.2.1', self),
    announce('192.0.2.0/24', { ...self, med: parseMed(0)!, communities: [] }),
    announce('192.0.2.2', everything),
    announce('192.0.2.3', { ...self, largeCommunities: large }),
    announce('2001:db8:30::1', { nextHop: '2001:db8::1' as Attributes['nextHop'] }),
    announce('192.0.2.4', { ...self, neighbors: [first] }),
    announce('192.0.2.5', { ...self, neighbors: [first, second] }),
    // Told in another way than before: what was told then is taken back.
    announce('192.0.2.5', { ...self, neighbors: [second] }),
    announce('192.0.2.2', { ...self, pathId: 1 as PathId }),
    encoder.withdraw(dialect, vip('192.0.2.1'), undefined),
    encoder.withdraw(dialect, vip('192.0.2.2'), 1 as PathId),
    encoder.withdraw(dialect, vip('2001:db8:30::1'), undefined),
  ];
  const routes = all.map((one) =>
    one.kind === 'lines' ? one.lines.join('').trimEnd() : `(${one.detail})`,
  );
  const { summary = '(no list of neighbors)', flush = '(no flush)' } = dialect;
  return [versionQuery.trimEnd(), summary, flush, ...routes].flatMap((text) => text.split('\n'));
}

function understood(line: string): string {
  const { kind, ...rest } = parseAnswer(line);
  return `= ${kind}${Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`}`;
}

describe.each(recorded)('the dialect of ExaBGP %s', (name, version) => {
  const file = new URL(`golden/${version}.txt`, import.meta.url);

  it('writes and reads as recorded', async () => {
    const said = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('<'));
    const golden = [
      ...written(dialects[name]).map((line) => `> ${line}`),
      ...said.flatMap((line) => [line, understood(line.slice(2))]),
    ];
    await expect(`${golden.join('\n')}\n`).toMatchFileSnapshot(file.pathname);
  });
});

it.each([
  ['3.4.28', '3.4'],
  ['4.2.21', '4'],
  ['4.0.1', '4'],
  ['5.0.13', '5'],
  ['6.0.0-4460078e', '6'],
  ['7.1', '6'],
  [undefined, '4'],
])('speaks to version %s as to %s', (version, name) => {
  expect(dialectOf(version).name).toBe(name);
});
