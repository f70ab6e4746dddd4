import { leaseEnds } from '../core/session.ts';

/**
 * How long we may believe in our session; the shares are the core's. Proof is the send time of the last request that
 * the quorum answered; all times are milliseconds on the monotonic clock, `timeoutMs` is the negotiated timeout.
 */

/** Whether the proof still stands, well before any server can have expired us. */
export function isProven(proofMs: number, timeoutMs: number, nowMs: number): boolean {
  return nowMs < provenUntilMs(proofMs, timeoutMs);
}

/** When the proof stops to stand. */
export function provenUntilMs(proofMs: number, timeoutMs: number): number {
  return leaseEnds(proofMs, timeoutMs).suspendedAtMs;
}

/** Whether the session must be thought lost though nobody said so. */
export function isPresumedLost(proofMs: number, timeoutMs: number, nowMs: number): boolean {
  return nowMs >= leaseEnds(proofMs, timeoutMs).blindAtMs;
}

/** Heartbeats are this far apart, so that two may be lost before belief ends. */
export function heartbeatEveryMs(timeoutMs: number): number {
  return timeoutMs / 6;
}

/** The lease is looked at no more often than this. */
export const leaseTickMinMs = 10;

/** How often the lease is looked at while there is no connection. */
export function leaseTickMs(timeoutMs: number): number {
  return Math.max(leaseTickMinMs, timeoutMs / 24);
}

/** A request without an answer for this long has an unknown outcome. */
export function requestDeadlineMs(timeoutMs: number): number {
  return timeoutMs / 3;
}

/**
 * How long one host may take to accept the connection and answer the handshake. It grows with every round in which
 * no host did: a slow ensemble must be reachable in the end, a dead host must not cost the session.
 */
export function attemptDeadlineMs(timeoutMs: number, failedRounds: number): number {
  return Math.min((timeoutMs / 6) * (1 + failedRounds), timeoutMs / 2);
}
