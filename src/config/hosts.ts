import { isIP } from 'node:net';

/** One ZooKeeper server; `host` is a name or an address without brackets. */
export interface Server {
  readonly host: string;
  readonly port: number;
}

/** What one server looks like, for messages. */
export const serverForm = 'host, host:port or [IPv6 address]:port';

const defaultPort = 2181;

/** Parses one server; undefined when the text is none. An IPv6 address with a port needs brackets. */
export function parseServer(text: string): Server | undefined {
  if (isIP(text) === 6) return { host: text, port: defaultPort };
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(text);
  if (match === null) return undefined;
  const [, bracketed, plain, portText] = match;
  const port = portText === undefined ? defaultPort : Number(portText);
  if (port < 1 || port > 65_535) return undefined;
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? { host: bracketed, port } : undefined;
  return isHostName(plain ?? '') ? { host: plain ?? '', port } : undefined;
}

/**
 * Splits a ZooKeeper connect string (`zk1:2181,zk2:2181/chroot`) into the texts of its servers and its chroot, which
 * is empty when there is none.
 */
export function splitConnectString(text: string): {
  readonly servers: readonly string[];
  readonly chroot: string;
} {
  const slash = text.indexOf('/');
  const hosts = slash < 0 ? text : text.slice(0, slash);
  return {
    servers: hosts.split(',').map((host) => host.trim()),
    chroot: slash < 0 ? '' : text.slice(slash),
  };
}

/** Names as resolvers take them; an all-digit last label would be a mistyped IPv4 address. */
function isHostName(text: string): boolean {
  if (isIP(text) === 4) return true;
  if (text.length > 253 || !/^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?$/.test(text))
    return false;
  return !text.includes('..') && !/(^|\.)\d+\.?$/.test(text);
}
