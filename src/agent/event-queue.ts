import type { Event } from '../core/event.ts';

export interface EventQueue {
  /** Takes an event. It is handled at once, unless another one is being handled: then right after that. */
  push(event: Event): void;
}

/** More than this waiting at once means that events breed events: a bug. */
const lengthMax = 10_000;

/**
 * Hands events to `handle` one at a time, in order. An event that arrives while nothing is being handled is handled
 * before `push` returns, so that no turn of the event loop lies between a watch event and the line to ExaBGP.
 * Whatever `handle` throws goes to `onBug`, never back into the adapter that pushed.
 */
export function createEventQueue(
  handle: (event: Event) => void,
  onBug: (error: Error) => void,
): EventQueue {
  const waiting: Event[] = [];
  let isBusy = false;

  function drain(): void {
    isBusy = true;
    try {
      for (let event = waiting.shift(); event !== undefined; event = waiting.shift()) handle(event);
    } catch (error) {
      waiting.length = 0;
      onBug(error instanceof Error ? error : new Error(String(error)));
    } finally {
      isBusy = false;
    }
  }

  return {
    push(event) {
      if (waiting.length >= lengthMax) {
        waiting.length = 0;
        onBug(new Error(`more than ${lengthMax} events are waiting; the last is ${event.kind}`));
        return;
      }
      waiting.push(event);
      if (!isBusy) drain();
    },
  };
}
