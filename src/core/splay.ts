import type { CheckSettings, ServiceName, Settings } from './settings.ts';

/** Where in time a check runs, so that many of them on one agent do not run at once. */

/** First runs lie this far apart on average, where there is the time for it. */
const firstRunsApartMs = 10;

/** A run that came earlier than its moment by no more than this, as timers may, is not followed by another right then. */
const earlyMaxMs = 5;

/** Steady runs begin at multiples of this, so that one wake-up of the process serves some of many, and not one. */
const rasterMaxMs = 200;

/** All checks of an agent. */
export function countChecks({ services }: Pick<Settings, 'services'>): number {
  return services.reduce((sum, { checks }) => sum + checks.length, 0);
}

/**
 * How long after a start a check first runs: not at all when it is the only one, and always less than its fast interval,
 * since nothing is announced before it has told.
 */
export function firstDelayMs(
  service: ServiceName,
  check: number,
  { fastIntervalMs }: CheckSettings,
  checkCount: number,
): number {
  const windowMs = Math.min(fastIntervalMs, firstRunsApartMs * (checkCount - 1));
  return Math.floor(shareOf(service, check) * windowMs);
}

/**
 * When a check that has nothing to find out more quickly runs again: at its own moment of every interval. That is one
 * interval after a run that was in time, and less after one that was not, as the first ones are.
 */
export function nextSteadyRunMs(
  service: ServiceName,
  check: number,
  { intervalMs }: CheckSettings,
  startedMs: number,
): number {
  const rasterMs = Math.min(rasterMaxMs, intervalMs / 10);
  const phaseMs = Math.floor((shareOf(service, check) * intervalMs) / rasterMs) * rasterMs;
  const latestMs = startedMs + intervalMs + earlyMaxMs;
  return Math.floor((latestMs - phaseMs) / intervalMs) * intervalMs + phaseMs;
}

/** A number from 0 up to 1 that looks random and is always the same for a check: FNV-1a, its bits mixed once more. */
function shareOf(service: ServiceName, check: number): number {
  const text = `${service}#${check}`;
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
