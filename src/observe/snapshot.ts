import { describeHolder } from '../core/claims.ts';
import { describeAttributes, describeDecision } from '../core/describe.ts';
import type { Holder } from '../core/event.ts';
import { isConnected } from '../core/reach.ts';
import type { ServiceState, State, VipState } from '../core/state.ts';
import { isoTime } from './iso-time.ts';
import { timeText } from './text/times.ts';

/** Which configuration runs. Times are ISO 8601, UTC. */
export interface ConfigVersion {
  /** The first 12 hex digits of the SHA-256 of the file as it was read. */
  readonly hash: string;
  readonly loadedAt: string;
  /** The last one that was not taken; absent once one was taken after it. */
  readonly rejected?: { readonly at: string; readonly why: string };
}

/** Everything the agent knows, in words for people; ages and waits in milliseconds. What is not known is absent. */
export interface Snapshot {
  readonly member: string;
  readonly upForMs: number;
  readonly config: ConfigVersion;
  readonly session: {
    readonly belief: string;
    readonly epoch: number;
    readonly isConnected: boolean;
    readonly timeoutMs: number;
    /** Since the last request that the quorum answered was sent. */
    readonly provenAgoMs?: number;
  };
  readonly exabgp: {
    readonly phase: string;
    readonly answers: boolean;
    readonly openCommands: number;
    readonly localAs?: number;
    /** Enough neighbors are established for this LB to count. */
    readonly isConnected?: boolean;
    readonly neighbors?: Readonly<Record<string, 'up' | 'down'>> | 'unknowable';
  };
  readonly stoppingForMs?: number;
  readonly services: readonly ServiceSnapshot[];
}

export interface ServiceSnapshot {
  readonly service: string;
  readonly isRemoved?: true;
  readonly health: string;
  /** Enough of the neighbors that alone are told of it are established; absent: all are told, or not known. */
  readonly isConnected?: boolean;
  readonly isInMaintenance?: boolean;
  /** Members and VIPs. */
  readonly drained?: readonly string[];
  readonly settlesForMs?: number;
  /** It fell too often lately, and leaves its VIPs for so long to whoever announces them. */
  readonly dampedForMs?: number;
  readonly checks: readonly CheckSnapshot[];
  /** The others, by what they publish. */
  readonly members?: Readonly<Record<string, string>>;
  readonly vips: readonly VipSnapshot[];
}

export interface CheckSnapshot {
  readonly verdict: string;
  /** Passes (positive) or failures (negative) in a row. */
  readonly streak: number;
  readonly runningForMs?: number;
  readonly nextInMs?: number;
  readonly durationMs?: number;
  readonly detail?: string;
}

export interface VipSnapshot {
  readonly vip: string;
  /** Absent: some other member, whom the configuration does not name. */
  readonly owner?: string;
  readonly isRemoved?: true;
  readonly claim?: string;
  readonly claimForMs?: number;
  readonly claimWrite?: string;
  readonly claimRefusal?: string;
  /** How many members would take it over rather than this one. */
  readonly rank?: number;
  /** What ZooKeeper's view alone asks for. */
  readonly agreed: string;
  readonly decision: string;
  /** What ExaBGP has accepted. */
  readonly route: string;
  /** What it has not answered yet. */
  readonly openRoute?: string;
  readonly refusals?: number;
  readonly retryInMs?: number;
  readonly leave?: string;
  readonly leavingForMs?: number;
  readonly carriedElsewhereForMs?: number;
}

/** What the agent knows and has decided at `nowMs`. Pure. */
export function snapshotOf(state: State, config: ConfigVersion, nowMs: number): Snapshot {
  const { settings, session, speaker, stopping, services } = state;
  const { localAs, isConnected, neighbors } = speaker;
  return {
    member: settings.member,
    upForMs: age(state.startedMs, nowMs),
    config,
    session: {
      belief: session.belief,
      epoch: session.epoch,
      isConnected: session.connection !== undefined,
      timeoutMs: session.timeoutMs,
      ...(session.proofMs !== undefined && { provenAgoMs: age(session.proofMs, nowMs) }),
    },
    exabgp: {
      phase: speaker.phase,
      answers: !speaker.isSilent,
      openCommands: speaker.open.size,
      ...(localAs !== undefined && { localAs }),
      ...(isConnected !== undefined && { isConnected }),
      ...(neighbors !== undefined && { neighbors: neighborsOf(neighbors) }),
    },
    ...(stopping !== undefined && { stoppingForMs: age(stopping.sinceMs, nowMs) }),
    services: services.list.map((service) => serviceSnapshot(speaker, service, nowMs)),
  };
}

/** By name; `unknowable` where this ExaBGP does not tell. */
export function neighborsOf(
  neighbors: NonNullable<State['speaker']['neighbors']>,
): NonNullable<Snapshot['exabgp']['neighbors']> {
  if (neighbors === 'unknowable') return neighbors;
  return Object.fromEntries(
    [...neighbors].map(([name, isEstablished]) => [name, isEstablished ? 'up' : 'down']),
  );
}

