import type { CreateChecker } from './checker.ts';

/** Within its bound nobody connected announces a service in maintenance, and nobody starts again before it is lifted. */
export const maintenance: CreateChecker = ({ bounds, facts, fleet, lbs }) => {
  const serviceOf = (vip: string) =>
    fleet.services.find(({ vips }) => vips.some((entry) => entry.vip === vip));
  return {
    name: 'maintenance',
    onCommand(lb, vip, role) {
      const service = serviceOf(vip);
      if (role === undefined || service === undefined) return undefined;
      const presentMs = facts.presentForMs(`maintenance ${service.name}`) ?? 0;
      if (presentMs <= bounds.maintenanceMs || facts.connectedForMs(lb) <= bounds.recoveryMs)
        return undefined;
      return `${lb.name} announces ${vip} though its service is in maintenance`;
    },
    onTick() {
      for (const service of fleet.services) {
        const presentMs = facts.presentForMs(`maintenance ${service.name}`) ?? 0;
        if (presentMs <= bounds.maintenanceMs) continue;
        for (const lb of lbs) {
          const wasConnected = facts.connectedForMs(lb) > Math.max(presentMs, bounds.recoveryMs);
          const vip = service.vips.find((entry) => lb.exabgp?.routes.has(entry.vip));
          if (wasConnected && vip !== undefined)
            return `${lb.name} still announces ${vip.vip} ${Math.round(presentMs)} ms into maintenance`;
        }
      }
      return undefined;
    },
  };
};
