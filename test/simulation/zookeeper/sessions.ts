import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { ServerConnection } from './connection.ts';
import type { SessionId } from './tree.ts';
import type { Granted, Hello } from './wire.ts';

export interface Session extends SessionId {
  readonly password: Buffer;
  readonly timeoutMs: number;
  /** When the leader last heard of it. */
  touchedMs: number;
  /** A follower heard of it, and tells the leader with its next ping. */
  pendingTouch: { readonly atMs: number; readonly server: number } | undefined;
  isClosed: boolean;
  /** The connection that holds it; every other one is told that the session moved. */
  connection: ServerConnection | undefined;
  cancelExpiry: () => void;
}

export interface SessionTableOptions {
  readonly tickMs: number;
  /** Whether somebody is there to expire sessions. */
  hasLeader(): boolean;
  /** The session's time is over: its end has to be agreed on. */
  expire(session: Session): void;
}

/**
 * The leader's table of sessions: deadlines are rounded up to its next tick (`ExpiryQueue`), a follower's touches arrive
 * with its pings, every half tick, and a new leader gives every session its whole time again.
 */
export class SessionTable {
  readonly #sessions = new Map<string, Session>();
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #options: SessionTableOptions;
  #count = 0;

  constructor(scheduler: Scheduler, random: Random, options: SessionTableOptions) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#options = options;
  }

  get open(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  create(hello: Hello): Session {
    this.#count += 1;
    const hex = (0x1000_0000_0000 + this.#count).toString(16).padStart(16, '0');
    const password = Buffer.alloc(16);
    password.writeUInt32BE(this.#random.integer(1, 0xffff_fffe));
    const { tickMs } = this.#options;
    const session: Session = {
      hex,
      bytes: Buffer.from(hex, 'hex'),
      password,
      timeoutMs: Math.min(20 * tickMs, Math.max(2 * tickMs, hello.timeoutMs)),
      touchedMs: this.#scheduler.nowMs,
      pendingTouch: undefined,
      isClosed: false,
      connection: undefined,
      cancelExpiry: () => {},
    };
    this.#sessions.set(hex, session);
    this.#await(session);
    return session;
  }

  /** The living session of a hello; undefined when there is none, or the password is wrong. */
  find(resume: NonNullable<Hello['resume']>): Session | undefined {
    const session = this.#sessions.get(resume.id.toString('hex'));
    return session?.password.equals(resume.password) === true ? session : undefined;
  }

  close(session: Session): void {
    session.isClosed = true;
    session.cancelExpiry();
    this.#sessions.delete(session.hex);
  }

  /** A server heard of it; `isLeader` says whether that is the leader, else it can tell it at that time. */
  touch(session: Session, server: number, isLeader: boolean): void {
    const { nowMs } = this.#scheduler;
    if (isLeader) {
      session.touchedMs = nowMs;
      return;
    }
    this.#settlePending(session);
    if (session.pendingTouch !== undefined) return;
    const pingMs = this.#options.tickMs / 2;
    const phaseMs = (server * pingMs) / 7;
    const atMs = Math.ceil((nowMs - phaseMs) / pingMs) * pingMs + phaseMs;
    session.pendingTouch = { atMs, server };
  }

  /** That server cannot reach the leader any more: what it has not told it is lost. */
  forgetTouches(server: number): void {
    for (const session of this.#sessions.values()) {
      this.#settlePending(session);
      if (session.pendingTouch?.server === server) session.pendingTouch = undefined;
    }
  }

  /** A new leader knows when it began, not when others last heard of a session. */
  touchAll(): void {
    for (const session of this.#sessions.values()) {
      session.touchedMs = this.#scheduler.nowMs;
      session.pendingTouch = undefined;
      session.cancelExpiry();
      this.#await(session);
    }
  }

  /** The leader's time went on while it stood still. */
  expireOverdue(): void {
    for (const session of this.open) this.#check(session);
  }

  granted(session: Session): Granted {
    return { id: session.bytes, password: session.password, timeoutMs: session.timeoutMs };
  }

  #settlePending(session: Session): void {
    const { pendingTouch } = session;
    if (pendingTouch === undefined || pendingTouch.atMs > this.#scheduler.nowMs) return;
    session.touchedMs = Math.max(session.touchedMs, pendingTouch.atMs);
    session.pendingTouch = undefined;
  }

  #deadlineMs(session: Session): number {
    const { tickMs } = this.#options;
    return (Math.floor((session.touchedMs + session.timeoutMs) / tickMs) + 1) * tickMs;
  }

  #await(session: Session): void {
    session.cancelExpiry = this.#scheduler.at(this.#deadlineMs(session), () =>
      this.#check(session),
    );
  }

  #check(session: Session): void {
    session.cancelExpiry();
    if (session.isClosed) return;
    this.#settlePending(session);
    const isOver = this.#deadlineMs(session) <= this.#scheduler.nowMs;
    if (isOver && !this.#options.hasLeader()) {
      const { tickMs } = this.#options;
      session.cancelExpiry = this.#scheduler.after(tickMs, () => this.#check(session));
    } else if (!isOver) this.#await(session);
    else this.#options.expire(session);
  }
}
