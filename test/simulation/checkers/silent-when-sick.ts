import type { ServiceSettings } from '../../../src/core/settings.ts';
import type { LoadBalancer } from '../load-balancer.ts';
import { type CreateChecker, firstBreach } from './checker.ts';

/** A member whose service is sick announces nothing of it, or only its `down` attributes. */
export const silentWhenSick: CreateChecker = ({ bounds, facts, fleet, lbs, scheduler }) => {
  const sickForMs = (lb: LoadBalancer, { name, checks }: ServiceSettings): number => {
    const health = lb.health.get(name);
    if (checks.length === 0 || health === undefined || health.isUp) return 0;
    return scheduler.nowMs - health.sinceMs;
  };
  // While it is handed back, its path is longer.
  const unfit = (lb: LoadBalancer, { vips, announce }: ServiceSettings) =>
    vips.find(({ vip }) => {
      const route = lb.exabgp?.routes.get(vip);
      return (
        route !== undefined && (announce.down === undefined || route.med !== announce.down.med)
      );
    });
  const breachOf = (lb: LoadBalancer) =>
    firstBreach(fleet.services, (service) => {
      const sickMs = sickForMs(lb, service);
      const route = sickMs > bounds.sickMs ? unfit(lb, service) : undefined;
      return (
        route &&
        `${lb.name} announces ${route.vip} though its service has been sick for ${Math.round(sickMs)} ms`
      );
    });
  return {
    name: 'silent when sick',
    onTick: () =>
      firstBreach(
        lbs.filter(
          (lb) =>
            lb.exabgp?.phase === 'running' &&
            lb.hasRunningAgent &&
            facts.undisturbedMs(lb) > bounds.sickMs,
        ),
        breachOf,
      ),
  };
};
