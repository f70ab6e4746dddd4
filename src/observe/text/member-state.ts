import type { MemberView } from '../fleet-view.ts';

/** A member's state in one word. */
export function memberState({ presence, isLeaving, isDrained, kind }: MemberView): string {
  if (kind === 'exazk') return 'ExaZK';
  if (presence === 'gone') return 'gone';
  if (isDrained) return 'drained';
  return isLeaving ? 'leaving' : 'present';
}
