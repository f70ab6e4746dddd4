import type { Alarm } from './alarm.ts';
import type { Coordination } from './ownership.ts';
import type { Services } from './services.ts';
import type { ServiceState, SessionState, SpeakerState, State } from './state.ts';

/**
 * A step decides again only what can come out otherwise than last time: services that are not what they were, or whose
 * time has come, or that find room now for what they have to send; and all of them when their surroundings changed. Of
 * most services at most steps nothing is new but a check's run, and that changes no decision as long as health stays.
 */

const ofState = ['settings', 'startedMs', 'stopping'] as const;
const ofSession = ['belief', 'connection', 'timeoutMs'] as const;
const ofSpeaker = ['phase', 'isSilent', 'isConnected', 'reachOfChosen', 'localAs'] as const;

/**
 * All that the rule about a service reads besides that service and the time. What belongs to the rule takes this, not
 * the state, so that it cannot read anything whose changes would go unnoticed.
 */
export type Surroundings = Pick<State, (typeof ofState)[number]> & {
  readonly session: Pick<SessionState, (typeof ofSession)[number]>;
  readonly speaker: Pick<SpeakerState, (typeof ofSpeaker)[number]>;
};

/** What the rule about a service does not read of it; of its checks it reads whether they are disabled. */
const unread: ReadonlySet<keyof ServiceState> = new Set(['checks', 'wakeAtMs', 'decideAtMs']);

/** A service that something has to be done for. */
export interface Due {
  readonly service: ServiceState;
  /** Else there is nothing but its checks to see to. */
  readonly mustDecide: boolean;
}

/** A service that is decided, on its way through a step; lives for that step only. */
export interface Turn {
  service: ServiceState;
  readonly coordination: Coordination;
  /** Of this service alone. */
  readonly alarm: Alarm;
}

/** What the last step went over. */
export interface Pass {
  /** As they went in. One that came out changed is another one now, so it is decided again until it stays as it is. */
  readonly services: Services;
  readonly surroundings: Surroundings;
  /** When the first of them is due by time alone; Infinity: none is. */
  readonly wakeAtMs: number;
  /** Some have more to send than there was room for. */
  readonly isWaiting: boolean;
}

/** The services that are due at `nowMs`, in configured order. `room`: commands that may be sent. */
export function dueServices(state: State, room: number, nowMs: number): readonly Due[] {
  const { pass, services } = state;
  const toDecide = (service: ServiceState): Due => ({ service, mustDecide: true });
  if (!isSame(pass.surroundings, state)) return services.list.map(toDecide);
  const hasRoom = pass.isWaiting && room > 0;
  if (services === pass.services && nowMs < pass.wakeAtMs && !hasRoom) return [];
  const changed = new Set(services.changedSince(pass.services));
  const isOpen = (service: ServiceState) =>
    nowMs >= service.decideAtMs ||
    (changed.has(service) && isOther(pass.services.get(service.settings.name), service));
  // Those that are decided again anyway may come to have nothing to send, and then the room is another's.
  const others = hasRoom ? services.list.filter((service) => !isOpen(service)) : [];
  const first = new Set(firstInLine(others, room));
  const due: Due[] = [];
  for (const service of services.list) {
    const mustDecide = first.has(service) || isOpen(service);
    if (mustDecide || changed.has(service) || nowMs >= service.wakeAtMs)
      due.push({ service, mustDecide });
  }
  return due;
}

/** Whether a service has become another than it was to the rule about it. */
function isOther(before: ServiceState | undefined, after: ServiceState): boolean {
  // The first verdict may come from what a check found before it has told anything.
  if (before === undefined || after.health === 'unknown') return true;
  for (const name in after) {
    const key = name as keyof ServiceState;
    if (before[key] !== after[key] && !unread.has(key)) return true;
  }
  return false;
}

/** Remembers what a step went over: `before` as it went in, `after` as it came out. */
export function passOver(before: State, after: Pick<State, 'services'>): Pass {
  const { settings, startedMs, stopping, session, speaker } = before;
  let wakeAtMs = Infinity;
  let isWaiting = false;
  for (const service of after.services.list) {
    wakeAtMs = Math.min(wakeAtMs, service.wakeAtMs);
    isWaiting ||= service.waitsFor !== 'nothing';
  }
  return {
    services: before.services,
    surroundings: { settings, startedMs, stopping, session, speaker },
    wakeAtMs,
    isWaiting,
  };
}

/** Enough of those that wait to fill the room, whichever of them is served first. */
function firstInLine(services: readonly ServiceState[], room: number): readonly ServiceState[] {
  const waitingFor = (what: ServiceState['waitsFor']) =>
    services.filter(({ waitsFor }) => waitsFor === what).slice(0, room);
  return [...waitingFor('withdraw'), ...waitingFor('announce')];
}

function isSame(one: Surroundings, other: Surroundings): boolean {
  return (
    ofState.every((key) => one[key] === other[key]) &&
    ofSession.every((key) => one.session[key] === other.session[key]) &&
    ofSpeaker.every((key) => one.speaker[key] === other.speaker[key])
  );
}
