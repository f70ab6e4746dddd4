import type { Agreement, ServiceAgreement } from './agreement.ts';
import type { AsNumbers, Holder, MemberReport } from './event.ts';
import type { Decision } from './ownership.ts';
import type { Attributes } from './route.ts';
import type { MemberId, ServiceName, ServiceSettings, Settings } from './settings.ts';
import type { Vip } from './vip.ts';

/** Everything the core knows. Nothing is kept elsewhere, so any run can be replayed from its events. */
export interface State {
  readonly settings: Settings;
  readonly startedMs: number;
  readonly session: SessionState;
  readonly speaker: SpeakerState;
  readonly services: ReadonlyMap<ServiceName, ServiceState>;
  /** Set by the first stop signal; a second one ends every wait. */
  readonly stopping: { readonly sinceMs: number; readonly isUrgent: boolean } | undefined;
  /** The exit effect was given; nothing is decided any more. */
  readonly hasEnded: boolean;
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

/** ExaBGP as we see it; see reach.ts for what makes the LB connected. */
export interface SpeakerState {
  readonly phase: 'unidentified' | 'ready' | 'closed';
  readonly isSilent: boolean;
  /** Undefined until the speaker first told; `unknowable` when it cannot. */
  readonly neighbors: ReadonlyMap<string, boolean> | 'unknowable' | undefined;
  /** Of neighbors whose state lines told them. */
  readonly asNumbers: ReadonlyMap<string, AsNumbers>;
  /** Since when enough neighbors are established and the speaker answers. */
  readonly enoughSinceMs: number | undefined;
  /** Connected at some time, and cut off later: from then on a return must first be stable. */
  readonly hasBeenCutOff: boolean;
  /** As of the last step. Undefined: not known yet. */
  readonly isConnected: boolean | undefined;
  readonly nextCommand: number;
  /** Routes may be other than acknowledged (restart, lost answer): all are to be sent again when quiet. */
  readonly flush: 'none' | 'needed' | number;
}

export interface ServiceState {
  readonly settings: ServiceSettings;
  readonly view: View;
  readonly checks: readonly CheckState[];
  readonly health: Health;
  /** The next complete view starts a settle period: at start, and whenever belief was lost. */
  readonly mustSettle: 'start' | 'doubt' | 'no';
  /** Until then the claims of others may still be on their way. */
  readonly settle: SettleState;
  readonly vips: ReadonlyMap<Vip, VipState>;
  readonly presence: PresenceState;
  /** What the earlier life had agreed, until it is taken up or a view of this life makes it needless. */
  readonly restored: ServiceAgreement | undefined;
  /** What is kept for the next life. */
  readonly kept: ServiceAgreement | undefined;
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
}

export type Health = 'unknown' | 'up' | 'down';

/** What ZooKeeper holds for a service, as last read; each part remembers the connection it was read on. */
export interface View {
  readonly claimsConnection: number | undefined;
  readonly maintenance: { readonly connection: number; readonly isPresent: boolean } | undefined;
  readonly drains:
    | { readonly connection: number; readonly drained: ReadonlySet<string> }
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
  /** Passes (positive) or failures (negative) in a row. */
  readonly streak: number;
  /** Start of the run that is under way. */
  readonly runningSinceMs: number | undefined;
  readonly nextRunMs: number;
  readonly detail: string;
}

export interface VipState {
  readonly vip: Vip;
  readonly isOwner: boolean;
  /** The claim as last read and since when it is (present or missing) so; undefined before the first read. */
  readonly claim: { readonly holder: Holder | undefined; readonly sinceMs: number } | undefined;
  readonly claimWrite:
    | { readonly operation: 'create' | 'delete'; readonly connection: number }
    | undefined;
  readonly claimRetryMs: number;
  /** Why ZooKeeper refused the last write: then only time ends the pause before the next one, no read does. */
  readonly claimRefusal: string | undefined;
  /** What ZooKeeper's view alone asks for, from the last time it could be believed. */
  readonly agreed: Decision;
  /** What is wanted now, after health and leaving. */
  readonly decision: Decision;
  readonly leave: LeaveState | undefined;
  readonly route: RouteState;
}

export interface LeaveState {
  readonly reason: 'drained' | 'stopping';
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
  /** What the speaker refused last; only that waits for `retryMs`. Undefined once it accepted something. */
  readonly refused: Attributes | 'absent' | undefined;
  /** How many times in a row it refused that. */
  readonly refusals: number;
  readonly retryMs: number;
}

export interface PresenceState {
  readonly published: MemberReport | undefined;
  readonly write: { readonly connection: number; readonly report: MemberReport } | undefined;
  readonly retryMs: number;
  /** The last write was refused, and that was told. */
  readonly isRefused: boolean;
}

/** The state of an agent that has just started: knows its settings, and what an earlier life may have left. */
export function initialState(
  settings: Settings,
  nowMs: number,
  agreement?: Agreement | undefined,
): State {
  return {
    settings,
    startedMs: nowMs,
    session: initialSession(nowMs, agreement?.sessionTimeoutMs),
    speaker: {
      phase: 'unidentified',
      isSilent: false,
      neighbors: undefined,
      asNumbers: new Map(),
      enoughSinceMs: undefined,
      hasBeenCutOff: false,
      isConnected: undefined,
      nextCommand: 1,
      flush: 'needed',
    },
    services: new Map(
      settings.services.map((service) => [
        service.name,
        initialService(service, settings, nowMs, agreement?.services.get(service.name)),
      ]),
    ),
    stopping: undefined,
    hasEnded: false,
  };
}

/** An earlier life believed in its session until a moment ago, so this one takes its own start for the last proof. */
function initialSession(nowMs: number, earlierTimeoutMs: number | undefined): SessionState {
  return {
    epoch: 0,
    connection: undefined,
    timeoutMs: earlierTimeoutMs ?? 0,
    proofMs: earlierTimeoutMs === undefined ? undefined : nowMs,
    isEnded: false,
    belief: earlierTimeoutMs === undefined ? 'none' : 'live',
  };
}

function initialService(
  service: ServiceSettings,
  settings: Settings,
  nowMs: number,
  restored: ServiceAgreement | undefined,
): ServiceState {
  return {
    settings: service,
    view: {
      claimsConnection: undefined,
      maintenance: undefined,
      drains: undefined,
      members: undefined,
    },
    checks: service.checks.map(() => ({
      verdict: 'unknown',
      streak: 0,
      runningSinceMs: undefined,
      nextRunMs: nowMs,
      detail: '',
    })),
    health: service.checks.length === 0 ? 'up' : 'unknown',
    mustSettle: 'start',
    settle: { fromMs: nowMs, untilMs: nowMs, trustsLosses: true },
    vips: new Map(
      service.vips.map(({ vip, owner }) => [vip, initialVip(vip, owner === settings.member)]),
    ),
    presence: { published: undefined, write: undefined, retryMs: nowMs, isRefused: false },
    restored,
    kept: restored,
  };
}

function initialVip(vip: Vip, isOwner: boolean): VipState {
  return {
    vip,
    isOwner,
    claim: undefined,
    claimWrite: undefined,
    claimRetryMs: 0,
    claimRefusal: undefined,
    agreed: { kind: 'hold', reason: 'noView' },
    decision: { kind: 'hold', reason: 'noView' },
    leave: undefined,
    route: { acked: 'unknown', open: undefined, refused: undefined, refusals: 0, retryMs: 0 },
  };
}

/** The same state with one service replaced. */
export function withService(state: State, service: ServiceState): State {
  return { ...state, services: new Map(state.services).set(service.settings.name, service) };
}

/** The same state with every service passed through `change`, in configured order. */
export function mapServices(state: State, change: (service: ServiceState) => ServiceState): State {
  return {
    ...state,
    services: new Map([...state.services].map(([name, service]) => [name, change(service)])),
  };
}

/** The same service with every VIP passed through `change`, in configured order. */
export function mapVips(service: ServiceState, change: (vip: VipState) => VipState): ServiceState {
  return {
    ...service,
    vips: new Map([...service.vips].map(([vip, state]) => [vip, change(state)])),
  };
}
