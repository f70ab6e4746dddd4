import type { Asn } from './route.ts';
import type { MemberId, ServiceName, Settings } from './settings.ts';
import type { Vip } from './vip.ts';

/**
 * Everything the core can hear. Events are past facts; adapters make them and hold no policy.
 * ZooKeeper events carry `connection`, a number that grows at every (re)connect, so that an answer from before the
 * last reconnect is told apart; `epoch` grows with every new session.
 */
export type Event =
  /** A time asked for by `wakeAtMs` has come, or nothing happened for long: decide again. */
  | { readonly kind: 'timerFired' }
  | CheckCompleted
  /** ZooKeeper accepted a handshake. Same epoch as before means the same session was regained. */
  | {
      readonly kind: 'sessionEstablished';
      readonly epoch: number;
      readonly connection: number;
      /** Negotiated session timeout. */
      readonly timeoutMs: number;
      /** When the request that was answered had been sent. */
      readonly proofMs: number;
      /** An earlier life of this agent made the session, and this one continues it. Told once, for people. */
      readonly isResumed?: boolean;
    }
  /** The quorum answered a heartbeat that was sent at `proofMs`. */
  | { readonly kind: 'sessionProven'; readonly epoch: number; readonly proofMs: number }
  /** The connection is lost; the session may live on at the server. */
  | { readonly kind: 'sessionInterrupted'; readonly connection: number; readonly detail: string }
  /** ZooKeeper said that the session is over. */
  | {
      readonly kind: 'sessionEnded';
      readonly epoch: number;
      readonly reason: 'expired' | 'authenticationFailed';
    }
  | ClaimsRead
  | MaintenanceRead
  | DrainsRead
  | MembersRead
  | ClaimAnswered
  | MemberAnswered
  /** The speaker's dialect is known (or the question timed out): commands may be sent from now on. */
  | {
      readonly kind: 'speakerIdentified';
      readonly version: string | undefined;
      readonly acks: boolean;
    }
  | CommandAnswered
  /** Nothing at all was answered for the stall time though something is outstanding. */
  | { readonly kind: 'speakerSilent' }
  /** The first answer after `speakerSilent`. */
  | { readonly kind: 'speakerResponsive' }
  /** A neighbor's BGP session came up or went down. The reason is the speaker's free text. */
  | {
      readonly kind: 'neighborChanged';
      readonly neighbor: string;
      readonly isEstablished: boolean;
      readonly detail: string;
      /** The BGP session's AS numbers, where the speaker's encoder tells them. */
      readonly asNumbers?: AsNumbers | undefined;
    }
  /** All established neighbors as the speaker lists them; undefined when this speaker cannot tell. */
  | {
      readonly kind: 'neighborsListed';
      readonly established: readonly string[] | undefined;
      /** Those that are listed as well, and not established. */
      readonly down?: readonly string[];
    }
  /**
   * A neighbor may lack routes that the speaker has accepted (it came up, or the time for it has come): all are to be
   * announced again, and flushed as well with `mustFlush`.
   */
  | { readonly kind: 'resendDue'; readonly mustFlush: boolean }
  /** ExaBGP is gone or going: EOF on stdin, EPIPE, or its shutdown notice. Its routes died with it. */
  | { readonly kind: 'speakerClosed'; readonly detail: string }
  /** The configuration is another one now; the member id is the same. */
  | { readonly kind: 'settingsChanged'; readonly settings: Settings }
  /** SIGTERM or SIGINT: leave on purpose. */
  | { readonly kind: 'stopRequested'; readonly signal: string };

/** Who speaks with whom. Equal: iBGP. */
export interface AsNumbers {
  readonly local: Asn;
  readonly peer: Asn;
}

export type EventKind = Event['kind'];

export interface CheckCompleted {
  readonly kind: 'checkCompleted';
  readonly service: ServiceName;
  /** Index in the service's list of checks. */
  readonly check: number;
  readonly passed: boolean;
  /** The disable file was there, and nothing was looked at. Absent: it was not, or there is none. */
  readonly isDisabled?: true | undefined;
  /** What the run came to, in words: exit code, status, time-out and the like; printable ASCII, at most 200 characters. */
  readonly detail: string;
  readonly durationMs: number;
}

