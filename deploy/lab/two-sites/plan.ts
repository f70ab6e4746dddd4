/**
 * The network of seed 002 as data: two sites with the same VIPs, each preferred for half of them.
 *
 *                         ┌── border-a ── lvs-a   site A: AS65001, AS65101
 *     client ── router1 ──┤
 *               AS64500   └── border-b ── lvs-b   site B: AS65002, AS65102
 *               (FRR)         (BIRD)
 */

export const routerAsn = 64500;
export const holdTimeSeconds = 9;
export const clientAddress = { ipv4: '203.0.113.2', ipv6: 'fd00:c::2' } as const;
export const routerClientAddress = { ipv4: '203.0.113.1', ipv6: 'fd00:c::1' } as const;
/** The name that stands for all VIPs. */
export const vipName = 'vip-1.tld';

export type Family = 'ipv4' | 'ipv6';
export const families: readonly Family[] = ['ipv4', 'ipv6'];

/** VIPs, and the site that is preferred for each. */
export const vips: readonly { readonly address: string; readonly family: Family }[] = [
  { address: '192.0.2.1', family: 'ipv4' },
  { address: '192.0.2.2', family: 'ipv4' },
  { address: '2001:db8::1', family: 'ipv6' },
  { address: '2001:db8::2', family: 'ipv6' },
];

export interface Site {
  readonly number: 1 | 2;
  readonly border: string;
  readonly lvs: string;
  readonly borderAsn: number;
  readonly lvsAsn: number;
}

export const siteA: Site = {
  number: 1,
  border: 'border-a',
  lvs: 'lvs-a',
  borderAsn: 65001,
  lvsAsn: 65101,
};
export const siteB: Site = {
  number: 2,
  border: 'border-b',
  lvs: 'lvs-b',
  borderAsn: 65002,
  lvsAsn: 65102,
};
export const sites: readonly Site[] = [siteA, siteB];

/** How often a site prepends its AS to the VIPs that the other site is preferred for. */
export const prepend = 2;

export const hostLength: Readonly<Record<Family, number>> = { ipv4: 32, ipv6: 128 };
export const linkLength: Readonly<Record<Family, number>> = { ipv4: 30, ipv6: 64 };

/** The two ends of a link: that nearer to the client, and the other. */
export type Ends = Readonly<Record<Family, readonly [string, string]>>;

export function uplinkOf({ number }: Site): Ends {
  return linkOf(0, number);
}

export function lvsLinkOf({ number }: Site): Ends {
  return linkOf(1, number);
}

function linkOf(tier: number, number: number): Ends {
  const ipv6 = `fd00:${tier}:${number}::`;
  return {
    ipv4: [`10.${tier}.${number}.1`, `10.${tier}.${number}.2`],
    ipv6: [`${ipv6}1`, `${ipv6}2`],
  };
}
