import { Address4, Address6 } from 'ip-address';

declare const brand: unique symbol;

/**
 * A service prefix in canonical text: `10.20.255.1/32`, `2001:db8:30::1/128`, `10.30.0.0/24`.
 * IPv6 is written as RFC 5952 says; host bits are zero. Equal prefixes are equal strings.
 */
export type Vip = string & { readonly [brand]: 'Vip' };

/** Address family of a prefix. */
export type Family = 'ipv4' | 'ipv6';

/** Why a text is no prefix, in words fit for a config error. */
export type VipProblem = 'notAnAddress' | 'badLength' | 'hostBitsSet';

/**
 * Parses an address or prefix. No length means a host route (/32 or /128).
 * Returns the problem instead of throwing; zone ids, port numbers, octal octets and spaces are refused.
 */
export function parseVip(text: string): Vip | VipProblem {
  const [address, length, ...rest] = text.split('/');
  if (address === undefined || rest.length > 0 || address.includes('%')) return 'notAnAddress';
  const parsed = parseAddress(address);
  if (parsed === undefined) return 'notAnAddress';
  if (length !== undefined && !/^(0|[1-9]\d{0,2})$/.test(length)) return 'badLength';
  const bits = parsed.family === 'ipv4' ? 32 : 128;
  const prefixLength = length === undefined ? bits : Number(length);
  if (prefixLength > bits) return 'badLength';
  const hostMask = (1n << BigInt(bits - prefixLength)) - 1n;
  if ((parsed.value & hostMask) !== 0n) return 'hostBitsSet';
  return `${parsed.text}/${prefixLength}` as Vip;
}

/** Tells a parsed VIP from a problem of {@link parseVip}. */
export function isVip(result: Vip | VipProblem): result is Vip {
  return result.includes('/');
}

/** Address family of a VIP. */
export function familyOf(vip: Vip): Family {
  return vip.includes(':') ? 'ipv6' : 'ipv4';
}

/** Whether a prefix covers the whole of another. */
export function contains(prefix: Vip, vip: Vip): boolean {
  if (familyOf(prefix) !== familyOf(vip)) return false;
  return familyOf(vip) === 'ipv4'
    ? new Address4(vip).isInSubnet(new Address4(prefix))
    : new Address6(vip).isInSubnet(new Address6(prefix));
}

/** Parses one address (no length) to its canonical text, or undefined when it is none. */
export function parseHostAddress(text: string): string | undefined {
  return text.includes('%') ? undefined : parseAddress(text)?.text;
}

/**
 * The znode name of a VIP's claim. Host routes use the bare address, as ExaZK does; a network uses `_` for the
 * slash, which ZooKeeper does not allow in a name: `10.30.0.0_24`.
 */
export function claimName(vip: Vip): string {
  const [address, length] = vip.split('/');
  return isHostRoute(vip) ? `${address}` : `${address}_${length}`;
}

/** Whether a VIP is one address, not a network. */
export function isHostRoute(vip: Vip): boolean {
  return vip.endsWith(familyOf(vip) === 'ipv4' ? '/32' : '/128');
}

/** Reads a claim's znode name back; undefined for a name that is no VIP. */
export function vipOfClaimName(name: string): Vip | undefined {
  const result = parseVip(name.replace('_', '/'));
  return isVip(result) ? result : undefined;
}

function parseAddress(text: string): { family: Family; text: string; value: bigint } | undefined {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) {
    const octets = text.split('.');
    if (octets.some((octet) => octet !== String(Number(octet)) || Number(octet) > 255))
      return undefined;
    // With no other zeros allowed there is only one way to write it.
    const value = octets.reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
    return { family: 'ipv4', text, value };
  }
  if (!/^[0-9a-fA-F:.]+$/.test(text) || !Address6.isValid(text)) return undefined;
  const parsed = new Address6(text);
  return { family: 'ipv6', text: parsed.correctForm(), value: parsed.bigInt() };
}
