declare const brand: unique symbol;

/** MULTI_EXIT_DISC, RFC 4271 §5.1.4: integer 0 to 4294967295, lower wins; lost at every AS boundary. */
export type Med = number & { readonly [brand]: 'Med' };
/** LOCAL_PREF, RFC 4271 §5.1.5: integer 0 to 4294967295, higher wins; never sent over eBGP. */
export type LocalPreference = number & { readonly [brand]: 'LocalPreference' };
/** Standard community in canonical text, `65000:1` with each half 0 to 65535 (RFC 1997), or a name ExaBGP knows. */
export type Community = string & { readonly [brand]: 'Community' };
/** `self` or one address in canonical text. */
export type NextHop = string & { readonly [brand]: 'NextHop' };

/** AS number, RFC 6793: 1 to 4294967295, without AS_TRANS (23456) and the last one (RFC 7300). */
export type Asn = number & { readonly [brand]: 'Asn' };

/** What a route carries besides its prefix. Absent means: not written, ExaBGP's default applies. */
export interface Attributes {
  readonly nextHop: NextHop;
  readonly med?: Med;
  readonly localPreference?: LocalPreference;
  /** The exact path on the wire; absent: ExaBGP sends the local AS over eBGP, nothing over iBGP. */
  readonly asPath?: readonly Asn[];
  readonly communities?: readonly Community[];
  readonly largeCommunities?: readonly LargeCommunity[];
  readonly extendedCommunities?: readonly ExtendedCommunity[];
  readonly pathId?: PathId;
  /** The neighbors that get the route, at least one; absent: all that ExaBGP serves this process for. */
  readonly neighbors?: readonly NeighborAddress[];
}

/** What a role is announced with, before it is worked out for one VIP and one rank; see {@link attributesFor}. */
export interface RoleAttributes extends Omit<Attributes, 'nextHop'> {
  readonly nextHop: NextHop | { readonly ipv4: NextHop; readonly ipv6: NextHop };
  /** How many times our AS stands in the path besides the one time that it does anyway; eBGP only. */
  readonly asPathPrepend?: number;
  /** Added to `asPathPrepend` for each place behind the first among those that would take the VIP over. */
  readonly prependPerRank?: number;
  /** Added to the MED for each VIP of the service before this one. */
  readonly medPerVip?: number;
  /** Added to the MED for each place behind the first. */
  readonly medPerRank?: number;
}

/** Where a role's attributes are to be used. */
export interface Place {
  readonly isIpv6: boolean;
  /** Place of the VIP in the service's list, from 0. */
  readonly index: number;
  /** Our place, from 0, among the members that would take the VIP over; 0 for its owner. */
  readonly rank: number;
  /** Our AS towards every neighbor; undefined: not known, or some neighbor is iBGP, and nothing can be prepended. */
  readonly localAs: Asn | undefined;
}

/**
 * Longer paths are dropped by many routers; and of two hundred members the last would have one that makes an UPDATE over
 * 4096 bytes, which ExaBGP accepts, and then flaps. Those at the end are alike instead.
 */
const prependMax = 40;

/** The attributes of a role for one VIP. Without a known local AS nothing is prepended. */
export function attributesFor(role: RoleAttributes, place: Place): Attributes {
  // Nearly always: the same object again, which nobody has to compare.
  if (isFixed(role)) return role;
  const { nextHop, asPathPrepend = 0, prependPerRank = 0, medPerVip, medPerRank, ...rest } = role;
  const { isIpv6, index, rank, localAs } = place;
  const prepend = Math.min(prependMax, asPathPrepend + rank * prependPerRank);
  const increase = index * (medPerVip ?? 0) + rank * (medPerRank ?? 0);
  const hasPrepends = localAs !== undefined && prepend > 0;
  return {
    ...rest,
    nextHop: typeof nextHop === 'string' ? nextHop : nextHop[isIpv6 ? 'ipv6' : 'ipv4'],
    ...(increase > 0 && { med: Math.min(0xffff_ffff, (rest.med ?? 0) + increase) as Med }),
    ...(hasPrepends && {
      asPath: [...Array<Asn>(prepend).fill(localAs), ...(rest.asPath ?? [localAs])],
    }),
  };
}

/** Whether our AS is prepended at some place, so that without a known one these are other attributes than meant. */
export function isPrepended({ asPathPrepend = 0, prependPerRank = 0 }: RoleAttributes): boolean {
  return asPathPrepend > 0 || prependPerRank > 0;
}

/** Large community in canonical text, `65000:1:2`, each part 0 to 4294967295 (RFC 8092). */
export type LargeCommunity = string & { readonly [brand]: 'LargeCommunity' };
/** Extended community in ExaBGP's text: `target:65000:1`, `origin:65000:1` or `0x0002fde800000001` (RFC 4360). */
export type ExtendedCommunity = string & { readonly [brand]: 'ExtendedCommunity' };
/** Path identifier, RFC 7911: integer 0 to 4294967295; part of a route's key where add-path was negotiated. */
export type PathId = number & { readonly [brand]: 'PathId' };
/** Address of a BGP neighbor in canonical text, as ExaBGP names it. */
export type NeighborAddress = string & { readonly [brand]: 'NeighborAddress' };

