import { isIP } from 'node:net';

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** A socket that whoever started us listens on already, by its number, as systemd's socket activation does it. */
export interface ListenSocket {
  readonly fd: number;
}

/**
 * Reads `127.0.0.1:9469`, `[::1]:9469`, `localhost:9469` or `fd:3`; undefined when it is none. Port 0 takes any that is
 * free.
 */
export function parseListen(text: string): ListenAddress | ListenSocket | undefined {
  const fd = /^fd:(\d{1,4})$/.exec(text)?.[1];
  if (fd !== undefined) return { fd: Number(fd) };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 65_535) return undefined;
  if (bracketed !== undefined && isIP(bracketed) !== 6) return undefined;
  return { host, port };
}

/** Whether only this host reaches it. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** As in a URL. */
export function urlOf({ host, port }: ListenAddress): string {
  return `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}/`;
}

/** Why it cannot listen, and what to do about it. */
export function listenFailure(
  code: string | undefined,
  address: ListenAddress | ListenSocket,
): string {
  const where = 'fd' in address ? `fd:${address.fd}` : urlOf(address).slice('http://'.length, -1);
  const why = failures[code ?? ''] ?? `the system says ${code ?? 'nothing'}`;
  return `cannot listen on ${where}: ${why}`;
}

const failures: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something listens there already; end it, or choose another port with --listen',
  EACCES: 'this user may not; choose a port from 1024 on with --listen',
  EADDRNOTAVAIL: 'this host has no such address; see: ip address',
  EINVAL: 'this descriptor is no listening socket; is it handed over by whoever starts this?',
  ENOTFOUND: 'this name has no address; give an address with --listen',
};
