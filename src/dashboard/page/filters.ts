import { isCarrying } from '../letters.ts';
import type { Place } from '../why.ts';
import { memberStateOf } from './member-state.ts';
import type { Model, ServiceAct, ServiceModel, ServiceMove } from './model.ts';
import { isVipTroubled, roleAt } from './vip-state.ts';

/** What is shown; empty texts let everything through. */
export interface Filters {
  /** A service's whole name. */
  readonly service: string;
  /** Parts of names. */
  readonly member: string;
  readonly vip: string;
  readonly hasProblemsOnly: boolean;
}

export const noFilters: Filters = { service: '', member: '', vip: '', hasProblemsOnly: false };

/** Filters as a URL carries them, so that a view can be bookmarked and sent to somebody. */
export function filtersOf(query: URLSearchParams): Filters {
  return {
    service: query.get('service') ?? '',
    member: query.get('member') ?? '',
    vip: query.get('vip') ?? '',
    hasProblemsOnly: query.get('problems') === '1',
  };
}

/** The other way round; without what is not set. */
export function queryOf({ service, member, vip, hasProblemsOnly }: Filters): URLSearchParams {
  const query = new URLSearchParams();
  if (service !== '') query.set('service', service);
  if (member !== '') query.set('member', member);
  if (vip !== '') query.set('vip', vip);
  if (hasProblemsOnly) query.set('problems', '1');
  return query;
}

/** Rows and columns of one service that are shown. */
export interface Extract {
  readonly vips: readonly string[];
  readonly members: readonly string[];
}

/** Services that have something to show, in order. */
export function servicesShown(model: Model, filters: Filters): readonly ServiceModel[] {
  return [...model.services.values()].filter(
    (service) =>
      (filters.service === '' || service.service === filters.service) &&
      (!filters.hasProblemsOnly || isServiceTroubled(service)),
  );
}

/** The first of those that fit, and the one that somebody looks at, wherever it comes. Pure. */
export function sectionsDrawn(
  fitting: readonly ServiceModel[],
  count: number,
  place: Place | undefined,
): readonly ServiceModel[] {
  return fitting.filter(({ service }, index) => index < count || service === place?.service);
}

/** Whether a person should look at it. */
export function isServiceTroubled(service: ServiceModel): boolean {
  const { maintenance, problemCounts } = service.about;
  return (
    maintenance !== undefined ||
    problemCounts.error + problemCounts.warning > 0 ||
    [...service.vips.values()].some((vip) => isVipTroubled(service, vip))
  );
}

/** What of a service is shown: with problems alone, its troubled VIPs, and members that have to do with them or are not well. */
export function extractOf(service: ServiceModel, filters: Filters): Extract {
  const vips = service.order.vips.filter((name) => {
    const vip = service.vips.get(name);
    if (vip === undefined || !includes(name, filters.vip)) return false;
    return !filters.hasProblemsOnly || isVipTroubled(service, vip);
  });
  const named = service.order.members.filter((name) => includes(name, filters.member));
  if (!filters.hasProblemsOnly) return { vips, members: named };
  const concerned = membersConcerned(service, vips);
  return { vips, members: named.filter((name) => concerned.has(name)) };
}

function membersConcerned(service: ServiceModel, vips: readonly string[]): ReadonlySet<string> {
  const concerned = new Set<string>();
  for (const name of service.order.members) {
    const { tone } = memberStateOf(service, name);
    const isTroubled = service.members.get(name)?.trouble !== undefined;
    if (tone === 'bad' || tone === 'unsure' || isTroubled) concerned.add(name);
  }
  for (const name of vips) {
    const vip = service.vips.get(name);
    if (vip === undefined) continue;
    if (vip.owner !== undefined) concerned.add(vip.owner);
    for (const [index, member] of service.order.members.entries()) {
      const role = roleAt(service, vip, index);
      if (isCarrying(role) || role === 'refused') concerned.add(member);
    }
  }
  return concerned;
}

/** Moves of what is shown, the latest first. */
export function movesShown(moves: readonly ServiceMove[], filters: Filters) {
  return moves
    .filter(
      ({ service, member, vip }) =>
        (filters.service === '' || service === filters.service) &&
        includes(member, filters.member) &&
        includes(vip, filters.vip),
    )
    .reverse();
}

/** What was done to what is shown, the latest first; a maintenance is about every VIP and member. */
export function actsShown(acts: readonly ServiceAct[], filters: Filters): readonly ServiceAct[] {
  return acts
    .filter(({ service, name }) => {
      if (filters.service !== '' && service !== filters.service) return false;
      return name === undefined || includes(name, isVipName(name) ? filters.vip : filters.member);
    })
    .reverse();
}

/** Tells a VIP from a member: names of members have no slash. Pure. */
export function isVipName(name: string): boolean {
  return name.includes('/');
}

function includes(name: string, part: string): boolean {
  return name.toLowerCase().includes(part.trim().toLowerCase());
}
