import { isIP } from 'node:net';
import type { DnsType, HttpProbe, IpvsProbe, TcpProbe } from '../core/probe.ts';
import { parseHostAddress } from '../core/vip.ts';
import { parseServer } from './hosts.ts';
import type { Complaint } from './problem.ts';
import { integer, isComplaint, oneOf, type Parse } from './values.ts';

/** The values of checks, each with what is said of a wrong one. */

const wrong = (expected: string, fix: string, found?: string): Complaint => ({
  code: 'CONFIG_WRONG_VALUE',
  expected,
  fix,
  ...(found === undefined ? {} : { found }),
});

/** A text that is not empty and holds no NUL, as a name in messages. */
export const text =
  (expected: string): Parse<string> =>
  (value) =>
    value === '' || value.includes('\0') ? wrong(expected, 'write it') : value;

/** `http` or `https`; credentials have a place of their own, where they are not shown. */
export const url: Parse<string> = (value) => {
  const form = 'a URL as http://127.0.0.1/healthcheck or https://[2001:db8::1]:8443/';
  const parsed = /^https?:\/\/[^/\s]/.test(value) ? parseUrl(value) : undefined;
  if (value.includes('@') && (parsed === undefined || parsed.username + parsed.password !== '')) {
    return wrong(
      `${form}, without user and password`,
      'write headers: { Authorization: ... } for them',
      'a text with an @ (hidden)',
    );
  }
  if (parsed !== undefined && !/\s/.test(value)) return value;
  return wrong(form, 'start with http:// or https://; an IPv6 address belongs into brackets');
};

function parseUrl(value: string): URL | undefined {
  try {
    return new URL(value);
  } catch {
    return undefined;
  }
}

/** Status codes as `200-299,301`. */
export const statusSet: Parse<HttpProbe['status']> = (value) => {
  const ranges = value.split(',').map((part): readonly [number, number] => {
    const [, first = '', last = first] = /^\s*([1-5]\d\d)(?:-([1-5]\d\d))?\s*$/.exec(part) ?? [];
    return [Number(first || Number.NaN), Number(last || Number.NaN)];
  });
  if (ranges.every(([first, last]) => first <= last)) return ranges;
  return wrong(
    'status codes from 100 to 599 as 200-299,301',
    'write codes or ranges, the lower end first, with commas in between',
  );
};

/** Methods that ask and change nothing, and two that some health pages want. */
export const method = oneOf(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT']);

/** The name of a header; those that the request itself needs are left to it. */
export function isHeaderName(name: string): boolean {
  const own = ['connection', 'content-length', 'transfer-encoding', 'upgrade'];
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && !own.includes(name.toLowerCase());
}

/** The value of a header, which may be a secret. */
export const headerValue: Parse<string> = (value) =>
  /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
    ? value
    : wrong(
        'a header value in one line of Latin-1',
        'remove line ends and other control characters',
        'a text with others (hidden)',
      );

/** A regular expression of JavaScript, in which ^ and $ are the ends of a line. */
export const pattern: Parse<string> = (value) => {
  try {
    if (new RegExp(value, 'm') && value !== '') return value;
  } catch {
    // Said below.
  }
  const fix = 'correct its brackets, or write text that is to be found as it is into body';
  return wrong('a regular expression', fix);
};

/** One of our addresses to connect from. */
export const address: Parse<string> = (value) =>
  parseHostAddress(value) ?? wrong('an IP address', 'write one address of this LB, without a mask');

/** Host and port of a server to connect to. */
export const endpoint: Parse<Pick<TcpProbe, 'host' | 'port'>> = (value) => {
  const server = /:\d+$/.test(value) && isIP(value) === 0 ? parseServer(value) : undefined;
  return (
    server ?? wrong('host:port or [IPv6 address]:port', 'write both, as 127.0.0.1:25 or "[::1]:25"')
  );
};

/** Address, and port if it is not 53, of a DNS server. */
export const dnsServer: Parse<string> = (value) => {
  const server = parseServer(value);
  if (server !== undefined && isIP(server.host) !== 0) return value;
  return wrong(
    'the address of a DNS server, as 192.0.2.53 or "[::1]:5353"',
    'write an address: a name would have to be resolved first',
  );
};

/** A domain name as it is asked for. */
export const dnsName: Parse<string> = (value) =>
  /^(?=.{1,254}$)(?:[A-Za-z0-9_*-][A-Za-z0-9_-]{0,62}\.)*[A-Za-z0-9_*-][A-Za-z0-9_-]{0,62}\.?$|^\.$/.test(
    value,
  )
    ? value
    : wrong('a domain name', 'write it in full, as www.example.org, in its form of ASCII');

const types: readonly DnsType[] = [
  'A',
  'AAAA',
  'CAA',
  'CNAME',
  'MX',
  'NS',
  'PTR',
  'SOA',
  'SRV',
  'TXT',
];

/** The type of DNS records. */
export const dnsType: Parse<DnsType> = oneOf(types);

/** A virtual server's address and port. */
export const virtualServer: Parse<{ readonly address: string; readonly port: number }> = (
  value,
) => {
  const server = endpoint(value);
  const parsed = isComplaint(server) ? undefined : parseHostAddress(server.host);
  if (!isComplaint(server) && parsed !== undefined) return { address: parsed, port: server.port };
  return wrong(
    'VIP and port of a virtual server, as 10.20.255.1:80 or "[2001:db8::1]:443"',
    'write them as ipvsadm -Ln shows them; fwmark: 1 for one by firewall mark',
  );
};

/** The protocol of a virtual server. */
export const protocol = oneOf(['tcp', 'udp', 'sctp'] satisfies Extract<
  IpvsProbe['service'],
  { protocol: string }
>['protocol'][]);

/** A firewall mark. */
export const mark = integer(1, 0xffff_ffff);

/** The absolute path of a file. */
export const path: Parse<string> = (value) =>
  /^\/.*[^/]$/s.test(value) && !value.includes('\0')
    ? value
    : wrong('the absolute path of a file', 'write it from / on');
