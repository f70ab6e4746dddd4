import type { Event } from './event.ts';
import type { Asn } from './route.ts';
import type { ServiceSettings, Settings } from './settings.ts';
import { type Reach, type SpeakerState, withChange } from './state.ts';

/**
 * Whether this LB can be reached through its routers at all: ExaBGP answers, and enough BGP sessions are established.
 * An LB that is cut off though alive gives its claims away, so that peers take over. Of a service that is announced to some
 * neighbors only, these alone count.
 */

type SpeakerEvent = Extract<
  Event,
  {
    kind:
      | 'speakerIdentified'
      | 'speakerSilent'
      | 'speakerResponsive'
      | 'speakerClosed'
      | 'neighborChanged'
      | 'neighborsListed';
  }
>;

/** Folds what is known about the speaker and its neighbors. */
export function hearSpeaker(speaker: SpeakerState, event: SpeakerEvent): SpeakerState {
  switch (event.kind) {
    case 'speakerIdentified':
      return speaker.phase === 'unidentified' ? { ...speaker, phase: 'ready' } : speaker;
    case 'speakerSilent':
      return { ...speaker, isSilent: true };
    case 'speakerResponsive':
      return { ...speaker, isSilent: false };
    case 'speakerClosed':
      return { ...speaker, phase: 'closed' };
    case 'neighborChanged': {
      const { neighbor, asNumbers } = event;
      return {
        ...speaker,
        neighbors: new Map(known(speaker)).set(neighbor, event.isEstablished),
        asNumbers:
          asNumbers === undefined
            ? speaker.asNumbers
            : new Map(speaker.asNumbers).set(neighbor, asNumbers),
      };
    }
    case 'neighborsListed': {
      const listsNeighbors = event.established !== undefined;
      return { ...speaker, listsNeighbors, neighbors: listed(speaker, event) };
    }
  }
}

function known(speaker: SpeakerState): ReadonlyMap<string, boolean> {
  return typeof speaker.neighbors === 'object' ? speaker.neighbors : new Map();
}

/** A list replaces what was believed; a neighbor once seen and not listed is down. */
function listed(
  speaker: SpeakerState,
  { established, down = [] }: Extract<Event, { kind: 'neighborsListed' }>,
): SpeakerState['neighbors'] {
  // State lines are worth more than the speaker's inability to list.
  if (established === undefined) return known(speaker).size > 0 ? known(speaker) : 'unknowable';
  const all = new Map([...known(speaker).keys(), ...down].map((neighbor) => [neighbor, false]));
  for (const neighbor of established) all.set(neighbor, true);
  return all;
}

/**
 * Brings `isConnected` and its memory up to `nowMs`, for all neighbors and for each choice of them, and `localAs` up to
 * what is known of the neighbors.
 */
export function updateReach(
  speaker: SpeakerState,
  settings: Settings['neighbors'],
  nowMs: number,
): SpeakerState {
  const { isConnected, hasBeenCutOff, enoughSinceMs } = speaker;
  const all = { isConnected, hasBeenCutOff, enoughSinceMs };
  return withChange(speaker, {
    localAs: prependableAs(speaker, settings),
    ...reachAt(all, hasEnough(speaker, settings, undefined), settings, nowMs),
    reachOfChosen: mapReaches(speaker.reachOfChosen, (reach, chosen) =>
      reachAt(reach, hasEnough(speaker, settings, chosen.split(' ')), settings, nowMs),
    ),
  });
}

function reachAt(
  before: Reach,
  isEnough: boolean | undefined,
  settings: Settings['neighbors'],
  nowMs: number,
): Reach {
  if (isEnough !== true) {
    const hasBeenCutOff = before.hasBeenCutOff || before.isConnected === true;
    return withChange(before, { enoughSinceMs: undefined, hasBeenCutOff, isConnected: isEnough });
  }
  const enoughSinceMs = before.enoughSinceMs ?? nowMs;
  const isStable = !before.hasBeenCutOff || nowMs >= enoughSinceMs + settings.stableForMs;
  // Once stable again, it stays connected until the next loss.
  const isConnected = before.isConnected === true || isStable;
  return withChange(before, { enoughSinceMs, isConnected });
}

