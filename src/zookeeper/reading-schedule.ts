import type { Clock } from '../core/clock.ts';
import type { Event } from '../core/event.ts';
import type { ServiceName } from '../core/settings.ts';

/** What could not be read is tried again after this long, or later with many services, all of which may be refused. */
const retryMs = 3_000;
const retryMsPerService = 20;

/**
 * A server that restarts has all its clients come back at once, each of which reads every member of its services. They
 * share out this time per member, so that three load balancers wait next to nothing and two hundred do not wait for
 * each other's readings.
 */
const spreadMsPerMember = 2;

/** What reads a part of ZooKeeper and keeps watches on it. */
export interface Watching {
  /** A new connection: reads everything. */
  restart(): void;
  /** The connection is lost. */
  stop(): void;
  /** Reads everything again. */
  rereadAll(): void;
  /** Reads again what could not be read. */
  retry(): void;
}

interface ScheduleOptions {
  /** Everything is read again this often, whatever the watches say. */
  readonly rereadMs: number;
  /** Where this member stands among all: 0 up to 1. */
  readonly share: number;
}

/** Says when to read: after a connection, and, lest a watch was missed or something was refused, again and again. */
export class ReadingSchedule {
  #watches: readonly Watching[];
  readonly #parents: Pick<Watching, 'restart' | 'retry'>;
  readonly #options: ScheduleOptions;
  readonly #clock: Clock;
  readonly #memberCounts = new Map<ServiceName, number>();
  #next = 0;
  #isReading = false;
  #cancelStart = () => {};
  #cancelReread = () => {};
  #cancelRetry = () => {};

  constructor(
    watches: readonly Watching[],
    parents: Pick<Watching, 'restart' | 'retry'>,
    options: ScheduleOptions,
    clock: Clock,
  ) {
    this.#watches = watches;
    this.#parents = parents;
    this.#options = options;
    this.#clock = clock;
  }

  start(): void {
    this.#scheduleReread((1 + this.#options.share) / 2);
    this.#scheduleRetry();
  }

  stop(): void {
    this.#cancelReread();
    this.#cancelRetry();
    this.interrupted();
  }

  /** There is a new connection. */
  established(): void {
    const most = Math.max(0, ...this.#memberCounts.values());
    const delayMs = this.#options.share * most * spreadMsPerMember;
    this.#cancelStart();
    if (delayMs < 1) this.#readAll();
    else this.#cancelStart = this.#clock.setTimer(delayMs, () => this.#readAll());
  }

  /** The connection is lost. */
  interrupted(): void {
    this.#isReading = false;
    this.#cancelStart();
    for (const watch of this.#watches) watch.stop();
  }

  /** Learns from what was read how many members there are. */
  hear(event: Event): void {
    if (event.kind === 'membersRead') this.#memberCounts.set(event.service, event.members.size);
  }

  /** From now on these; one that is new reads at once, unless the others have yet to begin. */
  set(watches: readonly Watching[]): void {
    const known = new Set(this.#watches);
    this.#watches = watches;
    if (!this.#isReading) return;
    for (const watch of watches) if (!known.has(watch)) watch.restart();
    this.#parents.retry();
  }

  #readAll(): void {
    this.#isReading = true;
    for (const watch of this.#watches) watch.restart();
    this.#parents.restart();
  }

  /** One service at a time: a thousand of them at once would be a wave of their own. */
  #scheduleReread(share = 1): void {
    const pauseMs = (this.#options.rereadMs / Math.max(1, this.#watches.length)) * share;
    this.#cancelReread = this.#clock.setTimer(pauseMs, () => {
      this.#watches[this.#next]?.rereadAll();
      this.#next = (this.#next + 1) % Math.max(1, this.#watches.length);
      this.#scheduleReread();
    });
  }

  /** Permissions are granted without any event, and people who do that wait for it to work. */
  #scheduleRetry(): void {
    const pauseMs = Math.max(retryMs, this.#watches.length * retryMsPerService);
    this.#cancelRetry = this.#clock.setTimer(pauseMs, () => {
      for (const watch of this.#watches) watch.retry();
      this.#parents.retry();
      this.#scheduleRetry();
    });
  }
}
