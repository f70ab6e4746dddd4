import type { Asn, Attributes } from './route.ts';
import type { Vip } from './vip.ts';

declare const brand: unique symbol;

/** A member's id: 1 to 63 of `A-Za-z0-9._-`, never an IP address; it becomes a znode name. */
export type MemberId = string & { readonly [brand]: 'MemberId' };
/** A service's name: same alphabet as a member id. */
export type ServiceName = string & { readonly [brand]: 'ServiceName' };

/**
 * What a blind agent does: `freeze` keeps what is announced, `own` announces the VIPs it owns, `all` announces every
 * VIP, `withdraw` withdraws all (what ExaZK does).
 */
export type CoordinationLossPolicy = 'freeze' | 'own' | 'all' | 'withdraw';

/** All the core needs to know from the configuration. Times are milliseconds. */
export interface Settings {
  readonly member: MemberId;
  readonly onCoordinationLoss: CoordinationLossPolicy;
  /** Acting before ZooKeeper was ever reached; `afterMs` undefined waits for ever. */
  readonly coldStart: {
    readonly afterMs: number | undefined;
    readonly policy: CoordinationLossPolicy;
  };
  /** When the LB counts as cut off from its routers. */
  readonly neighbors: {
    /** How many neighbors must be established; `off`: none need be, ExaBGP has only to answer. */
    readonly require: 'any' | 'all' | 'off' | number;
    /** After a loss, how long neighbors must stay established before claims are taken back. */
    readonly stableForMs: number;
    /** Our AS on every (eBGP) session; undefined: taken from what the speaker tells of its neighbors. */
    readonly localAs?: Asn | undefined;
  };
  readonly services: readonly ServiceSettings[];
}

export interface ServiceSettings {
  readonly name: ServiceName;
  /** In configured order. `owner` undefined: some other member, not named (ExaZK's -N). */
  readonly vips: readonly { readonly vip: Vip; readonly owner: MemberId | undefined }[];
  /** The service is up when every check is up; without checks it is always up. */
  readonly checks: readonly CheckSettings[];
  readonly announce: {
    readonly owner: Attributes;
    readonly backup: Attributes;
    /** Announced instead of withdrawing while health is down. */
    readonly down: Attributes | undefined;
  };
  readonly takeover: {
    readonly delayMs: number;
    readonly releaseMs: number;
    readonly settleMs: number;
  };
  /** Longest wait for a peer when this member leaves on purpose. */
  readonly drainTimeoutMs: number;
}

export interface CheckSettings {
  /** Run by `/bin/sh -c`; exit code 0 is a pass. */
  readonly exec: string;
  readonly intervalMs: number;
  /** Used instead of `intervalMs` while results disagree with the current verdict. */
  readonly fastIntervalMs: number;
  readonly timeoutMs: number;
  /** Passes in a row to be up. */
  readonly rise: number;
  /** Failures in a row to be down. */
  readonly fall: number;
}

/** Parses a member id or service name's text; undefined when it is none. IP addresses are refused by the caller. */
export function isZnodeName(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(text);
}