function serviceSnapshot(
  speaker: State['speaker'],
  service: ServiceState,
  nowMs: number,
): ServiceSnapshot {
  const { settings, view, settle, checks, vips } = service;
  const dampedUntilMs = service.damping?.untilMs ?? nowMs;
  const owners = new Map(settings.vips.map(({ vip, owner }) => [vip, owner]));
  const isReached = isConnected(speaker, settings);
  const isChosen = settings.announce.owner.neighbors !== undefined;
  return {
    service: settings.name,
    ...(service.isRemoved && { isRemoved: true }),
    health: service.health,
    ...(isChosen && isReached !== undefined && { isConnected: isReached }),
    ...(view.maintenance !== undefined && { isInMaintenance: view.maintenance.isPresent }),
    ...(view.drains !== undefined && { drained: drainsOf(view.drains) }),
    ...(settle.untilMs > nowMs && { settlesForMs: age(nowMs, settle.untilMs) }),
    ...(dampedUntilMs > nowMs && { dampedForMs: age(nowMs, dampedUntilMs) }),
    checks: checks.map(({ verdict, streak, runningSinceMs, nextRunMs, durationMs, detail }) => ({
      verdict,
      streak,
      ...(runningSinceMs === undefined
        ? { nextInMs: age(nowMs, nextRunMs) }
        : { runningForMs: age(runningSinceMs, nowMs) }),
      ...(durationMs !== undefined && { durationMs: Math.round(durationMs) }),
      ...(detail !== '' && { detail }),
    })),
    ...(view.members !== undefined && { members: membersOf(view.members.members) }),
    vips: [...vips.values()].map((vip) => vipSnapshot(vip, owners.get(vip.vip), nowMs)),
  };
}

/** Each with who, why and until when, where that is known. */
function drainsOf({
  drained,
  notes,
}: NonNullable<ServiceState['view']['drains']>): readonly string[] {
  return [...drained].map((name) => {
    const note = notes?.get(name);
    if (note === undefined) return name;
    const { who, why, expiresMs } = note;
    const end = expiresMs === undefined ? 'it is deleted' : timeText(isoTime(expiresMs));
    const by = who === undefined ? '' : `, by ${who}`;
    return `${name} until ${end}${by}${why === undefined ? '' : `: ${why}`}`;
  });
}

function membersOf(
  members: NonNullable<ServiceState['view']['members']>['members'],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...members].map(([name, report]) => {
      if (report === undefined) return [name, 'unreadable'];
      const { health, announces, isLeaving } = report;
      return [name, `${health}, announces ${announces.length}${isLeaving ? ', leaving' : ''}`];
    }),
  );
}

/** Only of an own VIP does an agent read whose claim it is. */
function claimWords(holder: Holder | undefined, isOwner: boolean): string {
  return holder?.kind === 'unmarked' && !isOwner ? 'another session' : describeHolder(holder);
}

function vipSnapshot(state: VipState, owner: string | undefined, nowMs: number): VipSnapshot {
  const { vip, isRemoved, claim, claimWrite, claimRefusal, leave, route } = state;
  const isWaiting = route.refused !== undefined && route.retryMs > nowMs;
  return {
    vip,
    ...(owner !== undefined && { owner }),
    ...(isRemoved && { isRemoved }),
    ...(claim !== undefined && {
      claim: claimWords(claim.holder, state.isOwner),
      claimForMs: age(claim.sinceMs, nowMs),
    }),
    ...(claimWrite !== undefined && { claimWrite: claimWrite.operation }),
    ...(claimRefusal !== undefined && { claimRefusal }),
    ...(state.rank > 0 && { rank: state.rank }),
    agreed: describeDecision(state.agreed),
    decision: describeDecision(state.decision),
    route: routeWords(route.acked),
    ...(route.open !== undefined && { openRoute: routeWords(route.open.wanted) }),
    ...(route.refusals > 0 && { refusals: route.refusals }),
    ...(isWaiting && { retryInMs: age(nowMs, route.retryMs) }),
    ...(leave !== undefined && leaveOf(leave, nowMs)),
  };
}

function leaveOf(leave: NonNullable<VipState['leave']>, nowMs: number) {
  const { reason, isDone, sinceMs, carriedSinceMs } = leave;
  return {
    leave: isDone ? `${reason}, done` : reason,
    leavingForMs: age(sinceMs, nowMs),
    ...(carriedSinceMs !== undefined && { carriedElsewhereForMs: age(carriedSinceMs, nowMs) }),
  };
}

/** A route in words: its attributes, `absent` or `unknown`. */
export function routeWords(route: VipState['route']['acked']): string {
  return typeof route === 'string' ? route : describeAttributes(route);
}

function age(fromMs: number, toMs: number): number {
  return Math.max(0, Math.round(toMs - fromMs));
}
