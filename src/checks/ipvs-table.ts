import { isIP } from 'node:net';
import type { IpvsProbe } from '../core/probe.ts';

/**
 * The table of IPVS as text, in either of two layouts that differ in their numbers only. The kernel's (/proc/net/ip_vs,
 * `ip_vs_info_seq_show` in net/netfilter/ipvs/ip_vs_ctl.c) has addresses, ports and firewall marks in hexadecimal, IPv6
 * addresses written out. `ipvsadm -Ln` has them as people write them, and pads the third heading.
 */
type Layout = 'kernel' | 'ipvsadm';

/** A line of a virtual server, and those of its real servers. */
const virtualServer = /^(TCP|UDP|SCTP|FWM) +(\S+)/;
const realServer = /^ +-> +\S+ +\S+ +(-?\d+) /;
const heading = /^ {2}-> RemoteAddress:Port( +)Forward Weight /m;

/** How many real servers there are, and how many of them get connections. */
export interface RealServers {
  readonly count: number;
  /** With a weight above 0. */
  readonly weighted: number;
}

/** The real servers of one virtual server; undefined when the table does not have it, `notATable` for any other text. */
export function readRealServers(
  text: string,
  service: IpvsProbe['service'],
): RealServers | undefined | 'notATable' {
  const spaces = heading.exec(text)?.[1];
  if (spaces === undefined) return 'notATable';
  const layout: Layout = spaces === ' ' ? 'kernel' : 'ipvsadm';
  const lines = text.split('\n');
  const first = lines.findIndex((line) => {
    const [, protocol = '', place = ''] = virtualServer.exec(line) ?? [];
    return protocol !== '' && isService(protocol, place, layout, service);
  });
  if (first === -1) return undefined;
  const rest = lines.slice(first + 1);
  const next = rest.findIndex((line) => virtualServer.test(line));
  const weights = rest
    .slice(0, next === -1 ? undefined : next)
    .flatMap((line) => realServer.exec(`${line} `)?.[1] ?? []);
  return { count: weights.length, weighted: weights.filter((weight) => Number(weight) > 0).length };
}

function isService(
  protocol: string,
  place: string,
  layout: Layout,
  service: IpvsProbe['service'],
): boolean {
  const base = layout === 'kernel' ? 16 : 10;
  if ('mark' in service) return protocol === 'FWM' && Number.parseInt(place, base) === service.mark;
  if (protocol !== service.protocol.toUpperCase()) return false;
  const colon = place.lastIndexOf(':');
  const address = place.slice(0, colon).replace(/^\[|\]$/g, '');
  const port = Number.parseInt(place.slice(colon + 1), base);
  return port === service.port && canonical(address) === canonical(service.address);
}

/** One spelling per address. */
function canonical(address: string): string {
  if (/^[0-9A-F]{8}$/.test(address)) {
    const parts = address.match(/../g) ?? [];
    return parts.map((part) => Number.parseInt(part, 16)).join('.');
  }
  return isIP(address) === 6 ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}
