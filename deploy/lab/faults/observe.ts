import { type LoadBalancerName, vips } from '../plan.ts';
import type { ProbeReport, VipReport } from '../prober.ts';
import { countOutcomes, type RequestReport } from '../requests.ts';
import type { RouteChange } from '../route-monitor.ts';
import type { Stage } from '../stage.ts';
import { nowMs } from '../wait.ts';
import { type Check, holds, within } from './fault.ts';

/** Longest silence of the VIPs an LB owns. */
export function silenceOf(report: ProbeReport, owner: LoadBalancerName): number {
  return Math.max(...owned(report, owner).map(({ silenceMs }) => silenceMs));
}

/** No flow of any VIP of the other LBs lost a probe. */
export function othersUntouched(report: ProbeReport, owner: LoadBalancerName): Check {
  const others = report.vips.filter((vip) => !owned(report, owner).includes(vip));
  return unbroken('other VIPs', report, others);
}

/** No flow of any VIP lost a probe. */
export function allUntouched(what: string, report: ProbeReport): Check {
  return unbroken(what, report, report.vips);
}

/** No probe to any VIP but those was lost. */
export function untouchedBut(
  what: string,
  report: ProbeReport,
  vipsApart: readonly string[],
): Check {
  const others = report.vips.filter(({ vip }) => !vipsApart.includes(vip));
  return unbroken(what, report, others);
}

/** Every new request was answered, but for those that were under way when a route changed, which are counted. */
export function requestsAnswered(report: RequestReport): Check {
  const { total, failed, inFlight, inFlightFailed, slowestMs } = report;
  const lost = inFlightFailed.length === 0 ? '' : ` (${countOutcomes(inFlightFailed)})`;
  const figure = `${failed.length} of ${total}; in flight at a move ${inFlight}, of which failed ${inFlightFailed.length}${lost}`;
  const detail = [
    ...failed.slice(0, 5).map(({ vip, outcome, startedMs, endedMs }) => {
      const tookMs = Math.round(endedMs - startedMs);
      return `${vip} ${outcome} after ${tookMs} ms, begun ${new Date(startedMs).toISOString()}`;
    }),
    `slowest ${Math.round(slowestMs)} ms`,
  ].join('; ');
  return { what: 'new requests failed', isHeld: failed.length === 0, figure, detail };
}

/** The spine's routes did not change since a time. */
export function routesUnchanged(stage: Stage, fromMs: number): Check {
  const changes = stage.routes.changes(fromMs, nowMs());
  return holds('no route changes', changes.length === 0, changes.map(describeChange).join('; '));
}

/** Since a time, no other LB carried a VIP of the owner. */
export function nobodyElseCarried(stage: Stage, owner: LoadBalancerName, fromMs: number): Check {
  const foreign = stage.routes
    .changes(fromMs, nowMs())
    .filter(({ vip }) => vips.some(({ address, owner: name }) => address === vip && name === owner))
    .filter(({ after }) => after.some((name) => name !== owner));
  const detail = foreign.map(describeChange).join('; ');
  return holds(`nobody but ${owner} ever announced its VIPs`, foreign.length === 0, detail);
}

/** A route change in a few words. */
export function describeChange({ vip, before, after }: RouteChange): string {
  return `${vip}: ${before.join('+') || 'nobody'} -> ${after.join('+') || 'nobody'}`;
}

function owned(report: ProbeReport, owner: LoadBalancerName): readonly VipReport[] {
  const names = vips.filter((vip) => vip.owner === owner).map(({ address }) => address);
  return report.vips.filter(({ vip }) => names.includes(vip));
}

/**
 * "0": not one probe lost on any flow. A late answer is the machine's noise and no loss; the prober's own longest
 * pause is told beside it, because a loss could hide in there.
 */
function unbroken(what: string, report: ProbeReport, reports: readonly VipReport[]): Check {
  const silenceMs = Math.max(0, ...reports.map((vip) => vip.silenceMs));
  const broken = reports
    .filter(({ lost }) => lost > 0)
    .map(({ vip, lost, flows }) => `${vip} lost ${lost} (${flows.join('/')} ms by flow)`);
  const detail = [...broken, `prober paused at most ${Math.round(report.blindMs)} ms`].join('; ');
  return within(what, silenceMs, 0, detail);
}
