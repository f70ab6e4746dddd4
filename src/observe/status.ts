import type { Probe } from '../core/probe.ts';
import { isConnected } from '../core/reach.ts';
import type { ServiceState, State, VipState } from '../core/state.ts';
import type { Act } from './act.ts';
import { type History, roleName } from './history.ts';
import { isoTime } from './iso-time.ts';
import { decisionWords } from './sentences.ts';
import { type ConfigVersion, neighborsOf, routeWords } from './snapshot.ts';
import {
  type StatusCheck,
  type StatusRecord,
  type StatusVip,
  statusBytesMax,
} from './status-record.ts';

/** What a status record says besides what the core knows. */
export interface StatusContext {
  readonly version: string;
  readonly exabgpVersion: string | undefined;
  readonly config: ConfigVersion;
  readonly history: History;
  /** What was seen done to the service, oldest first. */
  readonly acts: readonly Act[];
  /** Since when a check's verdict is what it is, in wall milliseconds. */
  checkSinceMs(service: ServiceState, check: number): number | undefined;
  /** The wall time of a monotonic one. */
  wallOf(atMs: number): number;
  readonly nowMs: number;
}

/** The record of one service as the core sees it at `nowMs`. Pure. */
export function statusOf(
  state: State,
  service: ServiceState,
  context: StatusContext,
): StatusRecord {
  const { settings, session, speaker } = state;
  const { neighbors } = speaker;
  const isReached = isConnected(speaker, service.settings);
  const { nowMs, wallOf, exabgpVersion } = context;
  const { untilMs } = service.settle;
  const dampedUntilMs = service.damping?.untilMs ?? nowMs;
  const leaving = leavingOf(state, service);
  const owners = new Map(service.settings.vips.map(({ vip, owner }) => [vip, owner]));
  return {
    v: 1,
    member: settings.member,
    writtenAt: isoTime(wallOf(nowMs)),
    startedAt: isoTime(wallOf(state.startedMs)),
    version: context.version,
    config: context.config,
    session: { timeoutMs: session.timeoutMs, belief: session.belief },
    exabgp: {
      ...(exabgpVersion !== undefined && { version: exabgpVersion }),
      answers: speaker.phase === 'ready' && !speaker.isSilent,
      ...(isReached !== undefined && { isConnected: isReached }),
      ...(neighbors !== undefined && { neighbors: neighborsOf(neighbors) }),
    },
    health: service.health,
    checks: service.checks.map((_, index) => checkOf(service, index, context)),
    ...(untilMs > nowMs && { settlesUntil: isoTime(wallOf(untilMs)) }),
    ...(dampedUntilMs > nowMs && { dampedUntil: isoTime(wallOf(dampedUntilMs)) }),
    ...(leaving !== undefined && { leaving }),
    vips: Object.fromEntries(
      [...service.vips.values()].map((vip) => [
        vip.vip,
        vipOf(vip, owners.get(vip.vip), service, context, state.startedMs),
      ]),
    ),
    moves: context.history.movesOf(service.settings.name),
    ...(context.acts.length > 0 && { acts: context.acts }),
  };
}

/** Whether a record of the later state would say anything else about the service itself; of its surroundings see {@link hasCommonNews}. */
export function hasNews(before: ServiceState | undefined, after: ServiceState): boolean {
  if (before === undefined) return true;
  return (
    before.settings !== after.settings ||
    before.vips !== after.vips ||
    before.health !== after.health ||
    before.isRemoved !== after.isRemoved ||
    before.settle.untilMs !== after.settle.untilMs ||
    before.damping?.untilMs !== after.damping?.untilMs ||
    after.checks.some(
      ({ verdict, detail }, index) =>
        verdict !== before.checks[index]?.verdict || detail !== before.checks[index]?.detail,
    )
  );
}

/** Whether what all records of a member have in common is another now. */
export function hasCommonNews(before: State, after: State): boolean {
  return (
    before.session.belief !== after.session.belief ||
    before.session.timeoutMs !== after.session.timeoutMs ||
    before.stopping !== after.stopping ||
    before.speaker.phase !== after.speaker.phase ||
    before.speaker.isSilent !== after.speaker.isSilent ||
    before.speaker.isConnected !== after.speaker.isConnected ||
    before.speaker.reachOfChosen !== after.speaker.reachOfChosen ||
    before.speaker.neighbors !== after.speaker.neighbors
  );
}

/** What tells two records apart: all but the time of writing, and how long checks took. */
export function contentOf(record: StatusRecord): string {
  const checks = record.checks.map((check) => ({ ...check, durationMs: 0 }));
  return JSON.stringify({ ...record, writtenAt: '', checks });
}

