import type { ServiceReading } from '../core/fleet.ts';
import { type Act, parseJournal } from './act.ts';
import type { Circumstances } from './causes.ts';
import type { FleetAct } from './fleet-view.ts';

/**
 * What was done to a service on purpose, by time, each once: as commands kept it, and where they did not, as members saw
 * it or as the znode says that is there. Maintenance, and each drain, comes and goes in turn; so what follows in the same
 * sense is the same event told again, unless a command kept it as one of its own. Pure.
 */
export function actsOf(
  { journal }: Pick<ServiceReading, 'journal'>,
  about: Circumstances,
): readonly FleetAct[] {
  const told = [
    ...parseJournal(journal).map((act): FleetAct => ({ ...act, source: 'command' })),
    ...standing(about),
    ...about.members.flatMap(({ member, status }) =>
      (status?.acts ?? []).map((act): FleetAct => ({ ...act, source: 'member', seenBy: member })),
    ),
  ];
  const subjects = new Map<string, FleetAct[]>();
  for (const act of told.sort(byTime)) {
    const key = act.name ?? '';
    const acts = subjects.get(key) ?? [];
    subjects.set(key, acts);
    tell(acts, act);
  }
  return [...subjects.values()].flat().sort(byTime);
}

/** What is there now, by the znodes themselves; since when may not be known. */
function standing({ maintenance, drains }: Circumstances): readonly FleetAct[] {
  const act = (
    kind: Act['kind'],
    note: { since?: string; who?: string; why?: string; expires?: string },
    name?: string,
  ): readonly FleetAct[] => {
    const { since, who, why, expires } = note;
    if (since === undefined) return [];
    return [
      {
        at: since,
        kind,
        action: 'set',
        source: 'znode',
        ...(name !== undefined && { name }),
        ...(who !== undefined && { who }),
        ...(why !== undefined && { why }),
        ...(expires !== undefined && { expires }),
      },
    ];
  };
  return [
    ...(maintenance === undefined ? [] : act('maintenance', maintenance)),
    ...drains
      .filter(({ kind }) => kind !== 'unknown')
      .flatMap((drain) => act('drain', drain, drain.name)),
  ];
}

/** Adds an act to those of one subject, or knows it again as the last of them. */
function tell(acts: FleetAct[], act: FleetAct): void {
  const last = acts.at(-1);
  const next = last === undefined ? act : asEnd(last, act);
  const isNews =
    last === undefined ||
    isSetting(last) !== isSetting(next) ||
    (last.source === 'command' && next.source === 'command');
  if (isNews) acts.push(next);
  else if (isBetter(next, last)) acts[acts.length - 1] = next;
}

/** Clocks of two hosts differ by less, where NTP does its work. */
const skewMs = 2_000;

/** A drain that a member saw go at its time has ended by itself. */
function asEnd({ expires }: FleetAct, act: FleetAct): FleetAct {
  const isDue = expires !== undefined && Date.parse(act.at) >= Date.parse(expires) - skewMs;
  return isDue && act.action === 'lifted' && act.source === 'member'
    ? { ...act, action: 'ended' }
    : act;
}

function isSetting({ action }: FleetAct): boolean {
  return action === 'set' || action === 'changed';
}

const ranks = { command: 2, znode: 1, member: 0 } as const;

/** Whoever deletes a drain that has ended by itself has not ended it. */
function isBetter(one: FleetAct, other: FleetAct): boolean {
  return other.action !== 'ended' && ranks[one.source] > ranks[other.source];
}

function byTime(one: FleetAct, other: FleetAct): number {
  return Date.parse(one.at) - Date.parse(other.at);
}
