import { isIP } from 'node:net';
import { formed, type Parse } from './values.ts';

/** Where machines may read how the agent is; the host is an address. */
export interface Listen {
  readonly host: string;
  readonly port: number;
}

const portForm = { kind: 'integer', least: 1, most: 65_535 } as const;
const addressForm = {
  kind: 'pattern',
  pattern: '^(\\[[0-9A-Fa-f:.]+\\]|[0-9.]+):[0-9]+$',
} as const;

/** An address and a port; a port alone is one of the loopback. Names are refused: they may lead elsewhere tomorrow. */
export const listenAddress: Parse<Listen> = formed(
  { kind: 'either', forms: [addressForm, portForm] },
  (text) => {
    const [, bracketed, plain, port] = /^(?:(?:\[([^\]]*)\]|([^:]*)):)?(\d{1,5})$/.exec(text) ?? [];
    const host = bracketed ?? plain ?? '127.0.0.1';
    const isAddress = bracketed === undefined ? isIP(host) === 4 : isIP(host) === 6;
    if (isAddress && Number(port) >= 1 && Number(port) <= 65_535)
      return { host, port: Number(port) };
    return {
      code: 'CONFIG_WRONG_VALUE',
      expected: 'an address and a port as 127.0.0.1:9468 or [::1]:9468, or a port of the loopback',
      fix: 'write 127.0.0.1:9468, or 0.0.0.0:9468 to be read from anywhere',
    };
  },
);

/** Whether only this host can reach it. */
export function isLoopback({ host }: Listen): boolean {
  return host.startsWith('127.') || host === '::1';
}
