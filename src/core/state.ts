import type { ServiceAgreement } from './agreement.ts';
import type { AsNumbers, Holder, MemberReport, ZnodeNote } from './event.ts';
import type { Decision } from './ownership.ts';
import type { Pass } from './pass.ts';
import type { Asn, Attributes } from './route.ts';
import type { Services } from './services.ts';
import type { MemberId, ServiceName, ServiceSettings, Settings } from './settings.ts';
import type { Vip } from './vip.ts';

/** Everything the core knows. Nothing is kept elsewhere, so any run can be replayed from its events. */
export interface State {
  readonly settings: Settings;
  readonly startedMs: number;
  readonly session: SessionState;
  readonly speaker: SpeakerState;
  readonly services: Services;
  /** Set by the first stop signal; a second one ends every wait. */
  readonly stopping: { readonly sinceMs: number; readonly isUrgent: boolean } | undefined;
  /** The exit effect was given; nothing is decided any more. */
  readonly hasEnded: boolean;
  /** What the last step went over, so that the next one need not. */
  readonly pass: Pass;
}

/** The ZooKeeper session as a lease; see session.ts. */
export interface SessionState {
  readonly epoch: number;
  /** The connection whose reads are current; undefined while there is none. */
  readonly connection: number | undefined;
  readonly timeoutMs: number;
  /** Send time of the last request that the quorum answered; in epoch 0 the start of this life, if an earlier one was. */
  readonly proofMs: number | undefined;
  /** ZooKeeper said that the session of this epoch is over. */
  readonly isEnded: boolean;
  /** As of the last step: for reports, and to see the moment it changes. */
  readonly belief: Belief;
}

/** `none`: there was never a session, nor an earlier life's. The others are defined in design.md and computed in session.ts. */
export type Belief = 'none' | 'live' | 'suspended' | 'blind';

/** Whether enough neighbors are told; see reach.ts. */
export interface Reach {
  /** Since when enough neighbors are established and the speaker answers. */
  readonly enoughSinceMs: number | undefined;
  /** Connected at some time, and cut off later: from then on a return must first be stable. */
  readonly hasBeenCutOff: boolean;
  /** As of the last step. Undefined: not known yet. */
  readonly isConnected: boolean | undefined;
}

/** ExaBGP as we see it, and the reach of what is announced to all its neighbors. */
export interface SpeakerState extends Reach {
  readonly phase: 'unidentified' | 'ready' | 'closed';
  readonly isSilent: boolean;
  /** Undefined until the speaker first told; `unknowable` when it cannot. */
  readonly neighbors: ReadonlyMap<string, boolean> | 'unknowable' | undefined;
  /** Whether the speaker lists them; undefined: it has not done so yet. */
  readonly listsNeighbors: boolean | undefined;
  /** Of neighbors whose state lines told them. */
  readonly asNumbers: ReadonlyMap<string, AsNumbers>;
  /** The reach of services that announce to some neighbors only, by the names of these. */
  readonly reachOfChosen: ReadonlyMap<string, Reach>;
  /** As of the last step: the AS that may stand in front of a path towards every established neighbor. */
  readonly localAs: Asn | undefined;
  readonly nextCommand: number;
  /** The prefixes whose last command is unanswered, by that command; a flush is not among them. */
  readonly open: ReadonlyMap<number, { readonly service: ServiceName; readonly vip: Vip }>;
  /** Routes may be other than acknowledged (restart, lost answer): all are to be sent again when quiet. */
  readonly flush: 'none' | 'needed' | number;
}

export interface ServiceState {
  readonly settings: ServiceSettings;
  /** Configured no more; forgotten as soon as nothing of it is left. */
  readonly isRemoved: boolean;
  readonly view: View;
  readonly checks: readonly CheckState[];
  readonly health: Health;
  /** The disable file of some check was there when that last ran. */
  readonly isDisabled: boolean;
  /** The next complete view starts a settle period: at start, and whenever belief was lost. */
  readonly mustSettle: 'start' | 'doubt' | 'no';
  /** Until then the claims of others may still be on their way. */
  readonly settle: SettleState;
  readonly vips: ReadonlyMap<Vip, VipState>;
  readonly presence: PresenceState;
  /** Undefined: not damped by its settings, or not yet looked at. */
  readonly damping: DampingState | undefined;
  /** The other members that the VIPs' ranks were worked out with; undefined: not yet, with these settings. */
  readonly rankedAmong: readonly MemberId[] | undefined;
  /** What the earlier life had agreed, until it is taken up or a view of this life makes it needless. */
  readonly restored: ServiceAgreement | undefined;
  /** What is kept for the next life. */
  readonly kept: ServiceAgreement | undefined;
  /** When the rule about it may come to something else by time alone; Infinity: never. */
  readonly decideAtMs: number;
  /** That, or when the next of its checks is to be started, if that is earlier. */
  readonly wakeAtMs: number;
  /** What it has to send that found no room among the unanswered commands; withdraws come first. */
  readonly waitsFor: 'nothing' | 'announce' | 'withdraw';
}

/** The time that owners have to claim before anybody takes over what they own. */
export interface SettleState {
  readonly fromMs: number;
  readonly untilMs: number;
  /**
   * A claim that is seen and then lost while settling is a real loss, and taken over at once. Not so after an outage of
   * ZooKeeper, when the claims of sessions that died in it go one after the other.
   */
  readonly trustsLosses: boolean;
  /** Until then a claim may be one of a session that died in the outage: no backup steps back for it. */
  readonly trustsClaimsAtMs: number;
}

