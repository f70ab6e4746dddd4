import type { Alarm } from './alarm.ts';
import { updateDamping } from './damping.ts';
import { hasSuccessor, updateLeave } from './handover.ts';
import { continueHealth } from './health.ts';
import {
  agree,
  type Coordination,
  type Decision,
  decide,
  roleOf,
  sameDecision,
} from './ownership.ts';
import type { Surroundings } from './pass.ts';
import type { Report } from './report.ts';
import { standBy } from './standby.ts';
import { mapVips, type ServiceState, type VipState, withChange } from './state.ts';
import { outrankedSince, rankVips, usablePeers } from './succession.ts';
import { settleIfDue } from './view.ts';

/** Decides every VIP of a service anew: what was agreed with the others, what is left, carried, or announced beside. */
export function decideService(
  surroundings: Surroundings,
  service: ServiceState,
  coordination: Coordination,
  nowMs: number,
  alarm: Alarm,
  reports: Report[],
): ServiceState {
  const settled =
    coordination === 'informed' ? settleIfDue(service, surroundings.session, nowMs) : service;
  const healthy = continueHealth(settled);
  if (healthy.health !== service.health && healthy.health !== 'unknown') {
    reports.push({
      kind: 'healthChanged',
      service: service.settings.name,
      to: healthy.health,
      detail: 'continued',
    });
  }
  const { member } = surroundings.settings;
  const damped = updateDamping(surroundings, healthy, nowMs, reports);
  const peers = usablePeers(damped);
  const ranked = rankVips(damped, member, peers);
  return mapVips(ranked, (before) => {
    const outrankedSinceMs = outrankedSince(ranked, before, member, peers, nowMs);
    const vip = withChange(before, { outrankedSinceMs });
    const leave = updateLeave(surroundings, ranked, vip, nowMs, alarm);
    const agreed = agree(ranked, vip, coordination, nowMs, alarm);
    const prepared = reportNobody(
      withChange(vip, { leave, agreed: sameDecision(vip.agreed, agreed) ? vip.agreed : agreed }),
      ranked,
      reports,
    );
    const carrying = decide(surroundings, ranked, prepared, coordination, nowMs, alarm);
    const decision = standBy(surroundings, ranked, prepared, carrying, coordination);
    if (sameDecision(vip.decision, decision)) return prepared;
    if (isWorthTelling(vip.decision, decision)) {
      reports.push({
        kind: 'decisionChanged',
        service: service.settings.name,
        vip: vip.vip,
        from: vip.decision,
        to: decision,
      });
    }
    return { ...prepared, decision };
  });
}

function reportNobody(vip: VipState, service: ServiceState, reports: Report[]): VipState {
  const { leave } = vip;
  if (leave === undefined || leave.isDone || leave.hasReportedNobody || hasSuccessor(service))
    return vip;
  reports.push({ kind: 'nobodyElse', service: service.settings.name, vip: vip.vip });
  return { ...vip, leave: { ...leave, hasReportedNobody: true } };
}

/** Freezing and thawing are told once by the change of belief, not again for every VIP. */
function isWorthTelling(before: Decision, after: Decision): boolean {
  if (before.kind !== after.kind || roleOf(before) !== roleOf(after)) return true;
  return before.reason !== 'frozen' && after.reason !== 'frozen';
}
