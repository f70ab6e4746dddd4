import type { ServiceModel } from './model.ts';

/** How a member is, in one word: the first that holds of what makes it of less use. */
export interface MemberState {
  readonly word: string;
  /** Says the same where a word does not fit. */
  readonly symbol: string;
  readonly tone: 'good' | 'bad' | 'aside' | 'unsure';
}

const unknown: MemberState = { word: 'unknown', symbol: '?', tone: 'unsure' };

/** How a member of a service is. Pure. */
export function memberStateOf(service: ServiceModel, name: string): MemberState {
  const member = service.members.get(name);
  if (member === undefined) return unknown;
  if (member.presence === 'gone') {
    // One that left in order is missed by nobody.
    return { word: 'gone', symbol: '\u2013', tone: member.trouble !== undefined ? 'bad' : 'aside' };
  }
  if (member.kind === 'exazk') return { word: 'ExaZK', symbol: 'E', tone: 'aside' };
  if (member.health === 'down') return { word: 'down', symbol: '\u2715', tone: 'bad' };
  if (member.isCutOff) return { word: 'cut off', symbol: '\u2298', tone: 'bad' };
  if (member.belief === 'blind') return { word: 'blind', symbol: '\u25d0', tone: 'bad' };
  if (member.isDrained) return { word: 'drained', symbol: '\u21af', tone: 'aside' };
  if (member.isLeaving) return { word: 'leaving', symbol: '\u2192', tone: 'aside' };
  if (member.health === 'unknown') return unknown;
  if (member.belief === 'suspended') return { word: 'suspended', symbol: '\u25d1', tone: 'unsure' };
  return { word: 'up', symbol: '\u2713', tone: 'good' };
}
