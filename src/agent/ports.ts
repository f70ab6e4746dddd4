import type { Agreement, ServiceAgreement } from '../core/agreement.ts';
import type { MemberReport } from '../core/event.ts';
import type { Attributes, PathId } from '../core/route.ts';
import type { ServiceName, ServiceSettings } from '../core/settings.ts';
import type { Vip } from '../core/vip.ts';

/**
 * The small interfaces the agent owns. Adapters implement them by shape, without importing them, and answer by events
 * handed to the `emit` function they were built with. Constructing is inert, `start` acts, stopping twice is harmless.
 */

/** ZooKeeper, as the agent sees it. Every call returns at once; answers are events. */
export interface Coordinator {
  start(): void;
  createClaim(service: ServiceName, vip: Vip, replaces: boolean): void;
  deleteClaim(service: ServiceName, vip: Vip): void;
  publishMember(service: ServiceName, report: MemberReport): void;
  unpublishMember(service: ServiceName): void;
  /** Watches these from now on and no others; what is new is read at once, and so are claims when the VIPs are others. */
  setServices(services: readonly ServiceSettings[]): void;
  /** Closes the session so that its ephemerals go; gives up after `deadlineMs`. Never rejects. */
  close(deadlineMs: number): Promise<void>;
}

/** ExaBGP, as the agent sees it. */
export interface Speaker {
  start(): void;
  announce(command: number, vip: Vip, attributes: Attributes): void;
  /** `pathId`: what an earlier life may have announced it with. */
  withdraw(command: number, vip: Vip, pathId?: PathId): void;
  flush(command: number): void;
  /** Resolves when all lines written so far have left this process, or after `deadlineMs`. Never rejects. */
  stop(deadlineMs: number): Promise<void>;
}

/** What one life of the agent leaves to the next. Calls return at once and never throw; the last one stands. */
export interface Memory {
  /** What the earlier life had agreed; undefined when there is none that may be used. */
  readonly agreement: Agreement | undefined;
  keepAgreement(service: ServiceName, agreement: ServiceAgreement): void;
  /** Goes on with these; what was kept of others is forgotten. A VIP's `owner` matters only where it is this member. */
  setServices(services: readonly ServiceSettings[]): void;
}

/** Local health checks. */
export interface Checker {
  run(service: ServiceName, check: number): void;
  /** Runs the checks of these from now on. One that goes on under the same command keeps its run; others are ended. */
  setServices(services: readonly ServiceSettings[]): void;
  /** Ends what still runs, whole process groups. */
  stop(): void;
}
