import type { Clock } from '../core/clock.ts';
import type { CheckCompleted } from '../core/event.ts';
import { matchChecks } from '../core/health.ts';
import type { Probe } from '../core/probe.ts';
import type { Level } from '../core/report.ts';
import type { CheckSettings, ServiceName } from '../core/settings.ts';
import { createProbing } from './probing.ts';
import type { RunListener, StartedRun, StartRun, Verdict } from './run.ts';

/**
 * Killed runs of one check that may still be in the process table before no more are started. A process in
 * uninterruptible sleep (a hung NFS mount) outlives SIGKILL, and one more per interval would fill the machine.
 */
const lingeringMax = 4;

/** What a checker is built with. */
export interface CheckerOptions {
  readonly services: readonly CheckedService[];
}

/** A service by its checks. */
interface CheckedService {
  readonly name: ServiceName;
  readonly checks: readonly CheckSettings[];
}

/** What a checker needs from its surroundings. */
export interface CheckerPorts {
  readonly clock: Clock;
  /** Gets one `checkCompleted` per run, never during the call of `run`. */
  emit(event: CheckCompleted): void;
  note(level: Level, place: string, detail: string): void;
}

/**
 * Runs the local health checks, each once per call of `run`, and answers with exactly one `checkCompleted`.
 * Holds no policy: when to run, and what a verdict means, is the core's.
 */
export function createChecker(
  options: CheckerOptions,
  ports: CheckerPorts,
): {
  /**
   * Runs one check once. Ignored, with a note, while the same check still runs: that run answers for both.
   * @throws Error when there is no such check, which is a bug of the caller.
   */
  run(service: ServiceName, check: number): void;
  /**
   * Runs the checks of these services from now on. A check that looks at the same as before is the same one, also in
   * another place: its run goes on. What runs for others is killed, and nothing is emitted for it.
   */
  setServices(services: readonly CheckedService[]): void;
  /** Ends what still runs, processes and connections; nothing is emitted afterwards. Twice is harmless. */
  stop(): void;
} {
  const startsOf = createProbing(ports.clock);
  let slots: ReadonlyMap<ServiceName, readonly Slot[]> = nextSlots(
    new Map(),
    options.services,
    startsOf,
  );
  let isStopped = false;
  return {
    run(service, check) {
      const slot = slots.get(service)?.[check];
      if (slot === undefined) throw new Error(`no check ${check} in service ${service}`);
      if (isStopped) return;
      if (slot.isRunning) {
        ports.note('warn', placeOf(service, check), 'asked to run while it still runs: ignored');
        return;
      }
      runInSlot(slot, ports, (verdict) => {
        const present = slots.get(service)?.indexOf(slot) ?? -1;
        if (isStopped || present === -1) return;
        ports.emit({ kind: 'checkCompleted', service, check: present, ...verdict });
      });
    },
    setServices(services) {
      const before = slots;
      slots = nextSlots(before, services, startsOf);
      const kept = new Set([...slots.values()].flat());
      for (const slot of [...before.values()].flat()) if (!kept.has(slot)) end(slot);
    },
    stop() {
      isStopped = true;
      for (const slot of [...slots.values()].flat()) end(slot);
    },
  };
}

/** One check and its runs. */
interface Slot {
  settings: CheckSettings;
  readonly start: StartRun;
  /** Looks for a file. */
  readonly lookFor: (path: string) => StartRun;
  /** Started, and not judged yet. */
  isRunning: boolean;
  /** Started, and not seen to end yet: the running one, and killed ones that linger. */
  readonly present: Set<StartedRun>;
}

function nextSlots(
  before: ReadonlyMap<ServiceName, readonly Slot[]>,
  services: readonly CheckedService[],
  startsOf: (probe: Probe) => StartRun,
): ReadonlyMap<ServiceName, readonly Slot[]> {
  return new Map(
    services.map(({ name, checks }) => {
      const known = before.get(name) ?? [];
      const places = matchChecks(
        known.map(({ settings }) => settings),
        checks,
      );
      return [
        name,
        checks.map((settings, index): Slot => {
          const slot = known[places[index] ?? -1];
          if (slot !== undefined) return Object.assign(slot, { settings });
          return {
            settings,
            start: startsOf(settings.probe),
            lookFor: (path) => startsOf({ kind: 'file', path, mustExist: true }),
            isRunning: false,
            present: new Set(),
          };
        }),
      ];
    }),
  );
}

function end(slot: Slot): void {
  for (const run of slot.present) run.kill();
}

function placeOf(service: ServiceName, check: number): string {
  return `check ${check + 1} of ${service}`;
}

type RunVerdict = Pick<CheckCompleted, 'passed' | 'isDisabled' | 'detail' | 'durationMs'>;

function runInSlot(slot: Slot, ports: CheckerPorts, judged: (verdict: RunVerdict) => void): void {
  const startedMs = ports.clock.nowMs();
  slot.isRunning = true;
  const judge = (verdict: Verdict) => {
    slot.isRunning = false;
    judged({ ...verdict, durationMs: Math.max(0, ports.clock.nowMs() - startedMs) });
  };
  if (slot.present.size >= lingeringMax) {
    const detail = `not started: ${slot.present.size} killed runs of it have not ended yet`;
    queueMicrotask(() => judge({ passed: false, detail }));
    return;
  }
  const run = startRun(slot, {
    judged: judge,
    ended: () => slot.present.delete(run),
  });
  slot.present.add(run);
}

/** Starts a run; while the disable file is there, that is all it finds. */
function startRun({ settings, start, lookFor }: Slot, on: RunListener): StartedRun {
  const { disableFile, timeoutMs } = settings;
  if (disableFile === undefined) return start(timeoutMs, on);
  let present: StartedRun | undefined;
  let isKilled = false;
  const look = lookFor(disableFile)(timeoutMs, {
    judged({ passed, detail }) {
      // What cannot be looked at is not there, as for ExaBGP's healthcheck.
      if (!passed) {
        present = start(timeoutMs, on);
        return;
      }
      on.ended();
      on.judged({ passed: false, isDisabled: true, detail });
    },
    ended() {
      if (isKilled) on.ended();
    },
  });
  present = look;
  return {
    kill() {
      isKilled = true;
      present?.kill();
    },
  };
}
