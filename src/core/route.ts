declare const brand: unique symbol;

/** MULTI_EXIT_DISC, RFC 4271 §5.1.4: integer 0 to 4294967295, lower wins; lost at every AS boundary. */
export type Med = number & { readonly [brand]: 'Med' };
/** LOCAL_PREF, RFC 4271 §5.1.5: integer 0 to 4294967295, higher wins; never sent over eBGP. */
export type LocalPreference = number & { readonly [brand]: 'LocalPreference' };
/** Standard community in canonical text, `65000:1` with each half 0 to 65535 (RFC 1997), or a well-known name. */
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
}

/** Names ExaBGP and RFC 1997, 7999, 8326 know for communities. */
const wellKnown = new Set([
  'no-export',
  'no-advertise',
  'no-export-subconfed',
  'nopeer',
  'blackhole',
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
  if (wellKnown.has(text)) return text as Community;
  const match = /^(\d{1,5}):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const [high, low] = [Number(match[1]), Number(match[2])];
  return high <= 0xffff && low <= 0xffff ? (`${high}:${low}` as Community) : undefined;
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

/** Whether two attribute sets put the same bytes on the wire. */
export function sameAttributes(one: Attributes, other: Attributes): boolean {
  return attributesKey(one) === attributesKey(other);
}

function attributesKey(attributes: Attributes): string {
  const { nextHop, med, localPreference, asPath, communities } = attributes;
  const path = asPath?.join(' ') ?? '';
  return [nextHop, med ?? '', localPreference ?? '', path, ...(communities ?? [])].join('|');
}

function isUint32(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff;
}
