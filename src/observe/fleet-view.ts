import type { Act } from './act.ts';
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
  /** What was done to it on purpose, by time. */
  readonly acts: readonly FleetAct[];
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
  /**
   * As in its status record. `exazk`: a member of ExaZK, which says no more than its claim; `announced`: it says that it
   * serves the VIP, and nothing else is known.
   */
  readonly role: string;
  readonly reason: string;
  readonly sentence: string;
  readonly since?: string;
}

/** One VIP changed its role at one member, and which. */
export interface FleetMove extends Move {
  readonly member: string;
}

/** A maintenance or a drain that came, changed or went. */
export interface FleetAct extends Omit<Act, 'action'> {
  /** `ended`: at the time that the drain named. */
  readonly action: Act['action'] | 'ended';
  /** Who kept a record of it: the command or page that did it, a member that saw it, or only the znode that is there. */
  readonly source: 'command' | 'member' | 'znode';
  /** The member that saw it first; for `member` only. */
  readonly seenBy?: string;
}

/** Something for a person to look at. */
export interface Problem {
  readonly kind: ProblemKind;
  readonly severity: Severity;
  /** The VIP, member, znode or service in question; unique among those of one kind. */
  readonly subject: string;
  /** Goes on where the subject ends: `is announced by nobody`. */
  readonly sentence: string;
}

/**
 * `error`: traffic is lost, or may go astray, now. `warning`: the next fault may cost traffic, or something does not do
 * what it was told. `info`: worth knowing, and may well be meant so.
 */
export type Severity = 'error' | 'warning' | 'info';

/** Every kind of problem, in the order in which they are shown. */
export const problemSeverities = {
  /** A VIP that nobody announces, though the service is not in maintenance and the VIP not drained. */
  nobody: 'error',
  /** Two members own a VIP, or one holds the claim of another's. */
  conflict: 'error',
  /** Announced though the service is in maintenance, or the VIP drained. */
  stillAnnounced: 'error',
  /** A VIP that is announced by nobody but standbys, so that whoever carried it last is gone. */
  standbyOnly: 'warning',
  /** No session stands behind a claim, so that it stays until somebody deletes it. */
  persistentClaim: 'warning',
  /** Its session ended, and it did not say that it was leaving; or it owns VIPs. */
  gone: 'warning',
  blind: 'warning',
  /** ExaBGP does not answer, or too few neighbors are up. */
  cutOff: 'warning',
  unhealthy: 'warning',
  /** A route that ExaBGP, or the host, refused. */
  refused: 'warning',
  damped: 'warning',
  /** A VIP that one member configures and another does not. */
  unevenVips: 'warning',
  /** A member rejected its newest configuration. */
  rejected: 'warning',
  /** Data that means nothing, or a name. */
  unreadable: 'warning',
  /** A drain that is over, or that names nobody, or says something that is not understood. */
  drain: 'info',
  /** Members run different configurations; each may have a file of its own. */
  config: 'info',
  version: 'info',
} as const satisfies Readonly<Record<string, Severity>>;

export type ProblemKind = keyof typeof problemSeverities;
