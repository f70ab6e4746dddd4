import { createHash } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import type { State, TakenStep } from '../core/index.ts';
import type { Report } from '../core/report.ts';
import type { ServiceName } from '../core/settings.ts';
import type { ServiceState } from '../core/state.ts';
import type { Act } from './act.ts';
import { withActsSeen } from './acts-seen.ts';
import { createHistory, type History } from './history.ts';
import { causeOfMove } from './move-cause.ts';
import type { ConfigVersion } from './snapshot.ts';
import { contentOf, encodeStatus, hasCommonNews, hasNews, statusOf } from './status.ts';
import { actsMax, parseStatusRecord } from './status-record.ts';

/** A record as it is to be written; `content` tells it from another, whenever either was written. */
export interface EncodedStatus {
  readonly data: Uint8Array;
  readonly content: string;
}

/** Remembers what status records say besides the core's state, and composes them. */
export interface Recorder {
  /** @param state what was known when the report was made. */
  hear(report: Report, state?: State): void;
  /** Returns the services whose records may have become others. */
  watch(taken: TakenStep): readonly ServiceName[];
  /** Undefined when it is not ours to say: another living agent has our member id, or there is no such service. */
  compose(state: State, service: ServiceName): EncodedStatus | undefined;
  /** Takes the moves and acts over from an earlier life's record; one that cannot be read is worth nothing. */
  earlier(service: ServiceName, data: Uint8Array): void;
}

interface RecorderOptions {
  readonly clock: Pick<Clock, 'nowMs' | 'wallMs'>;
  /** Of vipkeeper. */
  readonly version: string;
  config(): ConfigVersion;
}

/** Makes one that remembers nothing yet. */
export function createRecorder(options: RecorderOptions): Recorder {
  return new StatusRecorder(options);
}

/** The two clocks drift apart by less than this, so a larger difference is a clock that was set. */
const driftMaxMs = 1_000;

class StatusRecorder implements Recorder {
  readonly #options: RecorderOptions;
  readonly #history: History = createHistory();
  /** By service and number; bounded, since it is emptied with the services. */
  readonly #checksSince = new Map<ServiceName, Map<number, number>>();
  /** By service, oldest first; bounded, since each list is, and it is emptied with the services. */
  readonly #acts = new Map<ServiceName, readonly Act[]>();
  #exabgpVersion: string | undefined;
  #offsetMs: number;
  #config: ConfigVersion | undefined;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#offsetMs = this.#presentOffsetMs();
  }

  hear(report: Report, state?: State): void {
    this.#history.hear(report, this.#options.clock.wallMs(), causeOf(report, state));
  }

  watch({ event, before, after: { state }, heardMs }: TakenStep): readonly ServiceName[] {
    if (event.kind === 'speakerIdentified') this.#exabgpVersion = event.version;
    if (event.kind === 'settingsChanged') this.#forget(state);
    const changed = state.services.changedSince(before.services);
    if (event.kind === 'checkCompleted')
      this.#noteVerdict(
        before.services.get(event.service),
        state.services.get(event.service),
        event.check,
      );
    const config = this.#options.config();
    const hasNewConfig = this.#config !== config;
    this.#config = config;
    const witnessed = changed.filter((service) => this.#witness(before, service, heardMs));
    const explained = changed.filter((service) => this.#explain(before, state, service));
    const isAboutAll = hasNewConfig || hasCommonNews(before, state);
    const due = isAboutAll
      ? state.services.list
      : changed.filter(
          (service) =>
            witnessed.includes(service) ||
            explained.includes(service) ||
            hasNews(before.services.get(service.settings.name), service),
        );
    return due.map(({ settings }) => settings.name);
  }

  compose(state: State, name: ServiceName): EncodedStatus | undefined {
    const service = state.services.get(name);
    if (service === undefined || service.view.members?.own?.kind === 'twin') return undefined;
    const { clock, version, config } = this.#options;
    const offsetMs = this.#presentOffsetMs();
    if (Math.abs(offsetMs - this.#offsetMs) > driftMaxMs) this.#offsetMs = offsetMs;
    const record = statusOf(state, service, {
      version,
      exabgpVersion: this.#exabgpVersion,
      config: config(),
      history: this.#history,
      acts: this.#acts.get(name) ?? [],
      checkSinceMs: ({ settings }, check) => this.#checksSince.get(settings.name)?.get(check),
      wallOf: (atMs) => atMs + this.#offsetMs,
      nowMs: clock.nowMs(),
    });
    const content = createHash('sha256').update(contentOf(record)).digest('base64');
    return { data: encodeStatus(record), content };
  }

  earlier(service: ServiceName, data: Uint8Array): void {
    const content = parseStatusRecord(data);
    if (content.kind !== 'record') return;
    const { moves, acts = [] } = content.record;
    this.#history.putBefore(service, moves);
    const all = [...acts, ...(this.#acts.get(service) ?? [])];
    if (all.length > 0) this.#acts.set(service, all.slice(-actsMax));
  }

  /** Whether something was done to a service. */
  #witness(before: State, after: ServiceState, heardMs: number): boolean {
    const { name } = after.settings;
    const seen = this.#acts.get(name) ?? [];
    // When it was heard, so that it comes before the moves it caused.
    const wallMs = heardMs + this.#presentOffsetMs();
    const acts = withActsSeen(seen, before.services.get(name), after, wallMs);
    if (acts === seen) return false;
    this.#acts.set(name, acts);
    return true;
  }

  /** Whether moves of a moment ago have got a cause by what is known of the members since. */
  #explain(before: State, { settings: { member } }: State, after: ServiceState): boolean {
    const { name } = after.settings;
    if (before.services.get(name)?.view.members === after.view.members) return false;
    return this.#history.explain(name, this.#options.clock.wallMs(), (vip, decision) =>
      causeOfMove(after, { vip, member }, decision),
    );
  }

  #noteVerdict(before: ServiceState | undefined, after: ServiceState | undefined, check: number) {
    const verdict = after?.checks[check]?.verdict;
    if (after === undefined || verdict === before?.checks[check]?.verdict) return;
    const { name } = after.settings;
    const since = this.#checksSince.get(name) ?? new Map<number, number>();
    this.#checksSince.set(name, since.set(check, this.#options.clock.wallMs()));
  }

  #forget({ services }: State): void {
    const names = new Set(services.list.map(({ settings }) => settings.name));
    this.#history.keep(names);
    for (const kept of [this.#checksSince, this.#acts])
      for (const name of kept.keys()) if (!names.has(name)) kept.delete(name);
  }

  #presentOffsetMs(): number {
    return this.#options.clock.wallMs() - this.#options.clock.nowMs();
  }
}

function causeOf(report: Report, state: State | undefined): string | undefined {
  if (report.kind !== 'decisionChanged') return undefined;
  const service = state?.services.get(report.service);
  const { member } = state?.settings ?? {};
  if (service === undefined || member === undefined) return undefined;
  return causeOfMove(service, { vip: report.vip, member }, report.to);
}
