import type { Clock } from '../core/clock.ts';

/** Acts again and again, first after `periodMs`; returns what ends it. */
export function repeat(clock: Clock, periodMs: number, act: () => void): () => void {
  let cancel: () => void;
  const again = (): void => {
    cancel = clock.setTimer(periodMs, () => {
      again();
      act();
    });
  };
  again();
  return () => cancel();
}