/**
 * A record as it is written: what does not fit into {@link statusBytesMax} is left out, sentences first, which role and
 * reason stand for, then the older moves, then what was done on purpose, then VIPs.
 */
export function encodeStatus(record: StatusRecord): Uint8Array {
  let cut = record;
  for (const shorten of [withoutSentences, withFewMoves, withoutActs, shorter]) {
    const data = Buffer.from(JSON.stringify(cut));
    if (data.length <= statusBytesMax) return data;
    cut = { ...shorten(cut), isCut: true };
  }
  for (;;) {
    const data = Buffer.from(JSON.stringify(cut));
    if (data.length <= statusBytesMax) return data;
    cut = shorter(cut);
  }
}

function withoutSentences(record: StatusRecord): StatusRecord {
  const vips = Object.entries(record.vips).map(([name, vip]) => [name, { ...vip, sentence: '' }]);
  const moves = record.moves.map((move) => ({ ...move, sentence: '' }));
  return { ...record, vips: Object.fromEntries(vips), moves };
}

function withFewMoves(record: StatusRecord): StatusRecord {
  return { ...record, moves: record.moves.slice(-10) };
}

function withoutActs({ acts: _acts, ...record }: StatusRecord): StatusRecord {
  return record;
}

/** Ends with nothing that is long: checks, neighbors and the words on a refused file are cut as well. */
function shorter(record: StatusRecord): StatusRecord {
  const { vips, checks, config, exabgp } = record;
  const less = <Item>(items: readonly Item[]) => items.slice(0, Math.floor(items.length * 0.8));
  const { neighbors, ...speaker } = exabgp;
  return {
    ...record,
    vips: Object.fromEntries(less(Object.entries(vips))),
    checks: less(checks),
    exabgp: neighbors === 'unknowable' ? exabgp : speaker,
    config: { hash: config.hash, loadedAt: config.loadedAt },
  };
}

function vipOf(
  vip: VipState,
  owner: string | undefined,
  service: ServiceState,
  { history, wallOf }: StatusContext,
  startedMs: number,
): StatusVip {
  const { decision, rank, route } = vip;
  return {
    ...(owner !== undefined && { owner }),
    role: roleName(decision),
    reason: decision.reason,
    sentence: decisionWords(decision),
    since: isoTime(history.sinceMs(service.settings.name, vip.vip) ?? wallOf(startedMs)),
    route: routeWords(route.acked),
    ...(rank > 0 && { rank }),
    ...(route.refused !== undefined && { refused: routeWords(route.refused) }),
  };
}

function checkOf(service: ServiceState, index: number, context: StatusContext): StatusCheck {
  const { verdict = 'unknown', detail = '', durationMs } = service.checks[index] ?? {};
  const probe = service.settings.checks[index]?.probe;
  const sinceMs = context.checkSinceMs(service, index);
  return {
    name: probe === undefined ? `${index + 1}` : checkName(probe),
    verdict,
    ...(sinceMs !== undefined && { since: isoTime(sinceMs) }),
    ...(detail !== '' && { detail }),
    ...(durationMs !== undefined && { durationMs: Math.round(durationMs) }),
  };
}

/** What a check looks at, without what may be a secret: arguments of commands, paths and queries of URLs. */
export function checkName(probe: Probe): string {
  switch (probe.kind) {
    case 'exec':
      return `exec ${/^\s*([\w./-]+)(?=\s|$)/.exec(probe.command)?.[1] ?? ''}`.trimEnd();
    case 'http':
      return `http ${/^\w+:\/\/(?:[^/?#]*@)?([^/?#]*)/.exec(probe.url)?.[1] ?? ''}`.trimEnd();
    case 'tcp':
      return `tcp ${probe.host}:${probe.port}`;
    case 'dns':
      return `dns ${probe.name} ${probe.type}`;
    case 'ipvs':
      return 'mark' in probe.service
        ? `ipvs mark ${probe.service.mark}`
        : `ipvs ${probe.service.protocol} ${probe.service.address}:${probe.service.port}`;
    case 'file':
      return `file ${probe.path}`;
    case 'always':
      return 'always';
  }
}

function leavingOf(state: State, service: ServiceState): string | undefined {
  if (state.stopping !== undefined) return 'stopping';
  if (service.isRemoved) return 'removed';
  const isDrained = service.view.drains?.drained.has(state.settings.member) === true;
  return isDrained ? 'drained' : undefined;
}
