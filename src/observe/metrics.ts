import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { GaugeSource, Gauge as Level } from './gauge.ts';
import { gauges } from './gauges.ts';
import {
  counterTable,
  createTallies,
  histogramTable,
  type Instruments,
  type Tallies,
} from './tallies.ts';

/** Metrics for Prometheus. */
export interface Metrics extends Tallies {
  readonly contentType: string;
  /** All metrics as they are now, in Prometheus' text format; metric by metric, with `pause` in between. */
  text(source: GaugeSource, pause: () => Promise<void>): Promise<string>;
  /** Every metric with its labels, for the documents. */
  names(): readonly { readonly name: string; readonly labels: readonly string[] }[];
  /** Measures nothing any more. */
  stop(): void;
}

/** The timer that measures the lag comes this often, in milliseconds. */
const lagResolutionMs = 50;
const quantiles = ['0.5', '0.99', '1'] as const;

/** Metrics about the process, under the names that dashboards know. */
const processTable = {
  lag: {
    name: 'vipkeeper_event_loop_lag_seconds',
    help: 'How late the event loop came to its timers since the scrape before, by quantile.',
    labelNames: ['quantile'],
  },
  memory: { name: 'process_resident_memory_bytes', help: 'Resident memory.' },
  cpu: { name: 'process_cpu_seconds_total', help: 'User and system CPU time.' },
  start: { name: 'process_start_time_seconds', help: 'Start of the process, in Unix time.' },
} as const;

/**
 * Makes the metrics, each of them with nothing counted yet.
 * @param startedWallMs start of the process.
 */
export function createMetrics(startedWallMs: number): Metrics {
  const registers = [new Registry()];
  const [registry = new Registry()] = registers;
  const counters = mapTable(counterTable, (entry) => new Counter({ ...entry, registers }));
  const histograms = mapTable(histogramTable, (entry) => new Histogram(histogramOf(entry)));
  function histogramOf({ buckets, ...rest }: (typeof histogramTable)[keyof typeof histogramTable]) {
    return { ...rest, buckets: [...buckets], registers };
  }
  const levels = new Map(gauges.map((gauge) => [gauge.name, fillerOf(gauge, registers)] as const));
  const measures = createProcessMetrics(registers, startedWallMs);
  const tallies = createTallies({ counters, histograms } as Instruments);
  return {
    ...tallies,
    contentType: registry.contentType,
    async text(source, pause) {
      measures.update();
      const parts: string[] = [];
      for (const { name } of registry.getMetricsAsArray()) {
        levels.get(name)?.(source);
        await pause();
        parts.push(await registry.getSingleMetricAsString(name));
        await pause();
      }
      return `${parts.join('\n\n')}\n`;
    },
    names: () =>
      registry.getMetricsAsArray().map((metric) => ({
        name: metric.name,
        labels: 'labelNames' in metric ? (metric.labelNames as readonly string[]) : [],
      })),
    stop: () => measures.stop(),
  };
}

/** Makes a gauge, and what reads its values anew: what is gone or unknown has none. */
function fillerOf({ name, help, labels, values }: Level, registers: Registry[]) {
  const gauge = new Gauge({ name, help, labelNames: [...labels], registers });
  return (source: GaugeSource) => {
    gauge.reset();
    // Without labels it would begin with 0.
    if (labels.length === 0) gauge.remove();
    for (const [words, value] of values(source))
      gauge.set(Object.fromEntries(labels.map((label, index) => [label, words[index]])), value);
  };
}

function mapTable<Table extends object, Made>(
  table: Table,
  make: (entry: Table[keyof Table]) => Made,
): Record<keyof Table, Made> {
  const made = Object.entries(table).map(([key, entry]) => [key, make(entry)]);
  return Object.fromEntries(made);
}

function createProcessMetrics(registers: Registry[], startedWallMs: number) {
  const delay = monitorEventLoopDelay({ resolution: lagResolutionMs });
  delay.enable();
  const lag = new Gauge({ ...processTable.lag, registers });
  const memory = new Gauge({ ...processTable.memory, registers });
  const cpu = new Counter({ ...processTable.cpu, registers });
  new Gauge({ ...processTable.start, registers }).set(startedWallMs / 1_000);
  return {
    update() {
      for (const quantile of quantiles) {
        // What it measures is the whole time between two of its timers, in nanoseconds.
        const value = delay.percentile(Number(quantile) * 100) / 1e9 - lagResolutionMs / 1_000;
        lag.set({ quantile }, Math.max(0, value));
      }
      delay.reset();
      memory.set(process.memoryUsage.rss());
      const { user, system } = process.cpuUsage();
      cpu.reset();
      cpu.inc((user + system) / 1e6);
    },
    stop: () => delay.disable(),
  };
}
