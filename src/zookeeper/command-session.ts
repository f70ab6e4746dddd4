import type { Clock } from '../core/clock.ts';
import type { AclOptions } from './acl.ts';
import { createClientFactory } from './client-factory.ts';
import type { Server } from './dialer.ts';
import type { Answer, OnAnswer, Requests } from './requests.ts';
import { Session } from './session.ts';
import type { TlsOptions } from './transport.ts';

/** How a command finds ZooKeeper. */
export interface CommandSessionOptions {
  /** At least one; IPv6 literals without brackets. */
  readonly servers: readonly Server[];
  readonly sessionTimeoutMs: number;
  readonly auth: { readonly scheme: 'digest'; readonly credential: string } | undefined;
  /** Default: everybody may read what is created. */
  readonly acl?: AclOptions;
  /** Undefined: connections are not encrypted. */
  readonly tls: TlsOptions | undefined;
}

export interface CommandSessionPorts {
  readonly clock: Clock;
  /** Every new session, and every regained one: what was watched must be read again. */
  established?(): void;
  interrupted?(detail: string): void;
}

/** A session for one command of an operator. It comes back after a lost connection by itself. */
export interface CommandSession {
  readonly requests: Requests;
  /** The session's id in hex, by which its ephemerals are known; undefined while there is none. */
  id(): string | undefined;
  /** What was granted by the server that it began with. */
  readonly timeoutMs: number;
  /** Ends the session; after the deadline it is left to expire. */
  close(deadlineMs: number): Promise<void>;
}

/** Nobody answered. The message says of every server why. */
export class UnreachableError extends Error {}

/**
 * Connects, and resolves once a server gave us a session.
 * @throws UnreachableError after `deadlineMs`.
 * @throws Error when OpenSSL refuses the certificates or the key.
 */
export function openCommandSession(
  options: CommandSessionOptions,
  ports: CommandSessionPorts,
  deadlineMs: number,
): Promise<CommandSession> {
  const { clock } = ports;
  const failures: string[] = [];
  let timeoutMs = options.sessionTimeoutMs;
  return new Promise((resolve, reject) => {
    const connected = () => {
      cancelDeadline();
      resolve({
        requests: session.requests,
        id: () => session.id(),
        timeoutMs,
        close: (closeMs) => session.close(closeMs),
      });
      ports.established?.();
    };
    const note = (_level: unknown, place: string, detail: string) => {
      if (!detail.startsWith('connected,')) failures.push(`${place}: ${detail}`);
    };
    const createClient = createClientFactory(
      { ...options, firstServer: process.pid, share: 0.5 },
      { clock, note },
    );
    const session = new Session(options, {
      clock,
      createClient,
      note,
      emit: (event) => {
        if (event.kind === 'sessionEstablished') timeoutMs = event.timeoutMs;
        if (event.kind === 'sessionInterrupted') ports.interrupted?.(event.detail);
      },
      // Any node makes the quorum answer, even a missing one.
      heartbeatPath: () => '/',
      heartbeatNodeGone: () => undefined,
      established: connected,
      interrupted: () => undefined,
    });
    const cancelDeadline = clock.setTimer(deadlineMs, () => {
      void session.close(0);
      const why = failures.length === 0 ? 'no server answered' : failures.join('; ');
      reject(new UnreachableError(`ZooKeeper cannot be reached within ${deadlineMs} ms: ${why}`));
    });
    session.start();
  });
}

/** A request as a promise; it never rejects. */
export function answerTo<Value>(
  issue: (onAnswer: OnAnswer<Value>) => void,
): Promise<Answer<Value>> {
  return new Promise((resolve) => {
    issue(resolve);
  });
}
