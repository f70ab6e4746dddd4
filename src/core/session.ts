import type { Event } from './event.ts';
import type { Belief, SessionState } from './state.ts';

/**
 * The ZooKeeper session is a lease. Proof that it lives is the *send* time of the last request which the quorum
 * answered; the agent's own monotonic clock decides what that proof is still worth. Nothing a socket says extends it.
 */

/** Without proof for this share of the session timeout, belief ends. */
const suspendedShare = 1 / 2;
/** Without proof for this share of the session timeout, the session counts as lost (as ZOOKEEPER-4508 does). */
const blindShare = 4 / 3;

/** When belief ends, and when the session counts as lost, for a proof of that age. */
export function leaseEnds(
  proofMs: number,
  timeoutMs: number,
): { suspendedAtMs: number; blindAtMs: number } {
  return {
    suspendedAtMs: proofMs + timeoutMs * suspendedShare,
    blindAtMs: proofMs + timeoutMs * blindShare,
  };
}

/** What the session is worth at `nowMs`. */
export function beliefAt(session: SessionState, nowMs: number): Belief {
  if (session.proofMs === undefined) return 'none';
  if (session.isEnded) return 'blind';
  const { suspendedAtMs, blindAtMs } = leaseEnds(session.proofMs, session.timeoutMs);
  if (nowMs < suspendedAtMs) return 'live';
  return nowMs < blindAtMs ? 'suspended' : 'blind';
}

/** The next moment at which belief changes by time alone. */
export function beliefChangesAtMs(session: SessionState, nowMs: number): number | undefined {
  if (session.proofMs === undefined || session.isEnded) return undefined;
  const { suspendedAtMs, blindAtMs } = leaseEnds(session.proofMs, session.timeoutMs);
  if (nowMs < suspendedAtMs) return suspendedAtMs;
  return nowMs < blindAtMs ? blindAtMs : undefined;
}

type SessionEvent = Extract<
  Event,
  { kind: 'sessionEstablished' | 'sessionProven' | 'sessionInterrupted' | 'sessionEnded' }
>;

/** Folds what the adapter says about the session; answers of an earlier epoch or connection change nothing. */
export function hearSession(session: SessionState, event: SessionEvent): SessionState {
  switch (event.kind) {
    case 'sessionEstablished': {
      if (event.epoch < session.epoch) return session;
      const { epoch, connection, timeoutMs } = event;
      const proofMs =
        epoch === session.epoch && session.proofMs !== undefined
          ? Math.max(session.proofMs, event.proofMs)
          : event.proofMs;
      return { ...session, epoch, connection, timeoutMs, proofMs, isEnded: false };
    }
    case 'sessionProven':
      if (event.epoch !== session.epoch || session.proofMs === undefined) return session;
      return { ...session, proofMs: Math.max(session.proofMs, event.proofMs) };
    case 'sessionInterrupted':
      if (event.connection !== session.connection) return session;
      return { ...session, connection: undefined };
    case 'sessionEnded':
      if (event.epoch !== session.epoch) return session;
      return { ...session, connection: undefined, isEnded: true };
  }
}
