import type { Event } from './event.ts';
import type { Asn } from './route.ts';
import type { Settings } from './settings.ts';
import { type SpeakerState, withChange } from './state.ts';

/**
 * Whether this LB can be reached through its routers at all: ExaBGP answers, and enough BGP sessions are established.
 * An LB that is cut off though alive gives its claims away, so that peers take over.
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
    case 'neighborsListed':
      return { ...speaker, neighbors: listed(speaker, event.established) };
  }
}

function known(speaker: SpeakerState): ReadonlyMap<string, boolean> {
  return typeof speaker.neighbors === 'object' ? speaker.neighbors : new Map();
}

/** A list replaces what was believed; a neighbor once seen and not listed is down. */
function listed(
  speaker: SpeakerState,
  established: readonly string[] | undefined,
): SpeakerState['neighbors'] {
  // State lines are worth more than the speaker's inability to list.
  if (established === undefined) return known(speaker).size > 0 ? known(speaker) : 'unknowable';
  const all = new Map([...known(speaker).keys()].map((neighbor) => [neighbor, false]));
  for (const neighbor of established) all.set(neighbor, true);
  return all;
}

/** Brings `isConnected` and its memory up to `nowMs`, and `localAs` up to what is known of the neighbors. */
export function updateReach(
  speaker: SpeakerState,
  settings: Settings['neighbors'],
  nowMs: number,
): SpeakerState {
  const enough = hasEnough(speaker, settings);
  const localAs = prependableAs(speaker, settings);
  if (enough !== true) {
    const hasBeenCutOff = speaker.hasBeenCutOff || speaker.isConnected === true;
    const lost = { enoughSinceMs: undefined, hasBeenCutOff, isConnected: enough };
    return withChange(speaker, { localAs, ...lost });
  }
  const enoughSinceMs = speaker.enoughSinceMs ?? nowMs;
  const isStable = !speaker.hasBeenCutOff || nowMs >= enoughSinceMs + settings.stableForMs;
  // Once stable again, it stays connected until the next loss.
  const isConnected = speaker.isConnected === true || isStable;
  return withChange(speaker, { localAs, enoughSinceMs, isConnected });
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

/** When a return becomes stable. */
export function stableAtMs(
  speaker: SpeakerState,
  settings: Settings['neighbors'],
): number | undefined {
  if (speaker.isConnected !== false || speaker.enoughSinceMs === undefined) return undefined;
  return speaker.enoughSinceMs + settings.stableForMs;
}

function hasEnough(speaker: SpeakerState, settings: Settings['neighbors']): boolean | undefined {
  if (speaker.phase === 'closed' || speaker.isSilent) return false;
  if (settings.require === 'off' || speaker.neighbors === 'unknowable') return true;
  if (speaker.neighbors === undefined) return undefined;
  let established = 0;
  for (const isEstablished of speaker.neighbors.values()) established += Number(isEstablished);
  const needed = { any: 1, all: Math.max(1, speaker.neighbors.size) };
  const require = settings.require;
  return established >= (typeof require === 'number' ? require : needed[require]);
}
