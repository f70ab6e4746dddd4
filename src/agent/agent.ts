import type { Clock } from '../core/clock.ts';
import { describeEvent } from '../core/describe.ts';
import type { Effect } from '../core/effect.ts';
import type { Event } from '../core/event.ts';
import { brokenInvariants, initialState, type State, step, type TakenStep } from '../core/index.ts';
import type { Level, Report } from '../core/report.ts';
import type { Settings } from '../core/settings.ts';
import { createEventQueue, type EventQueue } from './event-queue.ts';
import type { Checker, Coordinator, Memory, Speaker } from './ports.ts';

/** What a closing session and the last lines to ExaBGP may take together; ExaBGP kills a helper 2 s after SIGTERM. */
const exitDeadlineMs = 700;
/** A step that is not asked for by anything still happens this often: a bug in a wake-up must not last. */
const idleStepMs = 10_000;
/** Exit code for a bug, as sysexits(3) names it. */
const exitCodeBug = 70;

export interface AgentAdapters {
  readonly coordinator: Coordinator;
  readonly speaker: Speaker;
  readonly checker: Checker;
}

export interface AgentOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  /** Without one, every life starts from nothing. */
  readonly memory?: Memory | undefined;
  /** Tells people; must neither throw nor block. */
  log(report: Report): void;
  /** Is shown every step once its effects are carried out; must neither throw nor block. */
  watch?(taken: TakenStep): void;
  /** Builds the adapters around the agent's queue. Called once, by `start`. */
  adapters(
    emit: (event: Event) => void,
    note: (level: Level, place: string, detail: string) => void,
  ): AgentAdapters;
  /** Ends the process; called once, when session and speaker are closed. */
  exit(code: number): void;
}

export interface Agent {
  /** Builds and starts the adapters, and takes the first step. */
  start(): void;
  /**
   * Goes on with other settings; nothing that stays as it is is touched.
   * @throws Error when they are another member's, which takes another agent.
   */
  reload(settings: Settings): void;
  /** Leaves on purpose; a second call ends every wait. */
  stop(signal: string): void;
  /** Everything it knows now; undefined before the start. */
  state(): State | undefined;
}

/**
 * Runs the core: events in, one at a time, effects out in order, one timer. Constructing is inert. Holds no policy.
 * A breach of an invariant closes the session, so that peers take over, and ends the process with code 70.
 */
export function createAgent(options: AgentOptions): Agent {
  return new RunningAgent(options);
}

class RunningAgent implements Agent {
  readonly #options: AgentOptions;
  readonly #queue: EventQueue;
  #state: State | undefined;
  #adapters: AgentAdapters | undefined;
  #cancelWake: (() => void) | undefined;
  #closing: Promise<void> | undefined;
  #isEnding = false;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#queue = createEventQueue(
      (event) => this.#handle(event),
      (error) => this.#end(exitCodeBug, `bug: ${error.stack ?? error.message}`),
    );
  }

  start(): void {
    if (this.#adapters !== undefined) return;
    const { settings, clock, log, memory } = this.#options;
    this.#state = initialState(settings, clock.nowMs(), memory?.agreement);
    this.#adapters = this.#options.adapters(
      (event) => this.#queue.push(event),
      (level, place, detail) => log({ kind: 'noticed', level, place, detail }),
    );
    this.#adapters.coordinator.start();
    this.#adapters.speaker.start();
    // The first check's fork must not come before the first connection attempt.
    this.#cancelWake = clock.setTimer(0, () => this.#queue.push({ kind: 'timerFired' }));
  }

  reload(settings: Settings): void {
    const { member } = this.#options.settings;
    if (settings.member !== member)
      throw new Error(`member ${member} cannot become ${settings.member} without a restart`);
    this.#queue.push({ kind: 'settingsChanged', settings });
  }

  stop(signal: string): void {
    this.#queue.push({ kind: 'stopRequested', signal });
  }

  state(): State | undefined {
    return this.#state;
  }

  #handle(event: Event): void {
    if (this.#state === undefined || this.#isEnding) return;
    const before = this.#state;
    const nowMs = this.#options.clock.nowMs();
    const after = step(before, event, nowMs);
    const broken = brokenInvariants(before, event, after);
    if (broken.length > 0) {
      this.#end(exitCodeBug, `bug: after ${describeEvent(event)}: ${broken.join('; ')}`);
      return;
    }
    this.#state = after.state;
    const decidedMs = this.#options.clock.nowMs();
    for (const effect of after.effects) this.#carryOut(effect);
    this.#wakeAt(after.wakeAtMs, nowMs);
    const doneMs = this.#options.clock.nowMs();
    this.#options.watch?.({ event, before, after, heardMs: nowMs, decidedMs, doneMs });
  }

  #wakeAt(atMs: number | undefined, nowMs: number): void {
    this.#cancelWake?.();
    if (this.#isEnding) return;
    const wantedMs = atMs === undefined ? idleStepMs : Math.ceil(atMs - nowMs);
    // Timers may fire up to a millisecond early; one more keeps such a step from being in vain.
    const delayMs = Math.min(idleStepMs, wantedMs + 1);
    this.#cancelWake = this.#options.clock.setTimer(delayMs, () =>
      this.#queue.push({ kind: 'timerFired' }),
    );
  }

  #carryOut(effect: Effect): void {
    if (this.#adapters === undefined) return;
    const { coordinator, speaker, checker } = this.#adapters;
    switch (effect.kind) {
      case 'announceRoute':
        speaker.announce(effect.command, effect.vip, effect.attributes);
        break;
      case 'withdrawRoute':
        speaker.withdraw(effect.command, effect.vip, effect.pathId);
        break;
      case 'flushRoutes':
        speaker.flush(effect.command);
        break;
      case 'createClaim':
        coordinator.createClaim(effect.service, effect.vip, effect.replaces);
        break;
      case 'deleteClaim':
        coordinator.deleteClaim(effect.service, effect.vip);
        break;
      case 'publishMember':
        coordinator.publishMember(effect.service, effect.report);
        break;
      case 'keepAgreement':
        this.#options.memory?.keepAgreement(effect.service, effect.agreement);
        break;
      case 'unpublishMember':
        coordinator.unpublishMember(effect.service);
        break;
      case 'setServices':
        this.#options.memory?.setServices(effect.services);
        coordinator.setServices(effect.services);
        checker.setServices(effect.services);
        break;
      case 'runCheck':
        checker.run(effect.service, effect.check);
        break;
      case 'report':
        this.#options.log(effect.report);
        break;
      case 'closeSession':
        // The exit that follows waits for it; peers must not wait for anything else.
        this.#closing = coordinator.close(exitDeadlineMs);
        break;
      case 'exit':
        this.#end(effect.code, effect.reason);
        break;
    }
  }

  #end(code: number, reason: string): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#cancelWake?.();
    const level = code === 0 ? 'info' : 'error';
    this.#options.log({
      kind: 'noticed',
      level,
      place: 'agent',
      detail: `exit ${code}: ${reason}`,
    });
    this.#adapters?.checker.stop();
    const closed = this.#closing ?? this.#adapters?.coordinator.close(exitDeadlineMs);
    const written = this.#adapters?.speaker.stop(exitDeadlineMs);
    void Promise.allSettled([closed, written]).then(() => this.#options.exit(code));
  }
}
