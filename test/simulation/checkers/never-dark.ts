import type { ServiceSettings } from '../../../src/core/settings.ts';
import type { Vip } from '../../../src/core/vip.ts';
import { vipsOf } from '../fleet-settings.ts';
import { type CreateChecker, firstBreach, serversOf } from './checker.ts';

/**
 * Outside of maintenance and of a VIP's own drain, a VIP is not without an announcer for longer than the recovery bound
 * while some member has been able to carry it for all that time. Standby routes count for nothing here.
 */
export const neverDark: CreateChecker = (scene) => {
  const { bounds, facts, fleet, lbs, scheduler } = scene;
  const vips = vipsOf(fleet);
  const darkSinceMs = new Map<Vip, number>();
  const darkForMs = (vip: Vip): number => {
    if (serversOf(scene, vip).length > 0) {
      darkSinceMs.delete(vip);
      return 0;
    }
    const sinceMs = darkSinceMs.get(vip) ?? scheduler.nowMs;
    darkSinceMs.set(vip, sinceMs);
    return scheduler.nowMs - sinceMs;
  };
  const isMeant = (service: ServiceSettings, vip: Vip) =>
    facts.wasSet(`maintenance ${service.name}`, bounds.recoveryMs) ||
    facts.isOut(service.name, vip, bounds.recoveryMs);
  return {
    name: 'never dark',
    onTick: () =>
      firstBreach(vips, ({ service, vip }) => {
        const darkMs = darkForMs(vip);
        if (darkMs <= bounds.recoveryMs || isMeant(service, vip)) return undefined;
        const able = lbs.find((lb) => facts.ableForMs(lb, service.name) > bounds.recoveryMs);
        return (
          able &&
          `${vip} has had no announcer for ${Math.round(darkMs)} ms though ${able.name} could announce it`
        );
      }),
  };
};
