import type { Clock } from '../core/clock.ts';
import { createChildrenReader, type Reading } from './children-reader.ts';
import type { Watching } from './reading-schedule.ts';
import type { Requests } from './requests.ts';

export interface FleetPorts {
  readonly requests: Requests;
  readonly clock: Clock;
  /** Something was read. */
  changed(): void;
}

/** What could not be read, and why. */
export interface Refusal {
  readonly path: string;
  readonly why: string;
}

/** The children of one znode, and what is in those that are wanted. */
export interface FleetPart extends Watching {
  /** Undefined: nothing is known on this connection yet. */
  reading(): Reading | undefined;
  refusals(): readonly Refusal[];
}

const nothing: Reading = { names: [], contents: new Map(), refusals: new Map() };

/** Keeps the children of a znode read that need not exist, and creates nothing. */
export function createFleetPart(
  path: string,
  wants: (name: string) => boolean,
  { requests, clock, changed }: FleetPorts,
): FleetPart {
  let reading: Reading | undefined;
  let failure: string | undefined;
  const learn = (read: Reading, why: string | undefined) => {
    reading = read;
    failure = why;
    changed();
  };
  const reader = createChildrenReader(
    {
      path,
      users: 'nobody',
      wants,
      read: (read) => learn(read, undefined),
      failed: (why) => learn(nothing, why),
    },
    requests,
    clock,
  );
  return {
    restart() {
      reading = undefined;
      reader.restart();
    },
    stop: () => reader.stop(),
    rereadAll: () => reader.rereadAll(),
    retry: () => reader.retry(),
    reading: () => reading,
    refusals() {
      const children = [...(reading?.refusals ?? [])].map(([name, why]) => ({
        path: `${path}/${name}`,
        why,
      }));
      return failure === undefined ? children : [{ path, why: failure }];
    },
  };
}
