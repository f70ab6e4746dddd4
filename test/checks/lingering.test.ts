import { expect, it, vi } from 'vitest';
import type { CommandVerdict } from '../../src/command/command.ts';
import type { CheckCompleted } from '../../src/core/event.ts';
import type { ServiceName } from '../../src/core/settings.ts';

/** Runs that time out at once and, like a process in uninterruptible sleep, do not end before they are told to. */
const ends: (() => void)[] = [];
vi.mock('../../src/command/command.ts', () => ({
  startCommand(_options: unknown, on: { judged(verdict: CommandVerdict): void; ended(): void }) {
    ends.push(on.ended);
    queueMicrotask(() => on.judged({ passed: false, detail: 'timed out after 10 ms' }));
    return { kill: () => undefined };
  },
}));
const { createChecker } = await import('../../src/checks/checker.ts');

it('starts no fifth run while four killed ones linger, and fails instead', async () => {
  const apex = 'apex' as ServiceName;
  const check = { intervalMs: 1, fastIntervalMs: 1, timeoutMs: 10, rise: 1, fall: 1 };
  const details: string[] = [];
  let heard = (_event: CheckCompleted) => {};
  const checker = createChecker(
    {
      services: [
        { name: apex, checks: [{ probe: { kind: 'exec', command: 'cat /mnt/hung' }, ...check }] },
      ],
    },
    {
      clock: {
        nowMs: () => 0,
        wallMs: () => 0,
        setTimer: () => () => undefined,
        defer: (act) => act(),
      },
      emit: (event) => heard(event),
      note: () => undefined,
    },
  );
  const run = () =>
    new Promise<void>((resolve) => {
      heard = (event) => {
        details.push(event.detail);
        resolve();
      };
      checker.run(apex, 0);
    });
  for (let round = 0; round < 5; round += 1) await run();
  expect(ends).toHaveLength(4);
  expect(details.at(-1)).toBe('not started: 4 killed runs of it have not ended yet');

  ends[0]?.();
  await run();
  expect(ends).toHaveLength(5);
  expect(details.at(-1)).toBe('timed out after 10 ms');

  for (const end of ends) end();
  checker.stop();
  checker.run(apex, 0);
  expect(ends).toHaveLength(5);
});
