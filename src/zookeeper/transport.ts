import { isIP, type LookupFunction, connect as netConnect, type Socket } from 'node:net';
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

/** Opens connections to servers, plain or encrypted. */
export interface Transport {
  /** Begins to connect; bytes may be sent from the socket's {@link openEvent} on. */
  connect(server: Server, lookup: LookupFunction): Socket;
  readonly openEvent: 'connect' | 'secureConnect';
  /** Why a connection ended at this stage; without an error the server closed it. */
  explain(stage: Stage, error?: Error): string;
}

/** @throws Error when OpenSSL refuses the certificates or the key. */
export function createTransport(tls: TlsOptions | undefined): Transport {
  return tls === undefined ? plain : createEncrypted(tls);
}

const plain: Transport = {
  connect: ({ host, port }, lookup) => netConnect({ host, port, noDelay: true, lookup }),
  openEvent: 'connect',
  explain: (stage, error) => explainFailure(stage, error, undefined),
};

function createEncrypted({ serverName, ...files }: TlsOptions): Transport {
  // Loaded here: agents without TLS do without its memory.
  const { connect, createSecureContext } = process.getBuiltinModule('node:tls');
  const secureContext = createSecureContext({ ...files, minVersion: 'TLSv1.2' });
  return {
    connect({ host, port }, lookup) {
      const ownName = isIP(host) === 0 ? host.replace(/\.$/, '') : undefined;
      const servername = serverName ?? ownName;
      const socket = connect({
        host,
        port,
        lookup,
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
    explain: (stage, error) => explainFailure(stage, error, files),
  };
}
