import type { CheckCompleted } from './event.ts';
import { initialCheck } from './initial-state.ts';
import type { CheckSettings, ServiceSettings } from './settings.ts';
import { firstDelayMs, nextSteadyRunMs } from './splay.ts';
import type { CheckState, Health, ServiceState } from './state.ts';

/** Folds one check result: `rise` passes in a row make it up, `fall` failures in a row make it down. */
export function hearCheck(
  service: ServiceState,
  event: CheckCompleted,
  nowMs: number,
): ServiceState {
  const settings = service.settings.checks[event.check];
  const before = service.checks[event.check];
  if (settings === undefined || before === undefined) return service;
  if (event.isDisabled === true || before.isDisabled)
    return restCheck(service, before, settings, event, nowMs);
  const sameSign = before.streak > 0 === event.passed && before.streak !== 0;
  const streak = (sameSign ? before.streak : 0) + (event.passed ? 1 : -1);
  const verdict = verdictOf(before.verdict, streak, settings);
  const startedMs = before.runningSinceMs ?? nowMs;
  const nextRunMs = agrees(verdict, streak)
    ? nextSteadyRunMs(service.settings.name, event.check, settings, startedMs)
    : startedMs + settings.fastIntervalMs;
  const check: CheckState = {
    verdict,
    isDisabled: false,
    streak,
    runningSinceMs: undefined,
    nextRunMs: Math.max(nowMs, nextRunMs),
    detail: event.detail,
    durationMs: event.durationMs,
  };
  return withChecks(service, service.checks.with(event.check, check));
}

/**
 * Of a disabled service nothing is known, so that what was announced for that stays until there is a verdict again. The
 * first result after it does not count, as with ExaBGP's healthcheck: what it looked at may only just be starting.
 */
function restCheck(
  service: ServiceState,
  before: CheckState,
  settings: CheckSettings,
  event: CheckCompleted,
  nowMs: number,
): ServiceState {
  const { check, detail, durationMs } = event;
  const isDisabled = event.isDisabled === true;
  const nextRunMs = Math.max(nowMs, (before.runningSinceMs ?? nowMs) + settings.intervalMs);
  const rested = { ...initialCheck('unknown', nextRunMs), isDisabled, detail, durationMs };
  return withChecks(service, service.checks.with(check, rested));
}

/** What a check has come to: a verdict, on its way to the other one, not known yet (`init`), or resting. */
export type CheckPhase = 'init' | 'rising' | 'falling' | 'up' | 'down' | 'disabled';

/** Tells the phase of a check; `init`: there is none of that number. */
export function phaseOf({ checks }: ServiceState, index: number): CheckPhase {
  const check = checks[index];
  if (check === undefined || (check.streak === 0 && !check.isDisabled)) return 'init';
  if (check.isDisabled) return 'disabled';
  const towards = check.streak > 0 ? 'up' : 'down';
  if (check.verdict === towards) return towards;
  return towards === 'up' ? 'rising' : 'falling';
}

/**
 * After a restart under the same ExaBGP, with our claim still standing, the service was up moments ago: the first pass
 * is enough, so that the claim is renewed before the old session expires.
 */
export function continueHealth(service: ServiceState): ServiceState {
  if (service.health !== 'unknown' || !isContinuation(service)) return service;
  if (!service.checks.some(hasPassedFirst)) return service;
  return withChecks(
    service,
    service.checks.map((check) => (hasPassedFirst(check) ? { ...check, verdict: 'up' } : check)),
  );
}

/** Marks a check as started. */
export function startCheck(service: ServiceState, index: number, nowMs: number): ServiceState {
  const before = service.checks[index];
  if (before === undefined) return service;
  return { ...service, checks: service.checks.with(index, { ...before, runningSinceMs: nowMs }) };
}

/** Indexes of the checks to start at `nowMs`. */
export function dueChecks(service: ServiceState, nowMs: number): readonly number[] {
  return [...service.checks.keys()].filter((index) => {
    const check = service.checks[index];
    return check !== undefined && check.runningSinceMs === undefined && check.nextRunMs <= nowMs;
  });
}

/**
 * For each check of the new settings, its place in those before; undefined for one that is new. What is looked at makes a
 * check; those with the same probe are matched in order.
 */
export function matchChecks(
  before: readonly CheckSettings[],
  after: readonly CheckSettings[],
): readonly (number | undefined)[] {
  const left = before.map(({ probe }, place) => ({ text: JSON.stringify(probe), place }));
  return after.map(({ probe }) => {
    const wanted = JSON.stringify(probe);
    const found = left.findIndex(({ text }) => text === wanted);
    return found === -1 ? undefined : left.splice(found, 1)[0]?.place;
  });
}

/** The service with new settings: checks that it had keep what they know, a new one has still to say that it is down. */
export function keepChecks(
  service: ServiceState,
  settings: ServiceSettings,
  nowMs: number,
  checkCount: number,
): ServiceState {
  const places = matchChecks(service.settings.checks, settings.checks);
  const checks = settings.checks.map((check, index) => {
    const before = service.checks[places[index] ?? -1];
    // An unknown verdict would leave a VIP to nobody that was well a moment ago.
    if (before === undefined) {
      const delayMs = firstDelayMs(settings.name, index, check, checkCount);
      return initialCheck(service.health === 'up' ? 'up' : 'unknown', nowMs + delayMs);
    }
    return { ...before, nextRunMs: Math.min(before.nextRunMs, nowMs + check.intervalMs) };
  });
  return withChecks({ ...service, settings }, checks);
}

function hasPassedFirst({ verdict, streak }: CheckState): boolean {
  return verdict === 'unknown' && streak > 0;
}

function isContinuation(service: ServiceState): boolean {
  return [...service.vips.values()].some(({ isOwner, claim }) => {
    const holder = claim?.holder;
    return isOwner && holder?.kind === 'predecessor' && holder.sameSpeaker;
  });
}

function verdictOf(before: Health, streak: number, settings: CheckSettings): Health {
  if (streak >= settings.rise) return 'up';
  if (-streak >= settings.fall) return 'down';
  return before;
}

function agrees(verdict: Health, streak: number): boolean {
  return (verdict === 'up' && streak > 0) || (verdict === 'down' && streak < 0);
}

function withChecks(service: ServiceState, checks: readonly CheckState[]): ServiceState {
  const health = combine(checks, service.settings.health);
  return { ...service, checks, health, isDisabled: checks.some((check) => check.isDisabled) };
}

/** Up as soon as enough checks are, down as soon as too few can be. */
function combine(checks: readonly CheckState[], enough: ServiceSettings['health']): Health {
  const count = (wanted: Health) => checks.filter(({ verdict }) => verdict === wanted).length;
  const needed = typeof enough === 'number' ? enough : checks.length;
  if (count('up') >= needed) return 'up';
  return checks.length - count('down') < needed ? 'down' : 'unknown';
}
