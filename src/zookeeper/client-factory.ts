import type { Clock } from '../core/clock.ts';
import type { Level } from '../core/report.ts';
import { type ClientFactory, createClient } from './client.ts';
import { createDialer, type Server } from './dialer.ts';
import { createTransport, type TlsOptions } from './transport.ts';

export interface FactoryOptions {
  readonly servers: readonly Server[];
  /** Index of the server to begin with. */
  readonly firstServer: number;
  /** Undefined: connections are not encrypted. */
  readonly tls: TlsOptions | undefined;
}

/** @throws Error when OpenSSL refuses the certificates or the key. */
export function createClientFactory(
  options: FactoryOptions,
  ports: {
    readonly clock: Clock;
    note(level: Level, place: string, detail: string): void;
  },
): ClientFactory {
  const dialer = createDialer(options.servers, options.firstServer, ports);
  const shared = { clock: ports.clock, dialer, transport: createTransport(options.tls) };
  return (ofLife, listener) => createClient(ofLife, shared, listener);
}
