import { createClock } from '../../src/agent/clock.ts';
import { createChecker } from '../../src/checks/checker.ts';
import type { CheckCompleted } from '../../src/core/event.ts';
import type { Probe } from '../../src/core/probe.ts';
import type { ServiceName } from '../../src/core/settings.ts';

const apex = 'apex' as ServiceName;
const pace = { intervalMs: 1_000, fastIntervalMs: 1_000, rise: 1, fall: 1 };

/** A checker of one check; `look` runs it and resolves with what it came to. */
export function looker(probe: Probe, timeoutMs = 5_000) {
  const events: CheckCompleted[] = [];
  let heard = (_event: CheckCompleted) => {};
  const checker = createChecker(
    { services: [{ name: apex, checks: [{ probe, timeoutMs, ...pace }] }] },
    {
      clock: createClock(),
      emit: (event) => {
        events.push(event);
        heard(event);
      },
      note: () => undefined,
    },
  );
  return {
    events,
    stop: () => checker.stop(),
    removeCheck: () => checker.setServices([]),
    look: () =>
      new Promise<{ passed: boolean; detail: string }>((resolve) => {
        heard = ({ passed, detail }) => resolve({ passed, detail });
        checker.run(apex, 0);
      }),
  };
}

/** What one run comes to. */
export function lookOnce(probe: Probe, timeoutMs?: number) {
  return looker(probe, timeoutMs).look();
}

/** Whether the event loop went on while something else did: the longest time it stood still meanwhile. */
export async function longestPauseMs(during: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 5);
  try {
    await during();
    longest = Math.max(longest, performance.now() - last);
  } finally {
    clearInterval(timer);
  }
  return longest;
}
