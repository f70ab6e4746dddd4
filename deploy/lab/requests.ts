import type { RouteChange } from './route-monitor.ts';

/**
 * How a request ended. `cut`: the connection was closed before the answer was whole; `unreachable`: the network said
 * so; `timedOut`: nobody said anything.
 */
export type Outcome = 'answered' | 'refused' | 'reset' | 'cut' | 'unreachable' | 'timedOut';

/** One request on a connection of its own. */
export interface Request {
  readonly vip: string;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly outcome: Outcome;
}

/** What became of the requests of a window. */
export interface RequestReport {
  readonly total: number;
  /** Not answered, though nothing moved while they were under way: there must be none. */
  readonly failed: readonly Request[];
  /** Under way while a route to their VIP changed. */
  readonly inFlight: number;
  /** Those of them that were not answered. */
  readonly inFlightFailed: readonly Request[];
  readonly slowestMs: number;
}

/**
 * What a packet's way and two processes' clocks may differ by: a request that ends this long before a route changes, or
 * begins this long after, may have met both routes.
 */
const wayMs = 5;
/** A route change is stamped when the monitor reads it, which a busy machine lets it do this late. */
const stampedLateMs = 100;

/**
 * Tells the requests of a window apart by the instants at which the routes to their VIPs changed: a connection that is
 * open while its VIP moves goes on at an LB that does not know it.
 */
export function judgeRequests(
  requests: readonly Request[],
  changes: readonly Pick<RouteChange, 'vip' | 'atMs'>[],
): RequestReport {
  const meets = (request: Request, earlierMs: number) =>
    changes.some(
      ({ vip, atMs }) =>
        vip === request.vip &&
        request.startedMs - wayMs <= atMs &&
        atMs - earlierMs <= request.endedMs,
    );
  const isFailed = ({ outcome }: Request) => outcome !== 'answered';
  const failed = requests.filter(
    (request) => isFailed(request) && !meets(request, wayMs + stampedLateMs),
  );
  const inFlight = requests.filter(
    (request) => !failed.includes(request) && (isFailed(request) || meets(request, wayMs)),
  );
  return {
    total: requests.length,
    failed,
    inFlight: inFlight.length,
    inFlightFailed: inFlight.filter(isFailed),
    slowestMs: Math.max(0, ...requests.map(({ startedMs, endedMs }) => endedMs - startedMs)),
  };
}

/** Requests by outcome in a few words: `2 reset, 1 timedOut`. */
export function countOutcomes(requests: readonly Request[]): string {
  const counts = new Map<Outcome, number>();
  for (const { outcome } of requests) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
}
