import { afterEach, describe, expect, it } from 'vitest';
import { vip } from '../../exabgp/harness.ts';
import { missingForBgp } from '../../helpers/namespace.ts';
import { waitFor } from '../../helpers/wait.ts';
import { attach, attributes, type Pair, startPair } from './bench.ts';

const missing = missingForBgp();

describe.skipIf(missing !== undefined)(`the life of a real ExaBGP ${missing ?? ''}`, () => {
  let pair: Pair | undefined;

  afterEach(async () => {
    await pair?.stop();
    pair = undefined;
  });

  async function started(options: Parameters<typeof startPair>[0] = {}) {
    pair = await startPair(options);
    const lb = await attach(pair.exabgp);
    await lb.until('neighborChanged', ({ isEstablished }) => isEstablished);
    await lb.until('neighborsListed');
    return { ...pair, lb };
  }

  it('is silent while stopped, and answers everything in order when it continues', async () => {
    const { exabgp, bird, lb } = await started();
    exabgp.signal('SIGSTOP');
    const stoppedMs = performance.now();
    for (let command = 1; command <= 5; command += 1)
      lb.speaker.announce(command, vip(`10.20.255.${command}`), attributes(command));
    await lb.until('speakerSilent');
    const silentAfterMs = performance.now() - stoppedMs;
    // The commands were the first thing that it did not answer.
    expect(silentAfterMs).toBeGreaterThan(4_900);
    expect(silentAfterMs).toBeLessThan(6_500);
    expect(lb.events.some(({ kind }) => kind === 'commandAnswered')).toBe(false);
    exabgp.signal('SIGCONT');
    await lb.until('speakerResponsive');
    const answers = await lb.answers(5);
    expect([...answers.keys()]).toEqual([1, 2, 3, 4, 5]);
    expect(new Set(answers.values())).toEqual(new Set(['accepted']));
    await waitFor(() => bird.route('10.20.255.5/32'), { what: 'the last route' });
  });

  it.each(['json', 'text'] as const)('says that it shuts down (%s encoder)', async (encoder) => {
    const { exabgp, bird, lb } = await started({ encoder });
    await bird.disable();
    await lb.until('neighborChanged', ({ isEstablished }) => !isEstablished);
    const sinceMs = performance.now();
    exabgp.signal('SIGTERM');
    const closed = await lb.until('speakerClosed');
    const tookMs = performance.now() - sinceMs;
    expect(closed.detail).toBe('ExaBGP shuts down');
    // Its SIGTERM to the helper comes 100 ms after the notice.
    expect(tookMs).toBeLessThan(1000);
    expect(await exabgp.exited).toBe(0);
    expect(lb.events.filter(({ kind }) => kind === 'speakerClosed')).toHaveLength(1);
  });

  it('is gone at once after kill -9', async () => {
    const { exabgp, lb } = await started();
    const sinceMs = performance.now();
    exabgp.signal('SIGKILL');
    await lb.until('speakerClosed');
    const tookMs = performance.now() - sinceMs;
    expect(tookMs).toBeLessThan(1000);
    lb.speaker.announce(1, vip('10.20.255.1'), attributes(1));
    await lb.speaker.stop(1000);
    expect(lb.events.at(-1)?.kind).toBe('speakerClosed');
  });

  it('replays no state to a respawned helper, which learns the neighbors by the poll', async () => {
    const { exabgp, bird, lb } = await started();
    lb.speaker.announce(1, vip('10.20.255.1'), attributes(100));
    await lb.answers(1);
    lb.socket.destroy();
    const second = await attach(exabgp);
    const list = await second.until('neighborsListed');
    expect(list.established).toEqual(['10.66.0.2']);
    expect(second.events.some(({ kind }) => kind === 'neighborChanged')).toBe(false);
    expect(await bird.route('10.20.255.1/32')).toMatchObject({ med: 100 });
    second.speaker.withdraw(1, vip('10.20.255.1'));
    await waitFor(async () => (await bird.route('10.20.255.1/32')) === undefined, {
      what: 'the withdrawal by the second helper',
    });
  });

  it('works without acks: neighbors are listed, commands are assumed accepted', async () => {
    const { exabgp, bird, lb } = await started({ environment: { exabgp_api_ack: 'false' } });
    expect(await lb.until('speakerIdentified')).toMatchObject({ version: '4.2.21', acks: false });
    expect((await lb.until('neighborsListed')).established).toBeDefined();
    lb.speaker.announce(1, vip('10.20.255.1'), attributes(100));
    const answer = await lb.until('commandAnswered');
    expect(answer).toMatchObject({ outcome: 'accepted', detail: 'acks are off' });
    await waitFor(() => bird.route('10.20.255.1/32'), { what: 'the route' });
    expect(lb.events.some(({ kind }) => kind === 'speakerSilent')).toBe(false);
    exabgp.signal('SIGSTOP');
    await lb.until('speakerSilent');
    exabgp.signal('SIGCONT');
    await lb.until('speakerResponsive');
    expect(lb.notes.filter((note) => !note.startsWith('info'))).toEqual([]);
  });

  it('outlives a flush with no neighbor established, because none is sent', async () => {
    const { bird, lb } = await started();
    await bird.disable();
    await lb.until('neighborChanged', ({ isEstablished }) => !isEstablished);
    lb.speaker.flush(1);
    expect((await lb.answers(1)).get(1)).toBe('accepted');
    lb.speaker.announce(2, vip('10.20.255.1'), attributes(1));
    expect((await lb.answers(2)).get(2)).toBe('accepted');
  });

  it('never blocks the loop while ExaBGP is stopped and thousands of lines wait', async () => {
    const { exabgp, lb } = await started();
    exabgp.signal('SIGSTOP');
    const startedMs = performance.now();
    for (let command = 0; command < 6000; command += 1)
      lb.speaker.announce(command, vip(`10.30.${command >> 8}.${command & 255}`), attributes(1));
    const tookMs = performance.now() - startedMs;
    expect(tookMs).toBeLessThan(1000);
    exabgp.signal('SIGCONT');
    const answers = await lb.answers(6000, 30_000);
    expect(new Set(answers.values()).has('accepted')).toBe(true);
  });
});
