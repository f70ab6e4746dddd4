import type { State } from '../core/index.ts';
import type { ConfigVersion } from './snapshot.ts';

/** What a scrape reads. Times are monotonic unless they say otherwise. */
export interface GaugeSource {
  readonly state: State;
  readonly nowMs: number;
  /** Of vipkeeper. */
  readonly version: string;
  readonly exabgpVersion: string | undefined;
  /** When ExaBGP last answered anything; undefined: never. */
  readonly exabgpHeardMs: number | undefined;
  readonly config: ConfigVersion;
}

/** A metric that says how things are: at every scrape its values are read anew. */
export interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Labels in their order, then the value; what is not known has none. */
  values(source: GaugeSource): Iterable<Sample>;
}

/** Label values in the order of the names. */
export type Sample = readonly [labels: readonly string[], value: number];

/** A gauge with any labels. */
export function one(
  name: string,
  help: string,
  labels: readonly string[],
  values: (source: GaugeSource) => Iterable<Sample>,
): Gauge {
  return { name, help, labels, values };
}

/** A gauge of one value, or none when it is not known. */
export function single(
  name: string,
  help: string,
  read: (source: GaugeSource) => number | undefined,
): Gauge {
  return one(name, help, [], (source) => {
    const value = read(source);
    return value === undefined ? [] : [[[], value]];
  });
}

/** 1 or 0. */
export function flag(is: boolean): number {
  return is ? 1 : 0;
}

/** The same, where it is known. */
export function flagIfKnown(is: boolean | undefined): number | undefined {
  return is === undefined ? undefined : flag(is);
}

/** Seconds since then, where that is known. */
export function age(sinceMs: number | undefined, nowMs: number): number | undefined {
  return sinceMs === undefined ? undefined : Math.max(0, nowMs - sinceMs) / 1_000;
}
