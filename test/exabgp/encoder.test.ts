import { describe, expect, it } from 'vitest';
import {
  type Attributes,
  type LargeCommunity,
  type NeighborAddress,
  nextHopSelf,
  type PathId,
} from '../../src/core/route.ts';
import { dialects } from '../../src/exabgp/dialect.ts';
import { Encoder, type Guard } from '../../src/exabgp/encoder.ts';
import { startedBench, vip } from './harness.ts';

const self: Attributes = { nextHop: nextHopSelf };
const [first, second] = ['10.66.0.2', '10.66.0.3'] as NeighborAddress[] as [
  NeighborAddress,
  NeighborAddress,
];

function encoder(guard: Partial<Guard> = {}, name: keyof typeof dialects = '4') {
  const made = new Encoder(() => ({ allowed: undefined, maxRoutes: undefined, ...guard }));
  return {
    announce: (text: string, attributes = self, known: readonly NeighborAddress[] = []) =>
      made.announce(dialects[name], vip(text), attributes, known),
    withdraw: (text: string, pathId?: PathId) => made.withdraw(dialects[name], vip(text), pathId),
  };
}

const lines = (...texts: string[]) => ({
  kind: 'lines',
  lines: texts.map((text) => `${text}\n`),
});

describe('the guard', () => {
  it('holds back what is outside of the allowed prefixes, and says so', () => {
    const { announce } = encoder({ allowed: [vip('10.20.255.0/24'), vip('2001:db8::/32')] });
    expect(announce('10.20.255.1').kind).toBe('lines');
    expect(announce('2001:db8:30::1').kind).toBe('lines');
    expect(announce('10.20.254.1')).toEqual({
      kind: 'refused',
      detail:
        'not sent: 10.20.254.1/32 is not in the allowed prefixes (10.20.255.0/24, 2001:db8::/32)',
    });
  });

  it('holds back one route more than maxRoutes, until another is withdrawn', () => {
    const { announce, withdraw } = encoder({ maxRoutes: 2 });
    announce('10.20.255.1');
    announce('10.20.255.2');
    expect(announce('10.20.255.2', { ...self, pathId: 1 as PathId }).kind).toBe('lines');
    expect(announce('10.20.255.3')).toEqual({
      kind: 'refused',
      detail: 'not sent: 10.20.255.3/32 would be one route more than maxRoutes (2)',
    });
    withdraw('10.20.255.1');
    expect(announce('10.20.255.3').kind).toBe('lines');
  });

  it('withdraws anything, so that nothing is kept that must not be', () => {
    const { withdraw } = encoder({ allowed: [], maxRoutes: 1 });
    expect(withdraw('192.0.2.1')).toEqual(lines('withdraw route 192.0.2.1/32'));
  });

  it('answers the command at once, and nothing is written', async () => {
    const bench = await startedBench({ guard: () => ({ allowed: [], maxRoutes: undefined }) });
    bench.announce(1);
    expect(bench.sent()).toEqual([]);
    expect(bench.events()).toMatchObject([
      { kind: 'commandAnswered', command: 1, outcome: 'refused' },
    ]);
  });
});

describe('a route that is told in another way than before', () => {
  it('is announced by its new path before the old one is withdrawn', () => {
    const { announce, withdraw } = encoder();
    announce('192.0.2.1', { ...self, pathId: 1 as PathId });
    expect(announce('192.0.2.1', { ...self, pathId: 2 as PathId })).toEqual(
      lines(
        'announce route 192.0.2.1/32 next-hop self path-information 0.0.0.2',
        'withdraw route 192.0.2.1/32 path-information 0.0.0.1',
      ),
    );
    expect(withdraw('192.0.2.1', 9 as PathId)).toEqual(
      lines(
        'withdraw route 192.0.2.1/32 path-information 0.0.0.2',
        'withdraw route 192.0.2.1/32 path-information 0.0.0.9',
      ),
    );
  });

  it('is withdrawn from the neighbors that are not to have it any more', () => {
    const { announce } = encoder();
    announce('192.0.2.1');
    expect(announce('192.0.2.1', { ...self, neighbors: [first] }, [first, second])).toEqual(
      lines(
        'neighbor 10.66.0.2 announce route 192.0.2.1/32 next-hop self',
        'neighbor 10.66.0.3 withdraw route 192.0.2.1/32',
      ),
    );
    expect(announce('192.0.2.1')).toEqual(lines('announce route 192.0.2.1/32 next-hop self'));
  });
});

describe('main', () => {
  it('is told of neighbors only that it has told of, since it would take all of them for none', () => {
    const { announce } = encoder({}, '6');
    const attributes = { ...self, neighbors: [first, second] };
    expect(announce('192.0.2.1', attributes, [second])).toEqual(
      lines('peer 10.66.0.3 announce route 192.0.2.1/32 next-hop self'),
    );
    expect(announce('192.0.2.1', attributes, [])).toEqual({
      kind: 'refused',
      detail: 'not sent: ExaBGP has told of none of the neighbors 10.66.0.2, 10.66.0.3 so far',
    });
  });
});

it('holds back large communities from 3.4, which would drop the line and say nothing', () => {
  const largeCommunities = ['65000:1:2' as LargeCommunity];
  expect(encoder({}, '3.4').announce('192.0.2.1', { ...self, largeCommunities }).kind).toBe(
    'refused',
  );
});

describe('a command of two lines', () => {
  async function twoLines() {
    const bench = await startedBench();
    bench.speaker.announce(1, vip('192.0.2.1'), { ...self, pathId: 1 as PathId });
    await bench.says('done');
    bench.speaker.announce(2, vip('192.0.2.1'), { ...self, pathId: 2 as PathId });
    bench.events();
    return bench;
  }

  it('is accepted when both are', async () => {
    const bench = await twoLines();
    await bench.says('done');
    expect(bench.events()).toEqual([]);
    await bench.says('done');
    expect(bench.events()).toMatchObject([{ command: 2, outcome: 'accepted' }]);
  });

  it('is refused once, by the first that is', async () => {
    const bench = await twoLines();
    await bench.says('error', 'done');
    expect(bench.events()).toMatchObject([{ command: 2, outcome: 'refused' }]);
    bench.announce(3);
    await bench.says('done', 'done');
    expect(bench.events()).toMatchObject([{ command: 3, outcome: 'accepted' }]);
  });
});