function mapReaches(
  reaches: SpeakerState['reachOfChosen'],
  change: (reach: Reach, chosen: string) => Reach,
): SpeakerState['reachOfChosen'] {
  const after = new Map([...reaches].map(([chosen, reach]) => [chosen, change(reach, chosen)]));
  return [...reaches].every(([chosen, reach]) => after.get(chosen) === reach) ? reaches : after;
}

/**
 * Whether what a service announces has routers that learn it: of all neighbors, or of those that alone are told of it.
 * Undefined: not known yet.
 */
export function isConnected(
  speaker: Pick<SpeakerState, 'isConnected' | 'reachOfChosen'>,
  service: ServiceSettings,
): boolean | undefined {
  const chosen = chosenBy(service);
  return chosen === undefined
    ? speaker.isConnected
    : speaker.reachOfChosen.get(chosen)?.isConnected;
}

/** The reaches to keep for these services: what was known of a choice of neighbors stays known. */
export function reachesFor(
  services: readonly ServiceSettings[],
  known: SpeakerState['reachOfChosen'],
): SpeakerState['reachOfChosen'] {
  const choices = services.flatMap((service) => chosenBy(service) ?? []);
  const unknown = { enoughSinceMs: undefined, hasBeenCutOff: false, isConnected: undefined };
  return new Map(choices.map((chosen) => [chosen, known.get(chosen) ?? unknown]));
}

/** By name, the neighbors that alone are told of a service; every role has the same. */
function chosenBy({ announce }: ServiceSettings): string | undefined {
  return announce.owner.neighbors?.join(' ');
}

/**
 * Our AS, if a path may be lengthened with it towards every established neighbor: known, the same for all, and not the
 * neighbor's own, since over iBGP a path with our AS would be a loop.
 */
function prependableAs(speaker: SpeakerState, settings: Settings['neighbors']): Asn | undefined {
  if (settings.localAs !== undefined) return settings.localAs;
  let local: Asn | undefined;
  for (const [name, isEstablished] of known(speaker)) {
    if (!isEstablished) continue;
    const numbers = speaker.asNumbers.get(name);
    if (numbers === undefined || numbers.local === numbers.peer) return undefined;
    if (numbers.local !== (local ?? numbers.local)) return undefined;
    local = numbers.local;
  }
  return local;
}

/** When the first return becomes stable. */
export function stableAtMs(
  speaker: SpeakerState,
  settings: Settings['neighbors'],
): number | undefined {
  const waiting = [speaker, ...speaker.reachOfChosen.values()].flatMap(
    ({ isConnected, enoughSinceMs }) =>
      isConnected !== false || enoughSinceMs === undefined ? [] : enoughSinceMs,
  );
  return waiting.length === 0 ? undefined : Math.min(...waiting) + settings.stableForMs;
}

/**
 * Of a choice, neighbors that this ExaBGP does not have count for nothing: one file for all LBs may name those of each.
 * @param chosen the neighbors that count; undefined: all.
 */
function hasEnough(
  speaker: SpeakerState,
  { require }: Settings['neighbors'],
  chosen: readonly string[] | undefined,
): boolean | undefined {
  const { neighbors, listsNeighbors } = speaker;
  if (speaker.phase === 'closed' || speaker.isSilent) return false;
  if (require === 'off' || neighbors === 'unknowable') return true;
  if (neighbors === undefined) return undefined;
  const told = [...neighbors].filter(([name]) => chosen?.includes(name) !== false);
  // One that cannot list tells of a neighbor only when something becomes of it.
  if (told.length === 0 && listsNeighbors === false) return true;
  const established = told.filter(([, isEstablished]) => isEstablished).length;
  const isComplete = listsNeighbors !== undefined;
  const count = isComplete ? Math.max(1, told.length) : (chosen?.length ?? Infinity);
  const most = chosen === undefined ? Infinity : count;
  const needed = require === 'any' ? 1 : require === 'all' ? count : Math.min(require, most);
  if (established >= needed) return true;
  return isComplete ? false : undefined;
}
