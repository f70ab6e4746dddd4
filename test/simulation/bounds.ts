import type { FleetSettings } from './fleet-settings.ts';
import { propagationMaxMs } from './network.ts';

/** How long things may take at most, from what is configured. All in virtual milliseconds. */
export interface Bounds {
  /** From a fault to the moment when whoever is able announces what nobody else does, as the network has learned it. */
  readonly recoveryMs: number;
  /** How much longer an owner that fell too often may leave its VIP to others. */
  readonly dampedMs: number;
  /** From the maintenance znode to the last withdraw of an agent that can hear of it. */
  readonly maintenanceMs: number;
  /** From the first failure to the withdraw of a sick service. */
  readonly sickMs: number;
}

/** One answer of ExaBGP, at the slowest, and messages to and from ZooKeeper. */
const promptMs = 500;
/** A process or an ExaBGP that ended is there again after this long. */
const restartMs = 6_000;
/** A new election, and the servers' return to it. */
const electionMs = 2_500;

export function boundsOf(fleet: FleetSettings): Bounds {
  const slowest = (pick: (service: FleetSettings['services'][number]) => number) =>
    Math.max(...fleet.services.map(pick));
  const { sessionTimeoutMs, tickMs, syncLimit, stallAfterMs, holdMs, stableForMs, slownessMs } =
    fleet;
  const checkMs = slowest(({ checks }) =>
    Math.max(
      0,
      ...checks.map(
        (check) =>
          check.intervalMs + (check.timeoutMs + check.fastIntervalMs) * (check.rise + check.fall),
      ),
    ),
  );
  // ZooKeeper notices that a session is dead: its timeout, rounded up, from a new leader's start at the worst.
  const expiryMs =
    sessionTimeoutMs + 2 * tickMs + electionMs + (fleet.serverCount > 1 ? syncLimit * tickMs : 0);
  // An agent finds a server that works: up to half a timeout each.
  const reconnectMs = sessionTimeoutMs * (4 / 3 + fleet.serverCount / 2) + 1_000;
  const decideMs = slowest(
    ({ takeover: { backups, settleMs, delayMs, releaseMs } }) =>
      // Where the chosen ones do not act, the others do after another settle time.
      settleMs * (typeof backups === 'number' ? 2 : 1) + delayMs + releaseMs,
  );
  return {
    recoveryMs:
      expiryMs +
      reconnectMs +
      decideMs +
      stallAfterMs +
      1_000 +
      holdMs +
      3_000 +
      stableForMs +
      checkMs +
      restartMs +
      propagationMaxMs +
      promptMs +
      3 * slownessMs,
    dampedMs: slowest(({ takeover }) => takeover.damping?.maxMs ?? 0),
    // Behind a command that is under way, and one that overtakes it.
    maintenanceMs: promptMs + 2 * slownessMs,
    sickMs: checkMs + promptMs + 2 * slownessMs,
  };
}
