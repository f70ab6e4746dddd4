import type { ZnodeNote } from '../core/event.ts';
import type { ServiceState } from '../core/state.ts';
import type { Act } from './act.ts';
import { isoTime } from './iso-time.ts';
import { actsMax } from './status-record.ts';

/**
 * What a member has seen done to a service, with what it sees now: what was there at its first reading is no news. The very
 * same list when nothing was done. Pure.
 */
export function withActsSeen(
  seen: readonly Act[],
  before: ServiceState | undefined,
  after: ServiceState | undefined,
  wallMs: number,
): readonly Act[] {
  if (before === undefined || after === undefined || before.view === after.view) return seen;
  const acts = [...maintenanceActs(before.view, after.view), ...drainActs(before.view, after.view)];
  const told = withNote(seen, after.view);
  if (acts.length === 0) return told;
  return [...told, ...acts.map((act) => ({ at: isoTime(wallMs), ...act }))].slice(-actsMax);
}

type View = ServiceState['view'];
type Undated = Omit<Act, 'at'>;

function maintenanceActs(
  { maintenance: before }: View,
  { maintenance: after }: View,
): readonly Undated[] {
  if (before === undefined || after === undefined || before.isPresent === after.isPresent)
    return [];
  return after.isPresent
    ? [{ kind: 'maintenance', action: 'set', ...inWords(after.note) }]
    : [{ kind: 'maintenance', action: 'lifted' }];
}

function drainActs({ drains: before }: View, { drains: after }: View): readonly Undated[] {
  if (before === undefined || after === undefined || before === after) return [];
  const { notes } = after;
  const set = [...after.drained].filter((name) => !before.drained.has(name));
  const lifted = [...before.drained].filter((name) => !after.drained.has(name));
  return [
    ...set.map(
      (name) => ({ kind: 'drain', name, action: 'set', ...inWords(notes?.get(name)) }) as const,
    ),
    ...lifted.map((name) => ({ kind: 'drain', name, action: 'lifted' }) as const),
  ];
}

/** Who and why of a maintenance are read after it was seen. */
function withNote(seen: readonly Act[], { maintenance }: View): readonly Act[] {
  const last = seen.findLastIndex(({ kind }) => kind === 'maintenance');
  const act = seen[last];
  const note = inWords(maintenance?.note);
  const isKnown = act === undefined || act.who !== undefined || act.why !== undefined;
  if (isKnown || act.action !== 'set' || Object.keys(note).length === 0) return seen;
  return seen.with(last, { ...act, ...note });
}

function inWords(note: ZnodeNote | undefined): Pick<Act, 'who' | 'why' | 'expires'> {
  const { who, why, expiresMs } = note ?? {};
  return {
    ...(who !== undefined && { who }),
    ...(why !== undefined && { why }),
    ...(expiresMs !== undefined && { expires: isoTime(expiresMs) }),
  };
}
