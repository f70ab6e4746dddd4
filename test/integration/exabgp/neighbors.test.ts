import { afterEach, describe, expect, it } from 'vitest';
import type {
  ExtendedCommunity,
  LargeCommunity,
  NeighborAddress,
} from '../../../src/core/route.ts';
import { vip } from '../../exabgp/harness.ts';
import { missingForBgp } from '../../helpers/namespace.ts';
import { waitFor } from '../../helpers/wait.ts';
import { attach, attributes, type Pair, startPair } from './bench.ts';
import { prefixes, reaches, startAgent, type Table } from './whole-agent.ts';

const missing = missingForBgp();

describe.skipIf(missing !== undefined)(`neighbors of a real ExaBGP ${missing ?? ''}`, () => {
  let pair: Pair | undefined;

  afterEach(async () => {
    await pair?.stop();
    pair = undefined;
  });

  /** An agent that has all prefixes at the first router. */
  async function announcing(options: Parameters<typeof startPair>[0] = {}) {
    const started = await startPair(options);
    pair = started;
    const agent = await startAgent(started);
    const table: Table = new Map(prefixes.map((prefix) => [prefix, 4]));
    for (const prefix of prefixes) agent.want(table, prefix);
    expect(await reaches(started.bird, table, 10_000)).toBe(true);
    return { ...started, agent, table };
  }

  it('have all routes again after a flap, though ExaBGP has forgotten them', async () => {
    const { bird, table, agent } = await announcing({ adjRibOut: false });
    await bird.disable();
    await waitFor(() => agent.isCutOff(), { what: 'the loss' });
    expect(await bird.routeCount()).toBe(0);
    await bird.enable();
    expect(await reaches(bird, table, 30_000)).toBe(true);
  });

  it('have all routes when a reload of ExaBGP adds them', async () => {
    const { exabgp, bird, table, startSecond, neighbors } = await announcing();
    const second = await startSecond();
    exabgp.reconfigure([neighbors.first, neighbors.second]);
    expect(await reaches(second, table, 30_000)).toBe(true);
    expect(await reaches(bird, table, 1_000)).toBe(true);
  });

  it('count alone for what only they are told of', async () => {
    const started = await startPair({ unreachable: true });
    pair = started;
    const second = await started.startSecond();
    const agent = await startAgent(started, [started.neighbors.second.address as NeighborAddress]);
    const table: Table = new Map(prefixes.map((prefix) => [prefix, 4]));
    for (const prefix of prefixes) agent.want(table, prefix);
    expect(await reaches(second, table, 30_000)).toBe(true);
    await waitFor(() => agent.isReached(), { what: 'the neighbor', timeoutMs: 30_000 });
    await second.disable();
    await waitFor(() => agent.isReached() === false, { what: 'the loss', timeoutMs: 30_000 });
    expect(agent.isCutOff()).toBe(false);
    expect(await started.bird.routeCount()).toBe(0);
    await second.enable();
    await waitFor(() => agent.isReached(), { what: 'the return', timeoutMs: 60_000 });
    expect(await reaches(second, table, 30_000)).toBe(true);
  });

  it('are told apart: a route goes to those that it is for, with all its attributes', async () => {
    const started = await startPair({ unreachable: true });
    pair = started;
    const { bird } = started;
    const second = await started.startSecond();
    const lb = await attach(started.exabgp);
    for (const address of ['10.66.0.2', '10.66.0.3'])
      await lb.until(
        'neighborChanged',
        ({ neighbor, isEstablished }) => isEstablished && neighbor === address,
        30_000,
      );
    const [one, two] = ['10.66.0.2', '10.66.0.3'] as NeighborAddress[];
    if (one === undefined || two === undefined) throw new Error('no neighbors');
    const told = {
      ...attributes(7, '65000:1'),
      largeCommunities: ['65000:1:2' as LargeCommunity],
      extendedCommunities: ['target:65000:1' as ExtendedCommunity],
    };
    const prefix = '10.20.255.1/32';
    lb.speaker.announce(1, vip(prefix), { ...told, neighbors: [two] });
    expect(await waitFor(() => second.route(prefix), { what: 'the route' })).toMatchObject({
      med: 7,
      communities: ['65000:1'],
      largeCommunities: '(65000, 1, 2)',
      extendedCommunities: '(rt, 65000, 1)',
    });
    expect(await bird.route(prefix)).toBeUndefined();
    lb.speaker.announce(2, vip(prefix), { ...told, neighbors: [one, two] });
    await waitFor(() => bird.route(prefix), { what: 'the route at the other' });
    lb.speaker.announce(3, vip(prefix), { ...told, neighbors: [one] });
    await waitFor(async () => (await second.route(prefix)) === undefined, {
      what: 'the route to go where it is not for any more',
    });
    expect(await bird.route(prefix)).toMatchObject({ med: 7 });
    lb.speaker.withdraw(4, vip(prefix));
    await waitFor(async () => (await bird.route(prefix)) === undefined, { what: 'the withdraw' });
    expect([...(await lb.answers(4)).values()]).toEqual(Array(4).fill('accepted'));
  });
});
