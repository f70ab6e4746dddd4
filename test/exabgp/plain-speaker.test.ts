import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createClock } from '../../src/agent/clock.ts';
import type { Event } from '../../src/core/event.ts';
import { nextHopSelf } from '../../src/core/route.ts';
import { createPlainSpeaker } from '../../src/exabgp/plain-speaker.ts';
import { vip1 } from '../helpers/core-run.ts';
import { waitFor } from '../helpers/wait.ts';

function start(acks: 'on' | 'off' = 'on') {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const events: Event[] = [];
  const lines: string[] = [];
  output.on('data', (chunk: Buffer) => lines.push(...chunk.toString().split('\n').slice(0, -1)));
  const speaker = createPlainSpeaker(
    { acks, ackTimeoutMs: 100, pollMs: 50, manner: { nextHop: nextHopSelf } },
    {
      clock: createClock(),
      emit: (event) => events.push(event),
      note: () => undefined,
      input,
      output,
    },
  );
  speaker.start();
  const answers = () => events.filter(({ kind }) => kind === 'commandAnswered');
  const says = (kind: Event['kind'], count = 1) =>
    waitFor(() => events.filter((event) => event.kind === kind).length >= count, { what: kind });
  return { speaker, input, events, lines, answers, says };
}

it('asks nothing, and lets the core begin', async () => {
  const { events, lines, says } = start();
  await says('neighborsListed');
  expect(events).toEqual([
    { kind: 'speakerIdentified', version: undefined, acks: true },
    { kind: 'neighborsListed', established: undefined },
  ]);
  expect(lines).toEqual([]);
});

it('writes routes in the words of healthcheck, and hands on the answers', async () => {
  const { speaker, input, lines, answers, says } = start();
  speaker.announce(1, vip1, { nextHop: nextHopSelf });
  speaker.withdraw(2, vip1);
  input.write('done\nerror: no\nerror\n');
  await says('commandAnswered', 2);
  expect(lines.slice(0, 2)).toEqual([
    'announce route 10.20.255.1/32 next-hop self',
    'withdraw route 10.20.255.1/32 next-hop self',
  ]);
  expect(answers()).toMatchObject([
    { command: 1, outcome: 'accepted' },
    { command: 2, outcome: 'refused', detail: expect.stringContaining('no') },
  ]);
});

it('asks who is there when a line is refused, and goes on in the words of that one', async () => {
  const { speaker, input, lines, says } = start();
  speaker.announce(1, vip1, { nextHop: nextHopSelf });
  input.write('error\n');
  await says('commandAnswered');
  await waitFor(() => lines.at(-1) === 'system version', { what: 'the question' });
  input.write('{"version": "6.0.0-4460078e", "application": "exabgp"}\ndone\n');
  await new Promise((resolve) => setImmediate(resolve));
  speaker.announce(2, vip1, { nextHop: nextHopSelf });
  await waitFor(() => lines.length === 3, { what: 'the second line' });
  expect(lines[2]).toBe('peer * announce route 10.20.255.1/32 next-hop self');
});

it('waits for no answer when there is none', async () => {
  const { speaker, answers, says } = start('off');
  speaker.announce(1, vip1, { nextHop: nextHopSelf });
  await says('commandAnswered');
  expect(answers()).toMatchObject([{ command: 1, outcome: 'accepted' }]);
});

it('says that ExaBGP is gone at the end of its input, and nothing afterwards', async () => {
  const { speaker, input, lines, events, says } = start();
  input.end();
  await says('speakerClosed');
  speaker.announce(1, vip1, { nextHop: nextHopSelf });
  speaker.flush(2);
  await new Promise((resolve) => setImmediate(resolve));
  expect(lines).toEqual([]);
  expect(events.at(-1)).toMatchObject({ kind: 'speakerClosed' });
});
