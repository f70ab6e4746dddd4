import * as z from 'zod/mini';
import type { HttpProbe, Probe } from '../core/probe.ts';
import type { CheckSettings, ServiceSettings } from '../core/settings.ts';
import {
  address,
  dnsName,
  dnsServer,
  dnsType,
  endpoint,
  headerValue,
  mark,
  method,
  path,
  pattern,
  protocol,
  statusSet,
  text,
  url,
  virtualServer,
} from './check-values.ts';
import { day, hour, scalar, second, time } from './scalar.ts';
import { command, integer, oneOf, serverName } from './values.ts';

/** A file is named in full, or from the folder of the configuration file on. */
const pemFile = z.optional(scalar(text('the path of a PEM file'), 'the path of a PEM file'));
const source = z.optional(scalar(address, 'an IP address'));
const trueOrFalse = z.optional(scalar(oneOf(['true', 'false']), 'true or false'));

const http = z.union([
  z.strictObject({
    url: scalar(url, 'a URL'),
    method: z.optional(scalar(method, 'a method')),
    headers: z.optional(z.record(z.string(), scalar(headerValue, 'the value of a header'))),
    status: z.optional(scalar(statusSet, 'status codes as 200-299,301')),
    body: z.optional(scalar(text('a text'), 'a text')),
    bodyPattern: z.optional(scalar(pattern, 'a regular expression')),
    socket: z.optional(scalar(path, 'the path of a unix socket')),
    source,
    tls: z.optional(
      z.strictObject({
        ca: pemFile,
        cert: pemFile,
        key: pemFile,
        serverName: z.optional(scalar(serverName, 'a host name')),
        insecure: trueOrFalse,
      }),
    ),
  }),
  scalar((value) => {
    const parsed = url(value);
    return typeof parsed === 'string' ? { url: parsed } : parsed;
  }, 'a URL, or a mapping with one'),
]);

const tcp = z.union([
  z.strictObject({
    address: scalar(endpoint, 'host:port'),
    source,
    banner: z.optional(scalar(text('a text'), 'the beginning of what the server says')),
  }),
  scalar((value) => {
    const parsed = endpoint(value);
    return 'host' in parsed ? { address: parsed } : parsed;
  }, 'host:port, or a mapping with an address'),
]);

const answer = scalar(text('a record'), 'a record');

const dns = z.strictObject({
  server: scalar(dnsServer, 'the address of a DNS server'),
  name: scalar(dnsName, 'a domain name'),
  type: z._default(scalar(dnsType, 'a record type'), 'A'),
  answers: z._default(z.array(answer), []),
  source,
});

const count = scalar(integer(0, 1_000_000), 'a number');

const ipvs = z.union([
  z.strictObject({
    service: z.optional(scalar(virtualServer, 'VIP and port')),
    protocol: z.optional(scalar(protocol, 'tcp, udp or sctp')),
    fwmark: z.optional(scalar(mark, 'a firewall mark')),
    drop: z.optional(count),
    restore: z.optional(count),
    table: z.optional(scalar(path, 'the path of a file')),
  }),
  scalar((value) => {
    const parsed = virtualServer(value);
    return 'address' in parsed ? { service: parsed } : parsed;
  }, 'VIP and port, or a mapping with them'),
]);

const file = z.union([
  z.strictObject({
    exists: z.optional(scalar(path, 'the path of a file')),
    absent: z.optional(scalar(path, 'the path of a file')),
  }),
  scalar((value) => {
    const parsed = path(value);
    return typeof parsed === 'string' ? { exists: parsed } : parsed;
  }, 'the path of a file, or a mapping with exists or absent'),
]);

const kinds = {
  exec: z.optional(scalar(command, 'a shell command')),
  http: z.optional(http),
  tcp: z.optional(tcp),
  dns: z.optional(dns),
  ipvs: z.optional(ipvs),
  file: z.optional(file),
  always: z.optional(scalar(oneOf(['up', 'down']), 'up or down')),
};

/** The keys of which every check has one. */
export const checkKinds: readonly string[] = Object.keys(kinds);

