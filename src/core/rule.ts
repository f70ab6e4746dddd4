import type { AnnounceReason, HoldReason, WithdrawReason } from './ownership.ts';

/**
 * Who announces what, per VIP: the first line that holds decides. The lines themselves are in ownership.ts, handover.ts
 * and standby.ts; here each has its number and its words, and each reason of a decision the line that it comes from.
 */
export const rules = [
  'ZooKeeper is not to be believed, or was not read yet: what was agreed before, or onCoordinationLoss',
  'the service is in maintenance: withdraw',
  'this member, or this VIP, is taken out: withdraw, after a hand-over',
  'its health is not up: withdraw, or announce with the `down` attributes',
  'this member owns it: announce as owner',
  'its claim is missing for takeover.delay, and this member is among the chosen backups: announce as backup',
  'standby is configured: announce with the standby attributes',
  'otherwise: withdraw',
] as const;

/** 0 to 7: an index of {@link rules}. */
export type RuleNumber = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

export type Reason = AnnounceReason | WithdrawReason | HoldReason;

/** `byRole`: standby where it is announced as that, or else nothing. */
const ruleOfReason: Readonly<Record<Reason, RuleNumber | 'byRole'>> = {
  noView: 0,
  memberIdTaken: 0,
  frozen: 0,
  coordinationLost: 0,
  maintenance: 1,
  drained: 2,
  disabled: 2,
  leaving: 2,
  handedOver: 2,
  stopping: 2,
  removed: 2,
  healthDown: 3,
  noVerdict: 3,
  owner: 4,
  // Where there is nobody to agree with, every VIP is this member's own.
  standalone: 4,
  claimMissing: 5,
  handingBack: 5,
  noLocalAs: 6,
  heldByOwner: 'byRole',
  settling: 'byRole',
  takeoverDelay: 'byRole',
  notChosen: 'byRole',
  damped: 'byRole',
};

/** Whether a text, as a member's record has it, is a reason of this version. */
export function isReason(text: string): text is Reason {
  return Object.hasOwn(ruleOfReason, text);
}

/**
 * Which line decided. What waits for its turn as a backup is decided by the line that it waits for.
 * @param role as members record it: that of an announcement, `none` for withdrawn, `hold` for left as it is.
 */
export function ruleOf(reason: Reason, role: string): RuleNumber {
  const rule = ruleOfReason[reason];
  if (rule !== 'byRole') return rule;
  if (role === 'standby') return 6;
  return role === 'hold' ? 5 : 7;
}
