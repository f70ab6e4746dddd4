import { announcedFirst } from './announced-first.ts';
import { blindPolicy } from './blind-policy.ts';
import type { CreateChecker } from './checker.ts';
import { maintenance } from './maintenance.ts';
import { neverDark } from './never-dark.ts';
import { noStorm } from './no-storm.ts';
import { outageAlone } from './outage-alone.ts';
import { ownerFirst } from './owner-first.ts';
import { plannedMoves } from './planned-moves.ts';
import { settled } from './settled.ts';
import { silentWhenSick } from './silent-when-sick.ts';

/** All promises, in the order of the issue that asked for them. */
export const checkers: readonly CreateChecker[] = [
  neverDark,
  plannedMoves,
  maintenance,
  silentWhenSick,
  settled,
  noStorm,
  outageAlone,
  ownerFirst,
  blindPolicy,
  announcedFirst,
];
