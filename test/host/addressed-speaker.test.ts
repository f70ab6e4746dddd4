import { expect, it } from 'vitest';
import type { Event } from '../../src/core/event.ts';
import { nextHopSelf } from '../../src/core/route.ts';
import type { Vip } from '../../src/core/vip.ts';
import { createAddressedSpeaker } from '../../src/host/addressed-speaker.ts';
import { vip1 } from '../helpers/core-run.ts';
import { createFakeClock } from '../helpers/fake-clock.ts';

const attributes = { nextHop: nextHopSelf };

/** A speaker that writes down what it is told, behind addresses that do as told. */
function bench({ areRemoved = true, failure }: { areRemoved?: boolean; failure?: string } = {}) {
  const calls: string[] = [];
  const events: Event[] = [];
  const present = new Set<Vip>();
  const clock = createFakeClock();
  let emitFirst: (event: Event) => void = () => {};
  const speaker = createAddressedSpeaker(
    {
      clock,
      areRemoved,
      emit: (event) => events.push(event),
      addresses: {
        has: (vip) => present.has(vip),
        async add(vip) {
          if (present.has(vip)) return undefined;
          calls.push(`add ${vip}`);
          await Promise.resolve();
          if (failure === undefined) present.add(vip);
          return failure;
        },
        async remove(vip) {
          calls.push(`remove ${vip}`);
          present.delete(vip);
        },
        keepOnly() {},
        async look() {
          calls.push('look');
        },
      },
    },
    (emit) => {
      emitFirst = emit;
      return {
        start: () => calls.push('start'),
        announce: (command, vip) => calls.push(`announce ${command} ${vip}`),
        withdraw: (command, vip) => calls.push(`withdraw ${command} ${vip}`),
        flush: (command) => calls.push(`flush ${command}`),
        stop: async () => void calls.push('stop'),
      };
    },
  );
  const answer = (command: number, outcome: 'accepted' | 'refused' | 'lost' = 'accepted') =>
    emitFirst({ kind: 'commandAnswered', command, outcome, detail: '' });
  return { speaker, calls, events, present, clock, answer };
}

/** Lets everything happen that only waits for promises. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

it('announces once the address is there', async () => {
  const { speaker, calls } = bench();
  speaker.announce(1, vip1, attributes);
  expect(calls).toEqual([`add ${vip1}`]);
  await settled();
  expect(calls).toEqual([`add ${vip1}`, `announce 1 ${vip1}`]);
});

it('announces at once what has its address', () => {
  const { speaker, calls, present } = bench();
  present.add(vip1);
  speaker.announce(1, vip1, attributes);
  expect(calls).toEqual([`announce 1 ${vip1}`]);
});

it('does not announce what has none: the command is refused, with the reason', async () => {
  const { speaker, calls, events } = bench({ failure: 'not permitted' });
  speaker.announce(1, vip1, attributes);
  await settled();
  expect(calls).toEqual([`add ${vip1}`]);
  expect(events).toEqual([
    {
      kind: 'commandAnswered',
      command: 1,
      outcome: 'refused',
      detail: 'its address could not be added: not permitted',
    },
  ]);
});

it('removes the address a second after the withdraw was accepted, and no earlier', () => {
  const { speaker, calls, clock, answer, events } = bench();
  speaker.withdraw(1, vip1);
  clock.advance(60_000);
  answer(1);
  expect(events).toHaveLength(1);
  clock.advance(999);
  expect(calls).toEqual([`withdraw 1 ${vip1}`]);
  clock.advance(1);
  expect(calls).toEqual([`withdraw 1 ${vip1}`, `remove ${vip1}`]);
});

it.each(['refused', 'lost'] as const)('removes nothing when the withdraw is %s', (outcome) => {
  const { speaker, calls, clock, answer } = bench();
  speaker.withdraw(1, vip1);
  answer(1, outcome);
  clock.advance(60_000);
  expect(calls).toEqual([`withdraw 1 ${vip1}`]);
});

it('keeps the address of a VIP that is announced again', () => {
  const { speaker, calls, clock, answer, present } = bench();
  present.add(vip1);
  speaker.withdraw(1, vip1);
  answer(1);
  speaker.announce(2, vip1, attributes);
  answer(2);
  clock.advance(60_000);
  expect(calls).toEqual([`withdraw 1 ${vip1}`, `announce 2 ${vip1}`]);
});

it('removes nothing where addresses stay', () => {
  const { speaker, calls, clock, answer } = bench({ areRemoved: false });
  speaker.withdraw(1, vip1);
  answer(1);
  clock.advance(60_000);
  expect(calls).toEqual([`withdraw 1 ${vip1}`]);
});

it('at its end removes what is withdrawn, a moment after the last line, and nothing else', async () => {
  const { speaker, calls, clock, answer } = bench();
  speaker.start();
  speaker.flush(1);
  speaker.withdraw(2, vip1);
  answer(2);
  const stopped = speaker.stop(700);
  await settled();
  expect(calls.slice(-1)).toEqual(['stop']);
  clock.advance(150);
  await stopped;
  expect(calls).toEqual(['start', 'flush 1', `withdraw 2 ${vip1}`, 'stop', `remove ${vip1}`]);
  const idle = bench();
  await idle.speaker.stop(700);
  expect(idle.calls).toEqual(['stop']);
});

it('looks every five seconds for what somebody else has removed, until it is stopped', async () => {
  const { speaker, calls, clock } = bench();
  speaker.start();
  clock.advance(4_999);
  expect(calls).toEqual(['start']);
  clock.advance(5_001);
  expect(calls).toEqual(['start', 'look', 'look']);
  await speaker.stop(100);
  clock.advance(60_000);
  expect(calls).toEqual(['start', 'look', 'look', 'stop']);
});
