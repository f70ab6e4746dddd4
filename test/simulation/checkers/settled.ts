import type { ServiceSettings } from '../../../src/core/settings.ts';
import { claimName, type Vip } from '../../../src/core/vip.ts';
import { standbyOf, vipsOf } from '../fleet-settings.ts';
import { costOfRoute, roleOfRoute } from '../route-role.ts';
import { type CreateChecker, carriersOf, firstBreach, isOwnerOf } from './checker.ts';

/**
 * Once faults have stopped, only owners announce, and the others as standby where that is configured, each in a rank of
 * its own; routers prefer the owner's; claims stand, and no route changes afterwards.
 */
export const settled: CreateChecker = (scene) => {
  const { ensemble, fleet, lbs, network } = scene;
  const tree = () => ensemble.leader?.tree;
  const misplaced = (service: ServiceSettings, vip: Vip) =>
    firstBreach(lbs, (lb) => {
      const isOwner = isOwnerOf(scene, lb.settings.member, vip);
      const besides = standbyOf(fleet, service) === undefined ? undefined : 'standby';
      const wanted = isOwner ? 'owner' : besides;
      const route = lb.exabgp?.routes.get(vip);
      const role = route && roleOfRoute(route);
      if (role === wanted) return undefined;
      return `${lb.name} announces ${vip} as ${role ?? 'nothing'}, not as ${wanted ?? 'nothing'}`;
    });
  const unevenRanks = (service: ServiceSettings, vip: Vip) => {
    const standby = standbyOf(fleet, service);
    if (standby?.medPerRank === undefined) return undefined;
    const { med: first, medPerRank: step } = standby;
    const meds = lbs.flatMap((lb) => {
      const route = lb.exabgp?.routes.get(vip);
      return route === undefined || roleOfRoute(route) === 'owner' ? [] : [Number(route.med)];
    });
    const ranks = meds.map((med) => (med - Number(first)) / step).sort();
    return ranks.every((rank, place) => rank === place)
      ? undefined
      : `${vip} has standby routes of ranks ${ranks.join(' ')}`;
  };
  const misrouted = (vip: Vip) => {
    const routes = [...network.announcersOf(vip)].map(
      ([name, attributes]) => [costOfRoute(attributes), name] as const,
    );
    const least = Math.min(...routes.map(([cost]) => cost));
    const best = routes.flatMap(([cost, name]) => (cost === least ? [name] : []));
    const owner = lbs.find(({ settings }) => isOwnerOf(scene, settings.member, vip));
    return best.join() === owner?.name ? undefined : `routers prefer ${best.join(' ')} for ${vip}`;
  };
  return {
    name: 'settled',
    onSettled() {
      const ofVips = firstBreach(vipsOf(fleet), ({ service, vip }) => {
        const wrong = misplaced(service, vip) ?? unevenRanks(service, vip) ?? misrouted(vip);
        if (wrong !== undefined) return wrong;
        const count = standbyOf(fleet, service) === undefined ? 1 : lbs.length;
        if (carriersOf(scene, vip).length !== count)
          return `routers know ${vip} from ${carriersOf(scene, vip).length} LBs, not from ${count}`;
        const claim = tree()?.get(`/exabgp/service/${service.name}/${claimName(vip)}`);
        return claim?.owner === undefined ? `${vip} has no claim` : undefined;
      });
      const ofMembers = firstBreach(fleet.services, ({ name }) => {
        const members = tree()?.children(`/exabgp/member/${name}`) ?? [];
        return members.length === lbs.length
          ? undefined
          : `${name} has members ${members.join(' ')}`;
      });
      return ofVips ?? ofMembers;
    },
    onCommand(lb, vip, role) {
      if (!scene.isSettled) return undefined;
      return `${lb.name} ${role === undefined ? 'withdraws' : 'announces'} ${vip} though nothing happened`;
    },
  };
};
