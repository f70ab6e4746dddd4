import type { FleetAct, FleetMove, ServiceView } from './fleet-view.ts';

/** How much of the past is asked for. */
export interface PastOptions {
  /** Undefined: every VIP. */
  readonly vip: string | undefined;
  /** Milliseconds since 1970; undefined: from the beginning of the records. */
  readonly sinceMs: number | undefined;
  /** So many of each VIP, and of each drain and maintenance. */
  readonly lastOfEach: number;
}

/** What happened to services, each by time, each naming its service. */
export interface Past {
  readonly moves: readonly (FleetMove & Named)[];
  readonly acts: readonly (FleetAct & Named)[];
  /** What there is besides on record. */
  readonly olderCount: number;
}

interface Named {
  readonly service: string;
}

/** The last moves of VIPs, and what was done on purpose to them, their members and services. Pure. */
export function pastOf(services: readonly ServiceView[], options: PastOptions): Past {
  const all = services.map((service) => pastOfService(service, options));
  return {
    moves: all.flatMap(({ moves }) => moves).sort(byTime),
    acts: all.flatMap(({ acts }) => acts).sort(byTime),
    olderCount: all.reduce((sum, { olderCount }) => sum + olderCount, 0),
  };
}

function pastOfService(view: ServiceView, { vip, sinceMs = 0, lastOfEach }: PastOptions): Past {
  const { service } = view;
  const moves = view.moves.filter((move) => vip === undefined || move.vip === vip);
  const acts = view.acts.filter((act) => vip === undefined || concerns(act, vip, view));
  const isYoung = ({ at }: { readonly at: string }) => Date.parse(at) >= sinceMs;
  const shownMoves = lastOf(moves.filter(isYoung), lastOfEach, (move) => move.vip);
  const shownActs = lastOf(acts.filter(isYoung), lastOfEach, ({ name = '' }) => name);
  return {
    moves: shownMoves.map((move) => ({ service, ...move })),
    acts: shownActs.map((act) => ({ service, ...act })),
    olderCount: moves.length + acts.length - shownMoves.length - shownActs.length,
  };
}

/** A maintenance concerns every VIP, the drain of a member those that it owns or has moved. */
function concerns({ name }: FleetAct, vip: string, { vips, moves }: ServiceView): boolean {
  if (name === undefined || name === vip) return true;
  const isOwner = vips.some((one) => one.vip === vip && one.owner === name);
  return isOwner || moves.some((move) => move.vip === vip && move.member === name);
}

function lastOf<Item>(
  items: readonly Item[],
  count: number,
  keyOf: (item: Item) => string,
): readonly Item[] {
  const counts = new Map<string, number>();
  return items
    .toReversed()
    .filter((item) => {
      const key = keyOf(item);
      const nth = (counts.get(key) ?? 0) + 1;
      counts.set(key, nth);
      return nth <= count;
    })
    .toReversed();
}

function byTime(one: { readonly at: string }, other: { readonly at: string }): number {
  return Date.parse(one.at) - Date.parse(other.at);
}
