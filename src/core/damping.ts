import type { Alarm } from './alarm.ts';
import type { Coordination } from './ownership.ts';
import type { Surroundings } from './pass.ts';
import { isConnected } from './reach.ts';
import type { Report } from './report.ts';
import type { DampingSettings } from './settings.ts';
import { type ServiceState, type VipState, withChange } from './state.ts';
import { isCarried } from './succession.ts';

/**
 * Flap damping: an owner that falls again and again waits before it takes back what another member announces, because
 * each change of hands costs connections. What nobody else announces it takes at once.
 */

/** Counts a fall, or sees that one is over. */
export function updateDamping(
  { speaker }: Surroundings,
  service: ServiceState,
  nowMs: number,
  reports: Report[],
): ServiceState {
  const { health, settings } = service;
  const { damping } = settings.takeover;
  if (damping === undefined) return withChange(service, { damping: undefined });
  const before = service.damping ?? { isWell: false, falls: 0, atMs: nowMs, untilMs: nowMs };
  const isReached = isConnected(speaker, settings);
  const isWell = health === 'up' && isReached === true;
  const isFallen = health === 'down' || isReached === false;
  if (before.isWell && isFallen) {
    const falls = fadedFalls(before, damping, nowMs) + 1;
    const untilMs = nowMs + Math.max(0, damping.halfLifeMs * Math.log2(falls / damping.falls));
    return { ...service, damping: { isWell: false, falls, atMs: nowMs, untilMs } };
  }
  if (before.isWell || !isWell) return withChange(service, { damping: before });
  const untilMs = Math.min(before.untilMs, nowMs + damping.maxMs);
  if (nowMs < untilMs)
    reports.push({ kind: 'damped', service: settings.name, forMs: Math.ceil(untilMs - nowMs) });
  return { ...service, damping: { ...before, isWell: true, untilMs } };
}

function fadedFalls(
  { falls, atMs }: NonNullable<ServiceState['damping']>,
  { halfLifeMs }: DampingSettings,
  nowMs: number,
): number {
  return falls * 2 ** ((atMs - nowMs) / halfLifeMs);
}

/** Whether our own VIP is left to the member that announces it, for a while. */
export function isDamped(
  { speaker }: Surroundings,
  service: ServiceState,
  vip: VipState,
  coordination: Coordination,
  nowMs: number,
  alarm: Alarm,
): boolean {
  const untilMs = service.damping?.untilMs ?? nowMs;
  if (!vip.isOwner || nowMs >= untilMs) return false;
  // Where everybody acts for himself, nobody's word is to be relied on.
  if (coordination !== 'informed' && coordination !== 'frozen') return false;
  // What is back is not given away again; what ExaBGP has while no neighbor is there is not back.
  const { decision } = vip;
  const isTaken = decision.kind === 'announce' && decision.role === 'owner';
  const isBack = isTaken && isConnected(speaker, service.settings) !== false;
  if (isBack || !isCarried(service, vip)) return false;
  alarm.at(untilMs);
  return true;
}
