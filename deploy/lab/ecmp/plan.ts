/**
 * The network of seed 004 as data: one VIP on both servers, spread by the edge router.
 *
 *     client ── isp ───────── edge ──┬── server-1
 *               AS65000  AS65500     └── server-2    (iBGP)
 *                        (FRR)
 */

export const ispAsn = 65000;
export const edgeAsn = 65500;
export const vip = '10.13.13.1';

export const clientAddresses: readonly string[] = ['10.0.0.1', '10.0.0.2'];
export const ispClientAddress = '10.0.0.254';
export const ispAddress = '172.16.42.2';
export const edgeIspAddress = '172.16.42.3';
export const edgeAddress = '10.12.12.254';
export const holdTimeSeconds = 9;

export interface Server {
  readonly name: string;
  readonly address: string;
}

export const servers: readonly [Server, Server] = [
  { name: 'server-1', address: '10.12.12.1' },
  { name: 'server-2', address: '10.12.12.2' },
];
