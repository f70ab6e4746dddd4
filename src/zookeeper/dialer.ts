import type { LookupFunction } from 'node:net';
import type { Clock } from '../core/clock.ts';
import type { Level } from '../core/report.ts';
import { attemptDeadlineMs } from './lease.ts';
import { createResolver, type Resolve } from './resolver.ts';

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

/** Pause after all servers were tried in vain, for a member in the middle of its fleet. */
const roundPauseMs = 200;
/** Different failures of one server remembered as said. */
const toldMax = 20;

export interface DialerOptions {
  readonly servers: readonly Server[];
  /** Any number that differs between members, so that they do not all begin with the same server. */
  readonly firstServer: number;
  /** Where this member stands among all, 0 up to 1: those that were thrown out together do not come back in step. */
  readonly share: number;
  /** Default: as the system resolves names. */
  readonly resolve?: Resolve;
}

export function createDialer(options: DialerOptions, ports: DialerPorts): Dialer {
  const { servers, firstServer, share } = options;
  const resolver = createResolver(firstServer, options.resolve);
  let index = firstServer;
  /** Attempts since a server last gave us a session. */
  let attempts = 0;
  const told = new Map<string, Set<string>>();
  const pauseMs = Math.round(roundPauseMs * (0.5 + share));
  // A name stands for as many servers as it has addresses.
  const roundLength = () => servers.reduce((sum, { host }) => sum + resolver.addressCount(host), 0);

  return {
    lookup: resolver.lookup,
    next(open) {
      const server = servers[index % servers.length];
      if (server === undefined) throw new Error('no ZooKeeper server is configured');
      index += 1;
      const isRoundOver = attempts > 0 && attempts % roundLength() === 0;
      attempts += 1;
      // A timer even without a pause: the library must not be re-entered from its own close handler.
      return ports.clock.setTimer(isRoundOver ? pauseMs : 0, () => open(server));
    },
    deadlineMs(timeoutMs) {
      const failedRounds = Math.max(0, Math.floor((attempts - 1) / roundLength()));
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
