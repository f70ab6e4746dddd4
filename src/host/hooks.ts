import { startCommand } from '../command/command.ts';
import type { Clock } from '../core/clock.ts';
import type { Level, Report } from '../core/report.ts';
import { createHappenings, type Happening, type HookName } from './happenings.ts';

/** More at once would take the machine away from what they are to report on. */
const runningMax = 4;
/** Between SIGTERM and SIGKILL, for a hook that does not end in time. */
const graceMs = 1_000;

export interface HookSettings {
  readonly timeoutMs: number;
  /** For `/bin/sh -c`. */
  readonly commands: ReadonlyMap<HookName, string>;
}

export interface HooksPorts {
  readonly clock: Clock;
  note(level: Level, place: string, detail: string): void;
  /** One has run, for those who count. */
  ended?(hook: HookName, hasPassed: boolean): void;
}

/** Programs that are run when something has changed. Nothing here ever waits for them. */
export interface Hooks {
  /** Runs what is configured for this, some time after the present step. */
  hear(report: Report): void;
  /** Goes by other settings from now on; what runs is left alone. */
  set(settings: HookSettings): void;
  /**
   * Resolves when nothing runs or waits any more, or after `deadlineMs`; what still runs then is left to itself. Takes
   * nothing new. Never rejects.
   */
  stop(deadlineMs: number): Promise<void>;
}

/**
 * Makes the runner of hooks. Hooks of one VIP, or of a service as a whole, run one after the other in the order in which
 * things happened; what happens again while it waits is told once, from what was told last to the latest.
 * @param member goes into the environment.
 */
export function createHooks(member: string, settings: HookSettings, ports: HooksPorts): Hooks {
  return new HookRunner(member, settings, ports);
}

class HookRunner implements Hooks {
  readonly #member: string;
  readonly #ports: HooksPorts;
  readonly #happeningsOf = createHappenings();
  /** By what they are about; bounded by the number of VIPs times the number of hooks. */
  readonly #waiting = new Map<string, Map<HookName, Happening>>();
  readonly #running = new Set<string>();
  #settings: HookSettings;
  #isStopped = false;
  #isPumping = false;
  #onIdle = () => {};

  constructor(member: string, settings: HookSettings, ports: HooksPorts) {
    this.#member = member;
    this.#settings = settings;
    this.#ports = ports;
  }

  hear(report: Report): void {
    for (const happening of this.#happeningsOf(report))
      if (!this.#isStopped && this.#settings.commands.has(happening.hook)) this.#enqueue(happening);
    if (this.#waiting.size > 0) this.#pumpLater();
  }

  set(settings: HookSettings): void {
    this.#settings = settings;
  }

  stop(deadlineMs: number): Promise<void> {
    this.#isStopped = true;
    this.#pump();
    if (this.#running.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#ports.clock.setTimer(deadlineMs, resolve);
      this.#onIdle = () => {
        cancel();
        resolve();
      };
    });
  }

  #enqueue(happening: Happening): void {
    const subject = `${happening.service} ${happening.vip ?? ''}`;
    const hooks = this.#waiting.get(subject) ?? new Map<HookName, Happening>();
    const before = hooks.get(happening.hook);
    // At the end of the line, so that of opposites the latest runs last.
    hooks.delete(happening.hook);
    const from = before?.from ?? happening.from;
    if (from !== happening.to || before === undefined)
      hooks.set(happening.hook, { ...happening, from });
    if (hooks.size > 0) this.#waiting.set(subject, hooks);
    else this.#waiting.delete(subject);
  }

  /** A fork takes milliseconds, which nothing that the core has asked for is to wait for. */
  #pumpLater(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    this.#ports.clock.setTimer(0, () => {
      this.#isPumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    for (const [subject, hooks] of this.#waiting) {
      if (this.#running.size >= runningMax) return;
      if (this.#running.has(subject)) continue;
      for (const [hook, happening] of hooks) {
        hooks.delete(hook);
        if (hooks.size === 0) this.#waiting.delete(subject);
        this.#run(subject, happening);
        break;
      }
    }
    if (this.#running.size === 0) this.#onIdle();
  }

  #run(subject: string, happening: Happening): void {
    const { timeoutMs, commands } = this.#settings;
    const { hook, service, vip } = happening;
    const command = commands.get(hook);
    // Removed from the configuration while it waited.
    if (command === undefined) return;
    const place = `hook ${hook} of ${service}${vip === undefined ? '' : ` ${vip}`}`;
    this.#running.add(subject);
    startCommand(
      {
        command,
        timeoutMs,
        graceMs,
        mayLeaveBehind: true,
        environment: this.#environmentOf(happening),
        clock: this.#ports.clock,
      },
      {
        judged: ({ passed, detail }) => {
          this.#ports.note(passed ? 'debug' : 'warn', place, detail);
          this.#ports.ended?.(hook, passed);
        },
        ended: () => {
          this.#running.delete(subject);
          this.#pump();
        },
      },
    );
  }

  #environmentOf({ hook, service, vip = '', from, to, reason }: Happening) {
    return {
      VIPKEEPER_EVENT: hook,
      VIPKEEPER_SERVICE: service,
      VIPKEEPER_VIP: vip,
      VIPKEEPER_FROM: from,
      VIPKEEPER_TO: to,
      VIPKEEPER_REASON: reason,
      VIPKEEPER_MEMBER: this.#member,
      // What ExaBGP's healthcheck tells its own hooks.
      ...(hook === 'onState' && { STATE: to.toUpperCase() }),
    };
  }
}
