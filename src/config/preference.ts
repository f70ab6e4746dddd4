import { attributesFor, parseAsn, type RoleAttributes } from '../core/route.ts';

/** How a router that has the routes of two roles takes the one against the other. */
export interface Comparison {
  /** By local preference, then length of path, then MED (RFC 4271 §9.1), for the VIP where it is best. */
  readonly outcome: 'wins' | 'ties' | 'loses';
  /** The path is longer for every VIP, which holds across AS boundaries. */
  readonly hasLongerPath: boolean;
  /** It has a community that the other lacks, so routers can be told to tell them apart. */
  readonly isMarked: boolean;
}

/** Compares a role's routes with another's, for all VIPs of a service; both as the first of their rank. */
export function compareRoutes(
  role: RoleAttributes,
  other: RoleAttributes,
  vipCount: number,
): Comparison {
  // What depends on the place of a VIP grows with it, so the first and the last tell all.
  const margins = [0, Math.max(0, vipCount - 1)].map((index) => marginOf(role, other, index));
  const orders = margins.map((margin) => margin.find((part) => part !== 0) ?? 0);
  const best = Math.max(...orders);
  return {
    outcome: best > 0 ? 'wins' : best < 0 ? 'loses' : 'ties',
    hasLongerPath: margins.every(([, path]) => path < 0),
    isMarked: communitiesOf(role).some((community) => !communitiesOf(other).includes(community)),
  };
}

/** What routers assume where an attribute is missing. */
const assumed = { localPreference: 100, pathLength: 1, med: 0 } as const;

/** By how much the role is better, in the order in which routers look; negative: worse. */
function marginOf(
  role: RoleAttributes,
  other: RoleAttributes,
  index: number,
): readonly [number, number, number] {
  const [one, two] = [weigh(role, index), weigh(other, index)];
  return [
    one.localPreference - two.localPreference,
    two.pathLength - one.pathLength,
    two.med - one.med,
  ];
}

/** A route's attributes as routers see them. Which AS is prepended does not matter. */
function weigh(role: RoleAttributes, index: number) {
  const place = { isIpv6: false, index, rank: 0, localAs: parseAsn(1) };
  const { localPreference, asPath, med } = attributesFor(role, place);
  return {
    localPreference: localPreference ?? assumed.localPreference,
    pathLength: asPath?.length ?? assumed.pathLength,
    med: med ?? assumed.med,
  };
}

function communitiesOf(role: RoleAttributes): readonly string[] {
  const { communities = [], largeCommunities = [], extendedCommunities = [] } = role;
  return [...communities, ...largeCommunities, ...extendedCommunities];
}
