import type { CreateChecker } from './checker.ts';

/** A write may be on its way for this long while its reason goes. */
const underWayMs = 10_000;

/** Announce, then claim: a claim is made only by an LB whose ExaBGP has the owner's route, or had it a moment ago. */
export const announcedFirst: CreateChecker = ({ facts }) => ({
  name: 'announced first',
  onClaim(lb, vip) {
    const { exabgp } = lb;
    // It died, or stands still, or lost what it had, while the write was on its way.
    if (exabgp?.phase !== 'running' || facts.wasDisturbed([lb.name], underWayMs)) return undefined;
    return exabgp.hasHadAsOwner(vip, underWayMs)
      ? undefined
      : `${lb.name} claims ${vip}, which it does not announce as owner`;
  },
});