export interface DampingState {
  /** Healthy and connected, and not fallen since. */
  readonly isWell: boolean;
  /** The falls that had not faded at `atMs`, that of the last one. */
  readonly falls: number;
  readonly atMs: number;
  /** Until then our VIPs are left to other members that announce them. */
  readonly untilMs: number;
}

export type Health = 'unknown' | 'up' | 'down';

/** What ZooKeeper holds for a service, as last read; each part remembers the connection it was read on. */
export interface View {
  readonly claimsConnection: number | undefined;
  readonly maintenance:
    | {
        readonly connection: number;
        readonly isPresent: boolean;
        readonly note?: ZnodeNote | undefined;
      }
    | undefined;
  readonly drains:
    | {
        readonly connection: number;
        readonly drained: ReadonlySet<string>;
        readonly notes?: ReadonlyMap<string, ZnodeNote> | undefined;
      }
    | undefined;
  readonly members:
    | {
        readonly connection: number;
        readonly members: ReadonlyMap<MemberId, MemberReport | undefined>;
        readonly own: Holder | undefined;
      }
    | undefined;
}

export interface CheckState {
  readonly verdict: Health;
  /** Its disable file was there at the last run. */
  readonly isDisabled: boolean;
  /** Passes (positive) or failures (negative) in a row. */
  readonly streak: number;
  /** Start of the run that is under way. */
  readonly runningSinceMs: number | undefined;
  readonly nextRunMs: number;
  /** Of the last run; empty before it. */
  readonly detail: string;
  /** How long the last run took; undefined before it. */
  readonly durationMs: number | undefined;
}

export interface VipState {
  readonly vip: Vip;
  readonly isOwner: boolean;
  /** Configured no more, or in another service; forgotten as soon as nothing of it is left. */
  readonly isRemoved: boolean;
  /** Of a VIP that a change of settings brought: until then, or until it was seen claimed, its owner has time. */
  readonly settlesUntilMs: number;
  /** The claim as last read and since when it is (present or missing) so; undefined before the first read. */
  readonly claim: { readonly holder: Holder | undefined; readonly sinceMs: number } | undefined;
  readonly claimWrite:
    | { readonly operation: 'create' | 'delete'; readonly connection: number }
    | undefined;
  readonly claimRetryMs: number;
  /** Why ZooKeeper refused the last write: then only time ends the pause before the next one, no read does. */
  readonly claimRefusal: string | undefined;
  /** How many members would take it over rather than this one; 0 for its owner, and where it makes no difference. */
  readonly rank: number;
  /** Since when enough of those are known to announce it while its claim is missing. */
  readonly outrankedSinceMs: number | undefined;
  /** What ZooKeeper's view alone asks for, from the last time it could be believed. */
  readonly agreed: Decision;
  /** What is wanted now, after health and leaving. */
  readonly decision: Decision;
  readonly leave: LeaveState | undefined;
  readonly route: RouteState;
}

export interface LeaveState {
  readonly reason: 'drained' | 'stopping' | 'removed';
  readonly sinceMs: number;
  /** Since when another member is known to announce the VIP. */
  readonly carriedSinceMs: number | undefined;
  readonly isDone: boolean;
  readonly hasReportedNobody: boolean;
}

/** What the speaker has for one prefix. `unknown` until it acknowledged something in this life. */
export interface RouteState {
  readonly acked: Attributes | 'absent' | 'unknown';
  readonly open: { readonly command: number; readonly wanted: Attributes | 'absent' } | undefined;
  /** To be announced again though acknowledged: some neighbor may lack it, or the answer to a change of it was lost. */
  readonly mustResend: boolean;
  /** What the speaker refused last; only that waits for `retryMs`. Undefined once it accepted something. */
  readonly refused: Attributes | 'absent' | undefined;
  /** How many times in a row it refused that. */
  readonly refusals: number;
  readonly retryMs: number;
}

export interface PresenceState {
  readonly published: MemberReport | undefined;
  /** `report` undefined: our member znode is being deleted. */
  readonly write:
    | { readonly connection: number; readonly report: MemberReport | undefined }
    | undefined;
  readonly retryMs: number;
  /** The last write was refused, and that was told. */
  readonly isRefused: boolean;
}

/** The same state with the service of that name, if there is one, passed through `change`. */
export function inService(
  state: State,
  name: ServiceName,
  change: (service: ServiceState) => ServiceState,
): State {
  const service = state.services.get(name);
  return service === undefined ? state : withServices(state, [change(service)]);
}

/** The same state with these services replaced. */
export function withServices(state: State, changed: readonly ServiceState[]): State {
  return withChange(state, { services: state.services.replace(changed) });
}

/** The same state with every service passed through `change`, in configured order. */
export function mapServices(state: State, change: (service: ServiceState) => ServiceState): State {
  return withChange(state, { services: state.services.map(change) });
}

/** The same service with every VIP passed through `change`, in configured order. */
export function mapVips(service: ServiceState, change: (vip: VipState) => VipState): ServiceState {
  let isSame = true;
  const vips = new Map<Vip, VipState>();
  for (const [name, before] of service.vips) {
    const after = change(before);
    isSame &&= after === before;
    vips.set(name, after);
  }
  return isSame ? service : { ...service, vips };
}

/** The same with `change` in it; the very same object when that changes nothing, so that identity tells of changes. */
export function withChange<Whole extends object>(whole: Whole, change: Partial<Whole>): Whole {
  for (const key in change) if (change[key] !== whole[key]) return { ...whole, ...change };
  return whole;
}
