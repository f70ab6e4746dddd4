import type { MovePart } from '../wire.ts';
import { momentOf } from './times.ts';

interface MoveItemProps {
  readonly move: MovePart;
  /** All it happened at. */
  readonly members: readonly string[];
  /** All it happened to. */
  readonly vips: readonly string[];
  readonly service?: string | undefined;
  readonly nowMs: number;
  /** Absent: what is shown is about this place already. */
  readonly onLook?: () => void;
}

const words: Readonly<Record<string, string>> = { none: 'withdrawn', hold: 'held' };

/** One move: when, which VIP, where, from what to what, and why. */
export function MoveItem({ move, members, vips, service, nowMs, onLook }: MoveItemProps) {
  const { at, from, to, sentence } = move;
  const what = (
    <>
      {service !== undefined && `${service} `}
      <span class="vip">{some(vips)}</span> on {some(members)}
    </>
  );
  return (
    <li class="move">
      <time dateTime={at}>{momentOf(at, nowMs)}</time>
      <div>
        {onLook === undefined ? (
          what
        ) : (
          <button type="button" class="plain" onClick={onLook}>
            {what}
          </button>
        )}
        <span class="change">
          {wordOf(from)} <span aria-hidden="true">{'\u2192'}</span>
          <span class="unseen">to</span> <b class={`role ${tone(to)}`}>{wordOf(to)}</b>
        </span>
        <p>{sentence}</p>
      </div>
    </li>
  );
}

function some(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}

function wordOf(role: string): string {
  return Object.hasOwn(words, role) ? (words[role] ?? role) : role;
}

/** Class names come from here, never from ZooKeeper. */
function tone(role: string): string {
  return ['owner', 'backup', 'standby'].find((known) => known === role) ?? 'none';
}
