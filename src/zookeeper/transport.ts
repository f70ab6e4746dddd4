import { isIP, type LookupFunction, connect as netConnect, type Socket } from 'node:net';
import type { Level } from '../core/report.ts';
import type { Server } from './dialer.ts';
import { explainFailure, type Stage } from './failure.ts';

/** Certificates and key in PEM, as they are read from their files. */
export interface TlsOptions {
  /** Those who may vouch for a server. */
  readonly ca: string;
  /** Ours, for servers that ask who we are. */
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly passphrase: string | undefined;
  /** The name to find in every server's certificate; undefined: the one it is reached by. */
  readonly serverName: string | undefined;
}

/** What has become of the files that the options were read from. `unusable`: those before are used on. */
export type TlsRenewal =
  | { readonly kind: 'renewed'; readonly tls: TlsOptions }
  | { readonly kind: 'unusable'; readonly detail: string };

interface TransportPorts {
  /** Asked before each connection; undefined when nothing has changed since it was asked last. */
  renewTls(): TlsRenewal | undefined;
  note(level: Level, place: string, detail: string): void;
}

/** Opens connections to servers, plain or encrypted. */
export interface Transport {
  /** Begins to connect; bytes may be sent from the socket's {@link openEvent} on. */
  connect(server: Server, lookup: LookupFunction): Socket;
  readonly openEvent: 'connect' | 'secureConnect';
  /** Why a connection ended at this stage; without an error the server closed it. */
  explain(stage: Stage, error?: Error): string;
}

/** @throws Error when OpenSSL refuses the certificates or the key. */
export function createTransport(tls: TlsOptions | undefined, ports: TransportPorts): Transport {
  return tls === undefined ? plain : createEncrypted(tls, ports);
}

/** An address that does not answer is given up for the name's next one after a quarter of a second. */
const triesAddresses = { autoSelectFamily: true };

const plain: Transport = {
  connect: ({ host, port }, lookup) =>
    netConnect({ host, port, noDelay: true, lookup, ...triesAddresses }),
  openEvent: 'connect',
  explain: (stage, error) => explainFailure(stage, error, undefined),
};

function createEncrypted(first: TlsOptions, ports: TransportPorts): Transport {
  // Loaded here: agents without TLS do without its memory.
  const { connect, createSecureContext } = process.getBuiltinModule('node:tls');
  const contextOf = ({ ca, cert, key, passphrase }: TlsOptions) =>
    createSecureContext({ ca, cert, key, passphrase, minVersion: 'TLSv1.2' });
  let tls = first;
  let secureContext = contextOf(first);
  const renew = () => {
    const renewal = ports.renewTls();
    if (renewal?.kind === 'unusable') {
      const detail = `the files have changed and are of no use, so those before are used on: ${renewal.detail}`;
      ports.note('error', 'zookeeper.tls', detail);
    } else if (renewal?.kind === 'renewed') {
      tls = renewal.tls;
      secureContext = contextOf(tls);
      ports.note('info', 'zookeeper.tls', 'the files have changed, and were read again');
    }
  };
  return {
    connect({ host, port }, lookup) {
      renew();
      const ownName = isIP(host) === 0 ? host.replace(/\.$/, '') : undefined;
      const servername = tls.serverName ?? ownName;
      const socket = connect({
        host,
        port,
        lookup,
        ...triesAddresses,
        secureContext,
        // An address has no place in the handshake (RFC 6066 §3); it is looked for in the certificate all the same.
        ...(servername !== undefined && { servername }),
        // Explicit, since an environment variable of Node can turn verification off.
        rejectUnauthorized: true,
      });
      // The option of that name is not passed on by node:tls.
      socket.once('connect', () => socket.setNoDelay(true));
      return socket;
    },
    openEvent: 'secureConnect',
    explain: (stage, error) => explainFailure(stage, error, tls),
  };
}
