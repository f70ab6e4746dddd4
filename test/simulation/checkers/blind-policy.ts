import type { ServiceSettings } from '../../../src/core/settings.ts';
import type { Vip } from '../../../src/core/vip.ts';
import type { LoadBalancer } from '../load-balancer.ts';
import { isServingRoute } from '../route-role.ts';
import { type CreateChecker, firstBreach, isOwnerOf } from './checker.ts';

/** A blind agent does what its policy says: `own` announces what it owns, `all` everything, `withdraw` nothing. */
export const blindPolicy: CreateChecker = (scene) => {
  const { bounds, facts, fleet, lbs } = scene;
  const blindAfterMs = fleet.sessionTimeoutMs * (4 / 3) * 1.05 + bounds.sickMs + 2_000;
  /** An operator's word, or sickness, comes before the policy. */
  const isOtherwise = (lb: LoadBalancer, { name }: ServiceSettings) =>
    lb.health.get(name)?.isUp !== true ||
    facts.wasSet(`maintenance ${name}`, Number.POSITIVE_INFINITY) ||
    facts.wasSet(`drain ${name} ${lb.name}`, Number.POSITIVE_INFINITY);
  const isWanted = (lb: LoadBalancer, vip: Vip) =>
    fleet.policy === 'all' || (fleet.policy === 'own' && isOwnerOf(scene, lb.settings.member, vip));
  const isRight = (lb: LoadBalancer, vip: Vip) => {
    const route = lb.exabgp?.routes.get(vip);
    if (route === undefined) return !isWanted(lb, vip);
    return isWanted(lb, vip)
      ? isServingRoute(route)
      : !isServingRoute(route) && fleet.policy === 'own';
  };
  const wrongRoute = (lb: LoadBalancer, service: ServiceSettings) =>
    service.vips.find(
      ({ vip }) => !facts.isOut(service.name, vip, Number.POSITIVE_INFINITY) && !isRight(lb, vip),
    );
  const breachOf = (lb: LoadBalancer) =>
    firstBreach(fleet.services, (service) => {
      const route = isOtherwise(lb, service) ? undefined : wrongRoute(lb, service);
      return route && `${lb.name} is blind, and ${route.vip} is not as "${fleet.policy}" has it`;
    });
  return {
    name: 'blind policy',
    onTick() {
      if (fleet.policy === 'freeze') return undefined;
      const blind = lbs.filter((lb) => facts.disconnectedForMs(lb) > blindAfterMs);
      return firstBreach(blind, breachOf);
    },
  };
};