/**
 * Who holds a znode that carries our member id or our VIP.
 * - `self`: our session.
 * - `predecessor`: written by this agent's earlier life: in an ended session of this process, by a dead process of the
 *   same host, or in the session that this life continues.
 *   `sameSpeaker` when that process served the same ExaBGP process, which then still has its routes.
 * - `twin`: another living agent with our member id.
 * - `member`: another member's session, named.
 * - `unmarked`: another session, and no readable data: ExaZK's.
 * - `persistent`: no session, so it stays until somebody deletes it.
 */
export type Holder =
  | { readonly kind: 'self' }
  | { readonly kind: 'predecessor'; readonly sameSpeaker: boolean }
  | { readonly kind: 'twin'; readonly detail: string }
  | { readonly kind: 'member'; readonly member: string }
  | { readonly kind: 'unmarked' }
  | { readonly kind: 'persistent'; readonly path: string };

/** All claims of one service. For VIPs of others only existence counts and `member`/`unmarked` may be a guess. */
export interface ClaimsRead {
  readonly kind: 'claimsRead';
  readonly connection: number;
  readonly service: ServiceName;
  readonly claims: ReadonlyMap<Vip, Holder>;
}

export interface MaintenanceRead {
  readonly kind: 'maintenanceRead';
  readonly connection: number;
  readonly service: ServiceName;
  readonly isPresent: boolean;
  /** What its znode says, which may be told later than that it is there. */
  readonly note?: ZnodeNote | undefined;
}

/** Who left a maintenance or a drain, why, and until when, as far as its znode says so: for people. */
export interface ZnodeNote {
  readonly who: string | undefined;
  readonly why: string | undefined;
  readonly expiresMs: number | undefined;
}

export interface DrainsRead {
  readonly kind: 'drainsRead';
  readonly connection: number;
  readonly service: ServiceName;
  /** Names as found, members and VIPs mixed; a VIP is in canonical prefix text. */
  readonly drained: ReadonlySet<string>;
  readonly notes?: ReadonlyMap<string, ZnodeNote> | undefined;
}

/** What a member publishes about itself in its member znode. */
export interface MemberReport {
  readonly health: 'up' | 'down' | 'unknown';
  /** VIPs that this member's ExaBGP has accepted and some neighbor can have learned. */
  readonly announces: readonly Vip[];
  /** It is going away and must not be counted on. */
  readonly isLeaving: boolean;
  /** VIPs that it owns by its own configuration while another member holds their claim; absent when there are none. */
  readonly contests?: readonly Vip[];
}

export interface MembersRead {
  readonly kind: 'membersRead';
  readonly connection: number;
  readonly service: ServiceName;
  /** Every other member; undefined for one whose data cannot be read. */
  readonly members: ReadonlyMap<MemberId, MemberReport | undefined>;
  /** Who holds the member znode that carries our own id; undefined when there is none. */
  readonly own: Holder | undefined;
}

/**
 * How a write ended. `unknown`: the answer was lost, so it may still be applied; what is true comes with the next read.
 */
export type WriteOutcome =
  | 'done'
  | 'exists'
  | 'absent'
  | 'unknown'
  | 'notConnected'
  | 'denied'
  | 'failed';

export interface ClaimAnswered {
  readonly kind: 'claimAnswered';
  readonly connection: number;
  readonly service: ServiceName;
  readonly vip: Vip;
  readonly operation: 'create' | 'delete';
  readonly outcome: WriteOutcome;
  readonly detail: string;
}

export interface MemberAnswered {
  readonly kind: 'memberAnswered';
  readonly connection: number;
  readonly service: ServiceName;
  readonly outcome: WriteOutcome;
  readonly detail: string;
}

/** `lost`: the speaker answers again, but never answered this command. */
export interface CommandAnswered {
  readonly kind: 'commandAnswered';
  readonly command: number;
  readonly outcome: 'accepted' | 'refused' | 'lost';
  /** The speaker's words on a refusal. */
  readonly detail: string;
}
