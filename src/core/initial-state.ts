import type { Agreement, ServiceAgreement } from './agreement.ts';
import { reachesFor } from './reach.ts';
import { Services } from './services.ts';
import type { MemberId, ServiceSettings, Settings } from './settings.ts';
import { countChecks, firstDelayMs } from './splay.ts';
import type {
  CheckState,
  Health,
  RouteState,
  ServiceState,
  SessionState,
  SpeakerState,
  State,
  VipState,
} from './state.ts';
import type { Vip } from './vip.ts';

const initialSpeaker: SpeakerState = {
  phase: 'unidentified',
  isSilent: false,
  neighbors: undefined,
  listsNeighbors: undefined,
  asNumbers: new Map(),
  reachOfChosen: new Map(),
  enoughSinceMs: undefined,
  hasBeenCutOff: false,
  isConnected: undefined,
  localAs: undefined,
  nextCommand: 1,
  open: new Map(),
  flush: 'needed',
};

/** The state of an agent that has just started: knows its settings, and what an earlier life may have left. */
export function initialState(
  settings: Settings,
  nowMs: number,
  agreement?: Agreement | undefined,
): State {
  const session = initialSession(nowMs, agreement?.sessionTimeoutMs);
  const surroundings = { member: settings.member, checkCount: countChecks(settings) };
  const reachOfChosen = reachesFor(settings.services, initialSpeaker.reachOfChosen);
  const speaker = { ...initialSpeaker, reachOfChosen };
  const own = { settings, startedMs: nowMs, session, speaker, stopping: undefined };
  return {
    ...own,
    services: new Services(
      settings.services.map((service) =>
        initialService(service, surroundings, nowMs, agreement?.services.get(service.name)),
      ),
    ),
    hasEnded: false,
    pass: { services: new Services([]), surroundings: own, wakeAtMs: Infinity, isWaiting: false },
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

/** A service of which nothing is known yet but its settings, and what an earlier life may have left. */
export function initialService(
  service: ServiceSettings,
  { member, checkCount }: { readonly member: MemberId; readonly checkCount: number },
  nowMs: number,
  restored: ServiceAgreement | undefined,
): ServiceState {
  return {
    settings: service,
    isRemoved: false,
    view: {
      claimsConnection: undefined,
      maintenance: undefined,
      drains: undefined,
      members: undefined,
    },
    checks: service.checks.map((check, index) =>
      initialCheck('unknown', nowMs + firstDelayMs(service.name, index, check, checkCount)),
    ),
    health: service.checks.length === 0 ? 'up' : 'unknown',
    isDisabled: false,
    mustSettle: 'start',
    settle: { fromMs: nowMs, untilMs: nowMs, trustsLosses: true, trustsClaimsAtMs: nowMs },
    vips: new Map(service.vips.map(({ vip, owner }) => [vip, initialVip(vip, owner === member)])),
    presence: { published: undefined, write: undefined, retryMs: nowMs, isRefused: false },
    damping: undefined,
    rankedAmong: undefined,
    restored,
    kept: restored,
    decideAtMs: Infinity,
    wakeAtMs: Infinity,
    waitsFor: 'nothing',
  };
}

/** A check that has told nothing yet. */
export function initialCheck(verdict: Health, nextRunMs: number): CheckState {
  return {
    verdict,
    isDisabled: false,
    streak: 0,
    runningSinceMs: undefined,
    nextRunMs,
    detail: '',
    durationMs: undefined,
  };
}

/** Nothing is known of what the speaker has. */
export const initialRoute: RouteState = {
  acked: 'unknown',
  open: undefined,
  mustResend: false,
  refused: undefined,
  refusals: 0,
  retryMs: 0,
};

/** A VIP of which nothing is known yet. */
export function initialVip(vip: Vip, isOwner: boolean): VipState {
  return {
    vip,
    isOwner,
    isRemoved: false,
    settlesUntilMs: 0,
    claim: undefined,
    claimWrite: undefined,
    claimRetryMs: 0,
    claimRefusal: undefined,
    rank: 0,
    outrankedSinceMs: undefined,
    agreed: { kind: 'hold', reason: 'noView' },
    decision: { kind: 'hold', reason: 'noView' },
    leave: undefined,
    route: initialRoute,
  };
}
