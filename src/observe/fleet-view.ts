import type { Move, StatusRecord } from './status-record.ts';

/**
 * A fleet for people: built from what ZooKeeper holds and nothing else. Times are ISO 8601, UTC, by the wall clocks of
 * those who wrote them; what is absent is not known.
 */
export interface FleetView {
  readonly root: string;
  readonly readAt: string;
  /** By name. */
  readonly services: readonly ServiceView[];
  /** What could not be read, and is missing here. */
  readonly refusals: readonly { readonly path: string; readonly why: string }[];
}

export interface ServiceView {
  readonly service: string;
  /** Absent: the service is not in maintenance. */
  readonly maintenance?: {
    readonly who?: string;
    readonly why?: string;
    readonly since?: string;
  };
  readonly drains: readonly DrainView[];
  /** By name; ExaZK's after ours. */
  readonly members: readonly MemberView[];
  /** Every VIP that any member configures, claims or announces, in the order of addresses. */
  readonly vips: readonly VipView[];
  /** Of all members, by time. */
  readonly moves: readonly FleetMove[];
  /** The worst first. */
  readonly problems: readonly Problem[];
}

export interface DrainView {
  /** A member id, or a VIP in canonical text. */
  readonly name: string;
  /** `unknown`: neither a member nor a VIP of this service; it takes nothing out. */
  readonly kind: 'member' | 'vip' | 'unknown';
  readonly who?: string;
  readonly why?: string;
  readonly since?: string;
  readonly expires?: string;
  /** It is over, though its znode is still there. */
  readonly isExpired: boolean;
}

export interface MemberView {
  /** Its id; of an ExaZK member, which has none, the VIP that it claims. */
  readonly member: string;
  readonly kind: 'vipkeeper' | 'exazk';
  /** Whether its ephemeral znode is there: decisions count on it. */
  readonly presence: 'present' | 'gone';
  readonly health: 'up' | 'down' | 'unknown';
  /** The VIPs it says it serves; standby routes are not among them. */
  readonly announces: readonly string[];
  readonly isLeaving: boolean;
  readonly isDrained: boolean;
  /** Since when its ephemeral znode is there. */
  readonly since?: string;
  /** Its last record, which may be older than what the rest says when it is gone. */
  readonly status?: StatusRecord;
}

export interface VipView {
  readonly vip: string;
  /** The owner by the members' configuration; absent: no member says, or they contradict each other. */
  readonly owner?: string;
  readonly claim?: {
    /** `exazk`: a claim without data; `persistent`: nobody's session stands behind it; `unreadable`: its data is foreign. */
    readonly kind: 'member' | 'exazk' | 'persistent' | 'unreadable';
    /** The member that holds it; for `member` only. */
    readonly holder?: string;
    readonly since?: string;
  };
  /** Those that are present and announce it, whatever as, `standby` too; those that serve it first. */
  readonly announcers: readonly Announcer[];
  readonly isDrained: boolean;
}

export interface Announcer {
  readonly member: string;
  /** As in its status record; `exazk` for a member of ExaZK, which says no more than its claim. */
  readonly role: string;
  readonly reason: string;
  readonly sentence: string;
  readonly since?: string;
}

/** One VIP changed its role at one member, and which. */
export interface FleetMove extends Move {
  readonly member: string;
}

export interface Problem {
  readonly kind: ProblemKind;
  /** The VIP, member or znode in question. */
  readonly subject: string;
  readonly sentence: string;
}

export type ProblemKind =
  /** A VIP that nobody serves, though the service is not in maintenance and the VIP not drained. */
  | 'nobody'
  /** Two members own a VIP, or hold its claim against its owner. */
  | 'conflict'
  /** A claim that no session holds, so that it stays until somebody deletes it. */
  | 'persistentClaim'
  | 'blind'
  | 'gone'
  | 'unhealthy'
  /** ExaBGP does not answer, or too few neighbors are up. */
  | 'cutOff'
  | 'damped'
  | 'refused'
  /** Members run different configurations, or one has rejected its newest. */
  | 'config'
  /** A VIP that one member configures and another does not. */
  | 'unevenVips'
  | 'version'
  /** A drain that is over, or that names nobody. */
  | 'drain'
  | 'unreadable';
