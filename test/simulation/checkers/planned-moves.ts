import { type CreateChecker, carriersOf } from './checker.ts';

/**
 * Planned moves never leave an instant without an announcer that the network has already learned: a VIP may only go dark
 * when something unplanned happened, or when nobody is there to hand it to.
 */
export const plannedMoves: CreateChecker = (scene) => {
  const { bounds, facts, fleet, lbs } = scene;
  const wasCarried = new Set<string>();
  return {
    name: 'planned moves',
    onLearned(vip) {
      if (carriersOf(scene, vip).length > 0) {
        wasCarried.add(vip);
        return undefined;
      }
      if (!wasCarried.delete(vip)) return undefined;
      const service = fleet.services.find(({ vips }) => vips.some((entry) => entry.vip === vip));
      if (service === undefined) return undefined;
      const withinMs = bounds.recoveryMs;
      if (
        facts.wasDisturbed(
          lbs.map(({ name }) => name),
          withinMs,
        )
      )
        return undefined;
      if (facts.wasSet(`maintenance ${service.name}`, withinMs)) return undefined;
      if (facts.isOut(service.name, vip, withinMs)) return undefined;
      const able = lbs.find((lb) => facts.ableForMs(lb, service.name) > withinMs);
      return able && `${vip} lost its last announcer though only planned moves were under way`;
    },
  };
};
