import type { CreateChecker } from './checker.ts';

/** Commands for one prefix on one LB per event of the world: announce, take over, yield, withdraw, each once or twice. */
const perEvent = 8;
/** Transactions per event, member and VIP: claims and presence, made and taken back. */
const writesPerEvent = 12;

/** The number of route changes, and of writes to ZooKeeper, is bounded by the number of events times a small constant. */
export const noStorm: CreateChecker = ({ ensemble, facts, fleet, lbs }) => {
  const counts = new Map<string, number>();
  const vipCount = fleet.services.reduce((sum, { vips }) => sum + vips.length, 0);
  return {
    name: 'no storm',
    onCommand(lb, vip) {
      const key = `${lb.name} ${vip}`;
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      if (count <= perEvent * (facts.eventCount + lbs.length)) return undefined;
      return `${count} commands for ${vip} on ${lb.name} after ${facts.eventCount} events`;
    },
    onTick() {
      const limit = writesPerEvent * (facts.eventCount + lbs.length) * lbs.length * vipCount;
      return ensemble.log.length > limit
        ? `${ensemble.log.length} transactions after ${facts.eventCount} events`
        : undefined;
    },
  };
};
