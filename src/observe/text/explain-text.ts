import { byWhom } from '../by-whom.ts';
import type { Explanation, MemberExplanation } from '../explain.ts';
import type { Style } from './style.ts';
import { ageText } from './times.ts';

/** An explanation for people: the VIP first, then one block for each member. */
export function explainLines(
  explanation: Explanation,
  readAt: string,
  style: Style,
): readonly string[] {
  const { vip, service, owner, claim, drains, maintenance, announcers, problems } = explanation;
  const by = announcers
    .map(({ member, role }) => (role === 'exazk' ? 'a member of ExaZK' : `${member} as ${role}`))
    .join(', ');
  return [
    style.bold(`${vip} of ${service}`),
    `  owner: ${owner ?? 'not known, or not the same at all members'}`,
    `  claim: ${claimText(claim, readAt)}`,
    `  announced by: ${by === '' ? style.bad('nobody') : by}`,
    ...(maintenance === undefined
      ? []
      : [style.warn(`  the service is in maintenance${byWhom(maintenance)}`)]),
    ...drains.map((drain) =>
      style.warn(`  ${drain.name === vip ? 'the VIP' : drain.name} is drained${byWhom(drain)}`),
    ),
    ...problems.map(({ subject, sentence }) => style.warn(`  problem: ${subject} ${sentence}`)),
    ...explanation.members.flatMap((member) => ['', ...memberLines(member, readAt, style)]),
  ];
}

function claimText(claim: Explanation['claim'], readAt: string): string {
  if (claim === undefined) return 'none';
  const holders = {
    member: `held by ${claim.holder}`,
    exazk: 'held by a member of ExaZK',
    persistent: 'held by no session: delete its znode',
    unreadable: 'there, by somebody whose data is not understood',
  };
  return `${holders[claim.kind]}, for ${ageText(claim.since, readAt)}`;
}

function memberLines(
  { member, presence, role, sentence, since, rule, facts, changesWhen }: MemberExplanation,
  readAt: string,
  style: Style,
): readonly string[] {
  const isGone = presence === 'gone';
  // Of the role: its reason may be younger. Of one that is gone it is not known until when it lasted.
  const age = isGone ? '' : `; ${roleText(role)} for ${ageText(since, readAt)}`;
  const state = sentence === undefined ? 'not known' : `${sentence}${age}`;
  const isAnnounced = !isGone && role !== undefined && role !== 'none' && role !== 'hold';
  return [
    `${style.bold(member)}: ${isGone ? style.warn('gone, before that ') : ''}${isAnnounced ? style.good(state) : state}`,
    ...(rule === undefined ? [] : [`  by rule ${rule.number}: ${rule.text}`]),
    `  facts: ${facts.join('; ')}`,
    ...(changesWhen === undefined ? [] : [`  changes when: ${changesWhen}`]),
  ];
}

function roleText(role: string | undefined): string {
  if (role === 'none') return 'without a route';
  return role === 'hold' ? 'left as it is' : 'in that role';
}
