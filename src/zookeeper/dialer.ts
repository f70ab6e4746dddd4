import type { LookupFunction } from 'node:net';
import type { Clock } from '../core/clock.ts';
import type { Level } from '../core/report.ts';
import { attemptDeadlineMs } from './lease.ts';
import { createLookup } from './resolver.ts';

/** One ZooKeeper server; an IPv6 literal has no brackets. */
export interface Server {
  readonly host: string;
  readonly port: number;
}

/** Chooses which server is tried next, and when. Outlives clients, so that a new one does not start at a bad host. */
export interface Dialer {
  /** Calls `open` with the next server, at once or after a pause; the returned function cancels that. */
  next(open: (server: Server) => void): () => void;
  /** The longest that one attempt may take. */
  deadlineMs(timeoutMs: number): number;
  /** Resolves names; for `net.connect`. */
  readonly lookup: LookupFunction;
  succeeded(server: Server): void;
  /** An attempt brought no session. Said once per host and error. */
  failed(server: Server, detail: string): void;
}

interface DialerPorts {
  readonly clock: Clock;
  note(level: Level, place: string, detail: string): void;
}

/** Pause after all servers were tried in vain. */
const roundPauseMs = 200;
/** Different failures of one server remembered as said. */
const toldMax = 20;

/** @param first index of the server to begin with, so that members do not all sit on the first one. */
export function createDialer(
  servers: readonly Server[],
  first: number,
  ports: DialerPorts,
): Dialer {
  let index = first;
  /** Attempts since a server last gave us a session. */
  let attempts = 0;
  const told = new Map<string, Set<string>>();

  return {
    lookup: createLookup(),
    next(open) {
      const server = servers[index % servers.length];
      if (server === undefined) throw new Error('no ZooKeeper server is configured');
      index += 1;
      const isRoundOver = attempts > 0 && attempts % servers.length === 0;
      attempts += 1;
      // A timer even without a pause: the library must not be re-entered from its own close handler.
      return ports.clock.setTimer(isRoundOver ? roundPauseMs : 0, () => open(server));
    },
    deadlineMs(timeoutMs) {
      const failedRounds = Math.max(0, Math.floor((attempts - 1) / servers.length));
      return attemptDeadlineMs(timeoutMs, failedRounds);
    },
    succeeded(server) {
      attempts = 0;
      told.delete(placeOf(server));
    },
    failed(server, detail) {
      const place = placeOf(server);
      const before = told.get(place) ?? new Set();
      if (before.has(detail)) return;
      // A server may fail in several ways by turns; what it says has no limit of its own.
      if (before.size >= toldMax) before.clear();
      told.set(place, before.add(detail));
      ports.note('warn', place, detail);
    },
  };
}

/** `host:port`, with brackets around an IPv6 literal. */
export function placeOf(server: Server): string {
  return server.host.includes(':')
    ? `[${server.host}]:${server.port}`
    : `${server.host}:${server.port}`;
}
