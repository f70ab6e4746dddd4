import type { Role } from '../../../src/core/ownership.ts';
import type { Vip } from '../../../src/core/vip.ts';
import type { FleetSettings } from '../fleet-settings.ts';
import type { LoadBalancer } from '../load-balancer.ts';
import type { Plan } from '../plan.ts';
import { isServingRoute } from '../route-role.ts';
import type { CreateChecker } from './checker.ts';

/** Sessions shorter than this may expire while a killed agent is started again. */
const sessionMinMs = 6_000;

/**
 * Nobody takes over what its owner carries: owners get the settle time after a start, after maintenance and after an
 * outage, and an agent that is killed and started again at once keeps what it had.
 */
export const ownerFirst: CreateChecker = ({ bounds, facts, fleet, lbs, plan }) => ({
  name: 'owner first',
  onCommand(lb, vip, role) {
    if (!isJudged(plan, fleet) || !isTakeover(lb, vip, role)) return undefined;
    // For a while some think so and some think otherwise.
    if (facts.wasSet('reload', bounds.recoveryMs)) return undefined;
    const service = fleet.services.find(({ vips }) => vips.some((entry) => entry.vip === vip));
    const owner = lbs.find(({ settings }) =>
      service?.vips.some((entry) => entry.vip === vip && entry.owner === settings.member),
    );
    if (service === undefined || owner === undefined || owner === lb) return undefined;
    // Its owner's claim may be seen to go before the drain is seen to come.
    if (facts.isOut(service.name, vip, 0)) return undefined;
    // A withdraw and an announcement take an ExaBGP so slow longer than anybody waits.
    if (2 * fleet.slownessMs >= service.takeover.settleMs) return undefined;
    if (facts.carriedForMs(owner, service.name) <= bounds.recoveryMs + bounds.dampedMs)
      return undefined;
    return `${lb.name} takes ${vip} over though ${owner.name} has been there for ${Math.round(facts.carriedForMs(owner, service.name))} ms`;
  },
});

/** Plans in which nothing but what is planned, or ZooKeeper, gets in an owner's way. */
function isJudged({ kind }: Plan, { sessionTimeoutMs, policy }: FleetSettings): boolean {
  if (kind === 'mixed' || sessionTimeoutMs < sessionMinMs) return false;
  return kind !== 'ensemble' || policy === 'freeze';
}

/** What was taken over before goes on, with other attributes, until it is handed back; what is beside takes nothing over. */
function isTakeover(lb: LoadBalancer, vip: Vip, role: Role | undefined): boolean {
  const before = lb.exabgp?.routes.get(vip);
  const isServing = before !== undefined && isServingRoute(before);
  return (role === 'owner' || role === 'backup') && !isServing;
}
