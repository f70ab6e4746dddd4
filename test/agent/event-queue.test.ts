import { describe, expect, it } from 'vitest';
import { createEventQueue } from '../../src/agent/event-queue.ts';
import type { Event } from '../../src/core/event.ts';

const timer: Event = { kind: 'timerFired' };
const silent: Event = { kind: 'speakerSilent' };

describe('event queue', () => {
  it('handles an event before push returns', () => {
    const handled: string[] = [];
    const queue = createEventQueue(
      (event) => handled.push(event.kind),
      () => undefined,
    );
    queue.push(timer);
    expect(handled).toEqual(['timerFired']);
  });

  it('lets an event that arrives meanwhile wait for its turn', () => {
    const handled: string[] = [];
    const queue = createEventQueue(
      (event) => {
        handled.push(`${event.kind} begins`);
        if (event.kind === 'timerFired') queue.push(silent);
        handled.push(`${event.kind} ends`);
      },
      () => undefined,
    );
    queue.push(timer);
    expect(handled).toEqual([
      'timerFired begins',
      'timerFired ends',
      'speakerSilent begins',
      'speakerSilent ends',
    ]);
  });

  it('keeps an exception from the adapter that pushed, and works on', () => {
    const bugs: string[] = [];
    let isFirst = true;
    const queue = createEventQueue(
      () => {
        const throws = isFirst;
        isFirst = false;
        if (throws) throw new Error('bang');
      },
      (error) => bugs.push(error.message),
    );
    queue.push(timer);
    queue.push(timer);
    expect(bugs).toEqual(['bang']);
  });

  it('takes it for a bug when events breed events without end', () => {
    const bugs: string[] = [];
    const queue = createEventQueue(
      () => {
        for (let count = 0; count < 100 && bugs.length === 0; count += 1) queue.push(timer);
      },
      (error) => bugs.push(error.message),
    );
    queue.push(timer);
    expect(bugs).toEqual(['more than 10000 events are waiting; the last is timerFired']);
  });
});
