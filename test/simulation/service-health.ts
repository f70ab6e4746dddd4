import type { Checker } from '../../src/agent/ports.ts';
import type { Event } from '../../src/core/event.ts';
import type { ServiceName } from '../../src/core/settings.ts';
import type { SimulatedProcess } from './process.ts';
import type { Random } from './random.ts';

/** What is true of the service on one LB: what checks find is this, a little later. */
export interface ServiceHealth {
  isUp: boolean;
  /** Since when it is so, in virtual time. */
  sinceMs: number;
}

/** Runs checks against what is true of the services. */
export function createSimulatedChecker(
  healthOf: (service: ServiceName) => ServiceHealth,
  process: SimulatedProcess,
  random: Random,
  emit: (event: Event) => void,
): Checker {
  let isStopped = false;
  return {
    run(service, check) {
      const durationMs = random.magnitude(2, 400);
      process.clock.setTimer(durationMs, () => {
        if (isStopped) return;
        const passed = healthOf(service).isUp;
        const detail = passed ? 'exit 0' : 'exit 1';
        emit({ kind: 'checkCompleted', service, check, passed, detail, durationMs });
      });
    },
    setServices() {
      // Whatever they are, all checks of a service find the same.
    },
    stop() {
      isStopped = true;
    },
  };
}
