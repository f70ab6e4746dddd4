import { claimName, type Vip } from '../../../src/core/vip.ts';
import { vipsOf } from '../fleet-settings.ts';
import { type CreateChecker, carriersOf, firstBreach, isOwnerOf } from './checker.ts';

/** Once faults have stopped, only owners announce, their claims stand, and no route changes afterwards. */
export const settled: CreateChecker = (scene) => {
  const { ensemble, fleet, lbs } = scene;
  const tree = () => ensemble.leader?.tree;
  const misplaced = (vip: Vip) =>
    firstBreach(lbs, (lb) => {
      const isOwner = isOwnerOf(scene, lb.settings.member, vip);
      if (lb.exabgp?.routes.has(vip) === isOwner) return undefined;
      return `${lb.name} ${isOwner ? 'does not announce its' : 'still announces'} ${vip}`;
    });
  return {
    name: 'settled',
    onSettled() {
      const ofVips = firstBreach(vipsOf(fleet), ({ service, vip }) => {
        const wrong = misplaced(vip);
        if (wrong !== undefined) return wrong;
        if (carriersOf(scene, vip).length !== 1)
          return `routers do not know ${vip} from its owner alone`;
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
    onCommand(lb, vip, isAnnouncement) {
      if (!scene.isSettled) return undefined;
      return `${lb.name} ${isAnnouncement ? 'announces' : 'withdraws'} ${vip} though nothing happened`;
    },
  };
};
