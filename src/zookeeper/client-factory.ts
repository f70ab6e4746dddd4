import type { Clock } from '../core/clock.ts';
import type { Level } from '../core/report.ts';
import { type ClientFactory, createClient } from './client.ts';
import { createDialer, type DialerOptions } from './dialer.ts';
import { createTransport, type TlsOptions, type TlsRenewal } from './transport.ts';

export interface FactoryOptions extends DialerOptions {
  /** Undefined: connections are not encrypted. */
  readonly tls: TlsOptions | undefined;
  /** See {@link TlsRenewal}; default: nothing ever changes. */
  readonly renewTls?: () => TlsRenewal | undefined;
}

/** @throws Error when OpenSSL refuses the certificates or the key. */
export function createClientFactory(
  options: FactoryOptions,
  ports: {
    readonly clock: Clock;
    note(level: Level, place: string, detail: string): void;
  },
): ClientFactory {
  const dialer = createDialer(options, ports);
  const transport = createTransport(options.tls, {
    renewTls: options.renewTls ?? (() => undefined),
    note: ports.note,
  });
  const shared = { clock: ports.clock, dialer, transport };
  return (ofLife, listener) => createClient(ofLife, shared, listener);
}
