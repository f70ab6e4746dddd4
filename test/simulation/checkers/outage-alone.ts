import type { CreateChecker } from './checker.ts';

/** An outage of the ensemble alone changes no route under `freeze`. */
export const outageAlone: CreateChecker = ({ bounds, fleet, plan, scheduler }) => ({
  name: 'outage alone',
  onCommand(lb, vip, role) {
    if (plan.kind !== 'ensemble' || fleet.policy !== 'freeze') return undefined;
    if (scheduler.nowMs <= bounds.recoveryMs) return undefined;
    return `${lb.name} ${role === undefined ? 'withdraws' : 'announces'} ${vip} because of an outage of ZooKeeper`;
  },
});
