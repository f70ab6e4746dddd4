import type { ActPart } from '../wire.ts';
import { momentOf } from './times.ts';

const actions = {
  maintenance: {
    set: 'maintenance on',
    changed: 'maintenance changed',
    lifted: 'maintenance off',
    ended: 'maintenance off',
  },
  drain: { set: 'drained', changed: 'drain changed', lifted: 'undrained', ended: 'drain is over' },
} as const;

/** What was done. Pure. */
export function whatWasDone({ kind, name, action }: ActPart): string {
  const words = actions[kind][action];
  return name === undefined ? words : `${name} ${words}`;
}

/** By whom and why, or what is known instead. Pure. */
export function whyItWasDone(
  { action, who, why, expires, seenBy }: ActPart,
  nowMs: number,
): string {
  const saw = seenBy === undefined ? '' : `, as ${seenBy} saw`;
  if (action === 'ended') return `at the time it named${saw}`;
  const by = who === undefined ? 'by whom is not on record' : `by ${who}`;
  const reason = why === undefined ? '' : `: ${why}`;
  const until = expires === undefined ? '' : `, until ${momentOf(expires, nowMs)}`;
  return `${by}${reason}${until}${saw}`;
}