function isFixed(role: RoleAttributes): role is RoleAttributes & Attributes {
  const { nextHop, asPathPrepend, prependPerRank, medPerVip, medPerRank } = role;
  return (
    typeof nextHop === 'string' && !asPathPrepend && !prependPerRank && !medPerVip && !medPerRank
  );
}

/** Names of RFC 1997, 3765, 7999 and 8326, each in the form that every ExaBGP takes. */
const wellKnown: ReadonlyMap<string, string> = new Map([
  ['no-export', 'no-export'],
  ['no-advertise', 'no-advertise'],
  ['no-export-subconfed', 'no-export-subconfed'],
  ['nopeer', 'nopeer'],
  ['blackhole', 'blackhole'],
  ['graceful-shutdown', '65535:0'],
]);

/** Parses a MED; undefined when it is no integer from 0 to 4294967295. */
export function parseMed(value: number): Med | undefined {
  return isUint32(value) ? (value as Med) : undefined;
}

/** Parses a local preference; undefined when it is no integer from 0 to 4294967295. */
export function parseLocalPreference(value: number): LocalPreference | undefined {
  return isUint32(value) ? (value as LocalPreference) : undefined;
}

/**
 * Parses a standard community. Both halves are checked because ExaBGP accepts 65000:65536 and sends 65001:0.
 */
export function parseCommunity(text: string): Community | undefined {
  const name = wellKnown.get(text);
  if (name !== undefined) return name as Community;
  const match = /^(\d{1,5}):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const [high, low] = [Number(match[1]), Number(match[2])];
  return high <= 0xffff && low <= 0xffff ? (`${high}:${low}` as Community) : undefined;
}

/** Parses a large community; checked because ExaBGP 4.2.21 does not even answer to a part over 4294967295. */
export function parseLargeCommunity(text: string): LargeCommunity | undefined {
  if (!/^\d{1,10}:\d{1,10}:\d{1,10}$/.test(text)) return undefined;
  const parts = text.split(':').map(Number);
  return parts.every(isUint32) ? (parts.join(':') as LargeCommunity) : undefined;
}

/**
 * Parses an extended community: `target:` or `origin:` with an AS of 2 bytes and a number of 4, or an AS of 4 bytes and a
 * number of 2; or all 8 bytes as `0x` and 16 digits. One with an address is refused, since ExaBGP 4.2.21 sends another
 * than it was told: such are to be written in digits.
 */
export function parseExtendedCommunity(text: string): ExtendedCommunity | undefined {
  if (/^0x[\da-f]{16}$/i.test(text)) return text.toLowerCase() as ExtendedCommunity;
  const match = /^(target|origin):(\d{1,10}):(\d{1,10})$/.exec(text);
  if (match === null) return undefined;
  const [as, number] = [Number(match[2]), Number(match[3])];
  const isFit = isUint32(as) && number <= (as <= 0xffff ? 0xffff_ffff : 0xffff);
  return isFit ? (`${match[1]}:${as}:${number}` as ExtendedCommunity) : undefined;
}

/** Parses a path identifier, written as a number or in the form of an IPv4 address. */
export function parsePathId(text: string): PathId | undefined {
  if (/^\d{1,10}$/.test(text)) return isUint32(Number(text)) ? (Number(text) as PathId) : undefined;
  const octets = text.split('.');
  const isQuad = octets.length === 4 && octets.every((octet) => /^(0|[1-9]\d{0,2})$/.test(octet));
  if (!isQuad || octets.some((octet) => Number(octet) > 255)) return undefined;
  return octets.reduce((value, octet) => value * 256 + Number(octet), 0) as PathId;
}

/** Parses an AS number; undefined when it is none that may stand in a path. */
export function parseAsn(value: number): Asn | undefined {
  const isUsable = isUint32(value) && value !== 0 && value !== 23_456 && value !== 0xffff_ffff;
  return isUsable ? (value as Asn) : undefined;
}

/** The same attributes with one AS more in the path: at equal length elsewhere, every router prefers another route. */
export function lessPreferred(attributes: Attributes, localAs: Asn): Attributes {
  return { ...attributes, asPath: [localAs, ...(attributes.asPath ?? [localAs])] };
}

/** The next hop every helper uses unless told otherwise. */
export const nextHopSelf = 'self' as NextHop;

/** Whether two attribute sets put the same bytes on the same wires. */
export function sameAttributes(one: Attributes, other: Attributes): boolean {
  if (one === other) return true;
  return (
    singles.every((name) => one[name] === other[name]) &&
    lists.every((name) => sameList(one[name] ?? [], other[name] ?? []))
  );
}

const singles = ['nextHop', 'med', 'localPreference', 'pathId'] as const;
const lists = [
  'asPath',
  'communities',
  'largeCommunities',
  'extendedCommunities',
  'neighbors',
] as const;

function sameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}

function isUint32(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff;
}
