import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { State, TakenStep } from '../core/index.ts';
import type { Report } from '../core/report.ts';
import type { ServiceName } from '../core/settings.ts';
import { createRecorder } from '../observe/recorder.ts';
import type { ConfigVersion } from '../observe/snapshot.ts';
import type { StatusSource } from '../zookeeper/status-writer.ts';
import type { Paths } from './paths.ts';
import { versionText } from './version.ts';

/** What people and machines are told of the agent besides its log. */
export interface Observation {
  /** What is kept for people in ZooKeeper. */
  readonly status: StatusSource;
  hear(report: Report): void;
  watch(taken: TakenStep): void;
}

export interface ObservationPorts {
  readonly clock: Clock;
  readonly paths: Paths;
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
    hear: (report) => recorder.hear(report),
    watch(taken) {
      for (const service of recorder.watch(taken)) ports.statusChanged(service);
    },
  };
}
