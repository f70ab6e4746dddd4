import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { State, TakenStep } from '../core/index.ts';
import type { Level, Report } from '../core/report.ts';
import type { ServiceName } from '../core/settings.ts';
import { createEndpoint, type Page, plain } from '../observe/endpoint.ts';
import type { Metrics } from '../observe/metrics.ts';
import { reasonsNotReady } from '../observe/readiness.ts';
import { createRecorder } from '../observe/recorder.ts';
import { type ConfigVersion, snapshotOf } from '../observe/snapshot.ts';
import type { StatusSource } from '../zookeeper/status-writer.ts';
import type { Paths } from './paths.ts';
import { versionText } from './version.ts';

/** What people and machines are told of the agent besides its log. */
export interface Observation {
  /** What is kept for people in ZooKeeper. */
  readonly status: StatusSource;
  hear(report: Report): void;
  watch(taken: TakenStep): void;
  /** ExaBGP has answered something. */
  exabgpHeard(): void;
  hookEnded(hook: string, hasPassed: boolean): void;
  /** Answers machines there from now on; undefined: nowhere. */
  listen(listen: Config['listen']): void;
}

export interface ObservationPorts {
  readonly clock: Clock;
  readonly paths: Paths;
  note(level: Level, place: string, detail: string): void;
  state(): State | undefined;
  configVersion(): ConfigVersion;
  statusChanged(service: ServiceName): void;
}

/** Builds it; inert. */
export function createObservation(config: Config, ports: ObservationPorts): Observation {
  const { settings, zookeeper } = config;
  const recorder = createRecorder({
    clock: ports.clock,
    version: versionText(),
    config: ports.configVersion,
  });
  const meter = createMeter(ports);
  const endpoint = createEndpoint({ ...ports, pages: pagesOf(ports, meter) });
  return {
    status: {
      pathOf: (service) =>
        `${zookeeper.chroot}${ports.paths.of(service).statuses}/${settings.member}`,
      compose(service) {
        const state = ports.state();
        return state && recorder.compose(state, service);
      },
      earlier: (service, data) => recorder.earlier(service, data),
    },
    hear: (report) => recorder.hear(report, ports.state()),
    watch(taken) {
      meter.watch(taken);
      for (const service of recorder.watch(taken)) ports.statusChanged(service);
    },
    exabgpHeard: meter.exabgpHeard,
    hookEnded: (hook, hasPassed) => meter.tell((metrics) => metrics.hookEnded(hook, hasPassed)),
    listen(listen) {
      if (listen !== undefined) meter.start();
      endpoint.listen(listen);
    },
  };
}

/** Counts from its start on. */
interface Meter {
  /** Loads what counts; twice is harmless. */
  start(): void;
  tell(what: (metrics: Metrics) => void): void;
  watch(taken: TakenStep): void;
  exabgpHeard(): void;
  /** As Prometheus reads it. */
  page(): Promise<Page>;
}

/** More than this does not happen while the library is loaded. */
const earlyMax = 10_000;
/** A scrape gives way to everything else after so much work. */
const workMaxMs = 5;

function createMeter({ clock, state, configVersion }: ObservationPorts): Meter {
  let metrics: Metrics | undefined;
  let loading: Promise<void> | undefined;
  let early: ((metrics: Metrics) => void)[] = [];
  let exabgpVersion: string | undefined;
  let exabgpHeardMs: number | undefined;
  const tell = (what: (metrics: Metrics) => void) => {
    if (metrics !== undefined) what(metrics);
    else if (loading !== undefined && early.length < earlyMax) early.push(what);
  };
  const load = async () => {
    // It takes milliseconds that the start of an agent does not wait for.
    const { createMetrics } = await import('../observe/metrics.ts');
    const made = createMetrics(clock.wallMs() - process.uptime() * 1_000);
    for (const what of early) what(made);
    early = [];
    metrics = made;
  };
  return {
    start() {
      loading ??= load();
    },
    tell,
    watch(taken) {
      if (taken.event.kind === 'speakerIdentified') exabgpVersion = taken.event.version;
      tell((present) => present.watch(taken));
    },
    exabgpHeard() {
      exabgpHeardMs = clock.nowMs();
    },
    async page() {
      await loading;
      const present = state();
      if (metrics === undefined || present === undefined) return plain(503, 'not started yet');
      const body = await metrics.text(
        {
          state: present,
          nowMs: clock.nowMs(),
          version: versionText(),
          exabgpVersion,
          exabgpHeardMs,
          config: configVersion(),
        },
        createPause(clock),
      );
      return { status: 200, contentType: metrics.contentType, body };
    },
  };
}

/** Lets others have a turn when a turn of ours has taken long. */
function createPause(clock: Clock): () => Promise<void> {
  let sinceMs = clock.nowMs();
  return async () => {
    if (clock.nowMs() - sinceMs < workMaxMs) return;
    await new Promise<void>((resolve) => {
      clock.setTimer(0, resolve);
    });
    sinceMs = clock.nowMs();
  };
}

function pagesOf(
  { clock, state, configVersion }: ObservationPorts,
  meter: Meter,
): ReadonlyMap<string, () => Page | Promise<Page>> {
  return new Map<string, () => Page | Promise<Page>>([
    ['/metrics', meter.page],
    [
      '/healthz',
      () => (state()?.hasEnded === true ? plain(503, 'the agent has ended') : plain(200, 'ok')),
    ],
    [
      '/readyz',
      () => {
        const reasons = reasonsNotReady(state());
        return reasons.length === 0 ? plain(200, 'ready') : plain(503, reasons.join('\n'));
      },
    ],
    [
      '/state',
      () => {
        const present = state();
        if (present === undefined) return plain(503, 'not started yet');
        const body = JSON.stringify(snapshotOf(present, configVersion(), clock.nowMs()));
        return { status: 200, contentType: 'application/json', body: `${body}\n` };
      },
    ],
  ]);
}
