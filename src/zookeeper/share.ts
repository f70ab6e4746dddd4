import type { MemberId } from '../core/settings.ts';

/**
 * A number from 0 up to 1 by which the members of a fleet keep out of each other's way: the same in each life of a
 * member, and spread evenly however alike their ids are (FNV-1a, mixed as in MurmurHash3).
 */
export function shareOf(member: MemberId): number {
  let hash = 0x811c9dc5;
  for (const character of member)
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
