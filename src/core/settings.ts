import type { Probe } from './probe.ts';
import type { Asn, RoleAttributes } from './route.ts';
import { parseHostAddress, type Vip } from './vip.ts';

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
  /**
   * Nothing is agreed with anybody: each member announces every VIP while its own service is healthy, and what makes
   * routers prefer one member to another is in the attributes alone. Default: false. Never changes while the agent runs.
   */
  readonly isStandalone?: boolean | undefined;
  /** Ends, and leaves its routes with ExaBGP, once every VIP was announced or withdrawn for a verdict. Default: false. */
  readonly endsOnceDecided?: boolean | undefined;
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
  /** Longest time from a stop signal to the end; undefined: only each service's drain timeout counts. */
  readonly shutdownTimeoutMs?: number | undefined;
  readonly services: readonly ServiceSettings[];
}

export interface ServiceSettings {
  readonly name: ServiceName;
  /** In configured order. `owner` undefined: some other member, not named (ExaZK's -N). */
  readonly vips: readonly { readonly vip: Vip; readonly owner: MemberId | undefined }[];
  /** Without checks the service is always up. */
  readonly checks: readonly CheckSettings[];
  /** How many checks must be up for the service to be up; default: all. */
  readonly health?: 'all' | number | undefined;
  readonly announce: {
    readonly owner: RoleAttributes;
    readonly backup: RoleAttributes;
    /** Announced at a worse preference while another member carries the VIP. */
    readonly standby?: RoleAttributes | undefined;
    /** Announced instead of withdrawing while health is down. */
    readonly down: RoleAttributes | undefined;
    /** Announced while leaving on purpose, until somebody else carries the VIP and it is withdrawn. */
    readonly drain?: RoleAttributes | undefined;
    /**
     * Announced instead of withdrawing while this member is drained and its VIPs are handed over, or while the service is
     * disabled by a check's file.
     */
    readonly disabled?: RoleAttributes | undefined;
  };
  readonly takeover: {
    /** How many members announce a VIP whose claim is missing; default: all. */
    readonly backups?: 'all' | number;
    /** Makes an owner that falls again and again wait before it takes its VIP back; undefined: it never waits. */
    readonly damping?: DampingSettings | undefined;
    readonly delayMs: number;
    readonly releaseMs: number;
    readonly settleMs: number;
  };
  /** Longest wait for a peer when this member leaves on purpose. */
  readonly drainTimeoutMs: number;
}

/** RFC 2439 in small: each fall counts 1, what was counted halves again and again, and so much of it makes us wait. */
export interface DampingSettings {
  readonly halfLifeMs: number;
  /** At least 1: falls that have not faded yet; at more than these the owner waits until fewer are left. */
  readonly falls: number;
  /** It waits no longer than this. */
  readonly maxMs: number;
}

export interface CheckSettings {
  readonly probe: Probe;
  /** While there is a file at this path the probe is not run, and the service is disabled; of a standalone agent only. */
  readonly disableFile?: string | undefined;
  /** From the start of one run to that of the next. */
  readonly intervalMs: number;
  /** Used instead of `intervalMs` while results disagree with the current verdict. */
  readonly fastIntervalMs: number;
  readonly timeoutMs: number;
  /** Passes in a row to be up. */
  readonly rise: number;
  /** Failures in a row to be down. */
  readonly fall: number;
}

/** Whether a text is a member id: an IP address would be taken for a VIP. */
export function isMemberName(text: string): text is MemberId {
  return isZnodeName(text) && parseHostAddress(text) === undefined;
}

/** Parses a member id or service name's text; undefined when it is none. IP addresses are refused by the caller. */
export function isZnodeName(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(text);
}
