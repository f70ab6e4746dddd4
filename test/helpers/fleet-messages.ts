import { differenceOf, partsOf } from '../../src/dashboard/parts.ts';
import type { Message } from '../../src/dashboard/wire.ts';
import type { FleetView } from '../../src/observe/fleet-view.ts';

/** The message that leads a page from one view to another; without `before`, the one with everything. */
export function messageOf(view: FleetView, before?: FleetView): Message {
  const { set, removed } = differenceOf(
    before === undefined ? new Map() : partsOf(before),
    partsOf(view),
  );
  return {
    serverMs: 0,
    state: { isLive: true },
    set: JSON.parse(`[${set.join()}]`),
    removed: JSON.parse(`[${removed.join()}]`),
  };
}
