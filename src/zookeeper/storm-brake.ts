/**
 * Stops a storm of connections that are accepted and lost at once, which the library would keep up at full speed:
 * after more than five in one session timeout, there is a pause of a quarter of it.
 */
export interface StormBrake {
  connected(nowMs: number, timeoutMs: number): void;
  /** Whether to pause now; answered yes, the pause begins. */
  isPulled(nowMs: number, timeoutMs: number): boolean;
  /** Begins a pause without a storm. */
  pull(nowMs: number, timeoutMs: number): void;
  /** Whether no pause is going on. */
  isReleased(nowMs: number): boolean;
}

const connectionsMax = 5;

export function createStormBrake(): StormBrake {
  let connections: number[] = [];
  let pausedUntilMs = Number.NEGATIVE_INFINITY;
  const pull = (nowMs: number, timeoutMs: number) => {
    connections = [];
    pausedUntilMs = nowMs + timeoutMs / 4;
  };
  return {
    connected(nowMs, timeoutMs) {
      connections = [...connections.filter((atMs) => nowMs - atMs < timeoutMs), nowMs];
    },
    isPulled(nowMs, timeoutMs) {
      if (connections.filter((atMs) => nowMs - atMs < timeoutMs).length <= connectionsMax)
        return false;
      pull(nowMs, timeoutMs);
      return true;
    },
    pull,
    isReleased: (nowMs) => nowMs >= pausedUntilMs,
  };
}
