import type { CreateChecker } from './checker.ts';

/** Sessions shorter than this may expire while a killed agent is started again. */
const sessionMinMs = 6_000;

/**
 * Nobody takes over what its owner carries: owners get the settle time after a start, after maintenance and after an
 * outage, and an agent that is killed and started again at once keeps what it had.
 */
export const ownerFirst: CreateChecker = ({ bounds, facts, fleet, lbs, plan }) => ({
  name: 'owner first',
  onCommand(lb, vip, isAnnouncement) {
    if (!isAnnouncement || plan.kind === 'mixed' || fleet.sessionTimeoutMs < sessionMinMs)
      return undefined;
    if (plan.kind === 'ensemble' && fleet.policy !== 'freeze') return undefined;
    // For a while some think so and some think otherwise.
    if (facts.wasSet('reload', bounds.recoveryMs)) return undefined;
    const service = fleet.services.find(({ vips }) => vips.some((entry) => entry.vip === vip));
    const owner = lbs.find(({ settings }) =>
      service?.vips.some((entry) => entry.vip === vip && entry.owner === settings.member),
    );
    if (service === undefined || owner === undefined || owner === lb) return undefined;
    // What was taken over before goes on, with other attributes, until it is handed back.
    if (lb.exabgp?.routes.has(vip) === true) return undefined;
    if (facts.carriedForMs(owner, service.name) <= bounds.recoveryMs) return undefined;
    return `${lb.name} takes ${vip} over though ${owner.name} has been there for ${Math.round(facts.carriedForMs(owner, service.name))} ms`;
  },
});
