import { byWhom } from '../by-whom.ts';
import type { FleetAct } from '../fleet-view.ts';
import type { Past } from '../past.ts';
import type { Style } from './style.ts';
import { type Cell, tableLines } from './table.ts';
import { timeText } from './times.ts';

/** Moves and acts a line each, the latest last, and how many there are besides. */
export function historyLines(
  { moves, acts, olderCount }: Past,
  { style, namesService }: { readonly style: Style; readonly namesService: boolean },
): readonly string[] {
  const rest =
    olderCount === 0
      ? []
      : [`and ${olderCount} older ones: --number and --since say how many are shown`];
  if (moves.length + acts.length === 0)
    return [
      `nothing of that is on record${olderCount === 0 ? '' : `, but ${olderCount} older ones`}`,
    ];
  const rows = [...acts.map(rowOfAct), ...moves.map(rowOfMove)].sort(
    (one, other) => Date.parse(one.at) - Date.parse(other.at),
  );
  const head = ['TIME', ...(namesService ? ['SERVICE'] : []), 'VIP', 'MEMBER', 'MOVE', 'WHY'];
  const cells = rows.map(({ at, service, texts, isAct }): readonly Cell[] => {
    const all = [timeText(at, 'milliseconds'), ...(namesService ? [service] : []), ...texts];
    return isAct ? all.map((text) => ({ text, paint: style.warn })) : all;
  });
  return [...tableLines(head, cells, style.faint), ...rest];
}

interface Row {
  readonly at: string;
  readonly service: string;
  /** VIP, member, move and why. */
  readonly texts: readonly string[];
  readonly isAct: boolean;
}

function rowOfMove({ at, service, vip, member, from, to, sentence }: Past['moves'][number]): Row {
  return { at, service, texts: [vip, member, `${from} -> ${to}`, sentence], isAct: false };
}

const actions = {
  maintenance: {
    set: 'maintenance on',
    changed: 'maintenance changed',
    lifted: 'maintenance off',
    ended: 'maintenance off',
  },
  drain: { set: 'drain', changed: 'drain changed', lifted: 'undrain', ended: 'drain ended' },
} as const;

function rowOfAct(act: Past['acts'][number]): Row {
  const { at, service, kind, name, action } = act;
  const isVip = name?.includes('/') === true;
  const place = isVip ? [name, 'all'] : ['all', name ?? 'all'];
  return { at, service, texts: [...place, actions[kind][action], whyOf(act)], isAct: true };
}

/** By whom and why; what is not on record is said. */
function whyOf(act: FleetAct): string {
  const { action, who, why, expires, source, seenBy } = act;
  if (action === 'ended') return `at the time it named, seen by ${seenBy}`;
  const by =
    who === undefined ? `by whom is not on record${byWhom({ why })}` : byWhom(act).trimStart();
  const until = expires === undefined ? '' : `, until ${timeText(expires)}`;
  return `${by}${until}${source === 'member' ? `, seen by ${seenBy}` : ''}`;
}
