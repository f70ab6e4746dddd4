import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextHopSelf } from '../../../src/core/route.ts';
import type { Vip } from '../../../src/core/vip.ts';
import { vip } from '../../exabgp/harness.ts';
import { missingForBgp } from '../../helpers/namespace.ts';
import { waitFor } from '../../helpers/wait.ts';
import { type Attached, attach, attributes, type Pair, startPair } from './bench.ts';

const missing = missingForBgp();

describe.skipIf(missing !== undefined)(`commands to a real ExaBGP ${missing ?? ''}`, () => {
  let pair: Pair;
  let lb: Attached;

  beforeAll(async () => {
    pair = await startPair({ unreachable: true });
    lb = await attach(pair.exabgp);
    await lb.until('neighborChanged', (event) => event.isEstablished);
  });
  afterAll(() => pair.stop());

  it('finds out version and acks', async () => {
    expect(await lb.until('speakerIdentified')).toEqual({
      kind: 'speakerIdentified',
      version: '4.2.21',
      acks: true,
    });
  });

  it('announces with MED and communities, changes and withdraws, as the router sees it', async () => {
    const { bird } = pair;
    lb.speaker.announce(1, vip('10.20.255.1'), attributes(100, '65000:1', '65000:2'));
    expect((await lb.answers(1)).get(1)).toBe('accepted');
    const learned = await waitFor(() => bird.route('10.20.255.1/32'), { what: 'the route' });
    expect(learned).toMatchObject({
      med: 100,
      communities: ['65000:1', '65000:2'],
      asPath: '65000',
    });
    lb.speaker.announce(2, vip('10.20.255.1'), attributes(200));
    await waitFor(async () => (await bird.route('10.20.255.1/32'))?.med === 200, {
      what: 'the new MED',
    });
    lb.speaker.withdraw(3, vip('10.20.255.1'));
    await waitFor(async () => (await bird.route('10.20.255.1/32')) === undefined, {
      what: 'the withdrawal',
    });
    expect((await lb.answers(3)).get(3)).toBe('accepted');
  });

  it('announces IPv6 with an address as next hop', async () => {
    const nextHop = '2001:db8::1' as ReturnType<typeof attributes>['nextHop'];
    lb.speaker.announce(4, vip('2001:db8:30::1'), { ...attributes(100), nextHop });
    expect((await lb.answers(4)).get(4)).toBe('accepted');
    await waitFor(() => pair.bird.route('2001:db8:30::1/128'), { what: 'the IPv6 route' });
  });

  it('reports a refused line with what was sent', async () => {
    // Bits of the host are set, which our parsers never let through.
    lb.speaker.announce(5, '10.20.255.9/24' as Vip, { nextHop: nextHopSelf });
    const refusal = await lb.until('commandAnswered', ({ command }) => command === 5);
    expect(refusal).toMatchObject({
      outcome: 'refused',
      detail: 'error; sent "announce route 10.20.255.9/24 next-hop self"',
    });
  });

  it('finds out that a line was swallowed, and goes on', async () => {
    // 4.2.21 answers nothing at all to a MED beyond 32 bits; our parsers never let one through.
    const swallowed = {
      ...attributes(1),
      med: (2 ** 32) as ReturnType<typeof attributes>['med'] & number,
    };
    lb.speaker.announce(6, vip('10.20.255.6'), swallowed);
    const lost = await lb.until('commandAnswered', ({ command }) => command === 6);
    expect(lost.outcome).toBe('lost');
    expect(lb.events.some(({ kind }) => kind === 'speakerSilent')).toBe(false);
    lb.speaker.withdraw(7, vip('10.20.255.6'));
    expect(await lb.until('commandAnswered', ({ command }) => command === 7)).toMatchObject({
      outcome: 'accepted',
    });
  });

  it('flushes', async () => {
    lb.speaker.flush(8);
    expect(await lb.until('commandAnswered', ({ command }) => command === 8)).toMatchObject({
      outcome: 'accepted',
    });
  });

  it('tells neighbors down and up again, an unreachable one once, and never lists wrongly', async () => {
    await lb.until('neighborsListed', ({ established }) => established?.join() === '10.66.0.2');
    await pair.bird.disable();
    await lb.until(
      'neighborChanged',
      ({ neighbor, isEstablished }) => neighbor === '10.66.0.2' && !isEstablished,
    );
    const before = lb.events.length;
    await pair.bird.enable();
    await waitFor(
      () => lb.events.slice(before).some((e) => e.kind === 'neighborChanged' && e.isEstablished),
      { timeoutMs: 30_000, what: 'the neighbor to come back' },
    );
    const unreachable = lb.events.filter(
      (event) => event.kind === 'neighborChanged' && event.neighbor === '10.66.0.3',
    );
    expect(unreachable).toHaveLength(1);
    expect(lb.events.filter(({ kind }) => kind === 'neighborsListed').length).toBeLessThan(4);
  });

  it('sends 5000 changes in windows without ever blocking the loop', async () => {
    const total = 5000;
    let sent = 0;
    let worstMs = 0;
    let lastMs = performance.now();
    const beat = setInterval(() => {
      worstMs = Math.max(worstMs, performance.now() - lastMs);
      lastMs = performance.now();
    }, 5);
    const answered = () =>
      lb.events.filter((e) => e.kind === 'commandAnswered' && e.command >= 1000).length;
    await waitFor(
      () => {
        while (sent < total && sent - answered() < 500) {
          const text = `10.30.${sent >> 8}.${sent & 255}`;
          lb.speaker.announce(1000 + sent, vip(text), attributes(sent));
          sent += 1;
        }
        return answered() === total;
      },
      { timeoutMs: 60_000, what: 'all answers' },
    );
    clearInterval(beat);
    expect(worstMs).toBeLessThan(250);
    await waitFor(async () => (await pair.bird.routeCount()) >= total, {
      timeoutMs: 30_000,
      what: 'all routes at the router',
    });
  });
});