/** One check of a list as written. That it is of one kind is seen to elsewhere. */
export const checkSchema = z.strictObject({
  ...kinds,
  interval: z._default(time(100, day), 5 * second),
  fastInterval: z._default(time(50, day), second),
  timeout: z._default(time(50, hour), 2 * second),
  rise: z._default(scalar(integer(1, 100), 'a number'), 3),
  fall: z._default(scalar(integer(1, 100), 'a number'), 3),
});

/** How many of a service's checks must be up. */
export const healthSchema = z.union([
  z.strictObject({ atLeast: scalar(integer(1, 1_000), 'a number') }),
  scalar(oneOf(['all', 'any']), 'all, any, or a mapping with atLeast'),
]);

export type CheckFile = z.output<typeof checkSchema>;
type HttpFile = NonNullable<CheckFile['http']>;
type IpvsFile = NonNullable<CheckFile['ipvs']>;

/** The settings of one check. @param absolute makes the path of a file one from `/` on. */
export function checkSettings(
  written: CheckFile,
  absolute: (path: string) => string,
): CheckSettings {
  return {
    probe: probeOf(written, absolute),
    intervalMs: written.interval,
    fastIntervalMs: written.fastInterval,
    timeoutMs: written.timeout,
    rise: written.rise,
    fall: written.fall,
  };
}

/** How many checks must be up, as the core counts them. */
export function healthOf(written: z.output<typeof healthSchema>): ServiceSettings['health'] {
  if (typeof written === 'object') return written.atLeast;
  return written === 'any' ? 1 : 'all';
}

function probeOf(
  { exec, http, tcp, dns, ipvs, file, always }: CheckFile,
  absolute: (path: string) => string,
): Probe {
  if (exec !== undefined) return { kind: 'exec', command: exec };
  if (http !== undefined) return httpProbe(http, absolute);
  if (tcp !== undefined) {
    const { address, ...rest } = tcp;
    return { kind: 'tcp', ...address, ...present(rest) };
  }
  if (dns !== undefined) {
    const { server, name, type, answers } = dns;
    return { kind: 'dns', server, name, type, answers, ...present({ source: dns.source }) };
  }
  if (ipvs !== undefined) return ipvsProbe(ipvs);
  if (file !== undefined) return fileProbe(file);
  return { kind: 'always', passes: always !== 'down' };
}

function httpProbe(written: HttpFile, absolute: (path: string) => string): HttpProbe {
  const { url, method, headers, status, body, bodyPattern, socket, source, tls } = {
    ...emptyHttp,
    ...written,
  };
  const { ca, cert, key, serverName, insecure } = tls ?? {};
  const named = (file: string | undefined) => (file === undefined ? undefined : absolute(file));
  return {
    kind: 'http',
    url,
    method: method ?? 'GET',
    headers: headers ?? {},
    status: status ?? [[200, 299]],
    ...(body === undefined ? {} : { body: { text: body } }),
    ...(bodyPattern === undefined ? {} : { body: { pattern: bodyPattern } }),
    ...present({ socket, source }),
    ...(tls === undefined
      ? {}
      : {
          tls: {
            ...present({ ca: named(ca), cert: named(cert), key: named(key), serverName }),
            ...(insecure === 'true' ? { insecure: true } : {}),
          },
        }),
  };
}

const emptyHttp: Omit<Extract<HttpFile, { tls?: unknown }>, 'url'> = {};

function ipvsProbe(written: IpvsFile): Probe {
  const { service, protocol, fwmark, drop = 0, restore, table } = { ...emptyIpvs, ...written };
  return {
    kind: 'ipvs',
    service:
      service === undefined ? { mark: fwmark ?? 0 } : { protocol: protocol ?? 'tcp', ...service },
    drop,
    restore: restore ?? drop + 1,
    table: table ?? '/proc/net/ip_vs',
  };
}

const emptyIpvs: Extract<IpvsFile, { drop?: unknown }> = {};

function fileProbe(written: NonNullable<CheckFile['file']>): Probe {
  const { exists, absent } = { absent: undefined, ...written };
  return { kind: 'file', path: exists ?? absent ?? '', mustExist: exists !== undefined };
}

/** Without the keys that have no value. */
function present<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
