import type { TlsOptions } from './transport.ts';

/** How far an attempt has come; in messages, what is waited for. */
export type Stage = 'TCP connection' | 'TLS handshake' | 'ZooKeeper handshake' | 'requests';

/** Servers can put much into a certificate, which error messages quote. */
const detailMax = 400;

/**
 * Why a connection ended, and what to do where that is known. Without an error the server closed it.
 * @param tls undefined for a plain connection.
 */
export function explainFailure(
  stage: Stage,
  error: Error | undefined,
  tls: Pick<TlsOptions, 'cert'> | undefined,
): string {
  const detail = error === undefined ? describeClose(stage) : describeError(error);
  const advice =
    tls === undefined
      ? adviceWithoutTls(stage, error)
      : adviceWithTls(stage, codeOf(error), tls.cert !== undefined);
  return advice === undefined ? detail : `${detail}: ${advice}`;
}

function describeClose(stage: Stage): string {
  const detail = 'connection closed by the server';
  return stage === 'requests' ? detail : `${detail} before it answered the handshake`;
}

/** All that a port for TLS does with a plain request is to close the connection. */
function adviceWithoutTls(stage: Stage, error: Error | undefined): string | undefined {
  if (stage !== 'ZooKeeper handshake' || error !== undefined) return undefined;
  return 'if this port is for TLS (secureClientPort), set zookeeper.tls';
}

function adviceWithTls(stage: Stage, code: string, hasCertificate: boolean): string | undefined {
  const known = adviceByCode.find(([pattern]) => pattern.test(code))?.[1];
  if (known !== undefined) return known;
  if (refusal.test(code)) return hasCertificate ? refusedCertificate : noCertificate;
  // A server that speaks TLS says what it does not like; some say nothing when they miss a certificate.
  if (stage !== 'TLS handshake' || code.startsWith('ERR_SSL')) return undefined;
  const doubt = 'name the port for TLS (secureClientPort) if this is another one';
  return hasCertificate ? doubt : `${doubt}; ${noCertificate}`;
}

/** The server's alerts about our certificate, or its absence. */
const refusal = /^ERR_SSL_.*ALERT_(.*CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE)/;
const noCertificate = 'if the server asks for a certificate, set zookeeper.tls.cert and key';
const refusedCertificate =
  'the server refuses our certificate: check that it is valid today, and that the server trusts its CA';

/** By the codes of Node's verification (X.509) and of OpenSSL. */
const adviceByCode: readonly (readonly [RegExp, string])[] = [
  [
    /^(SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_|CERT_SIGNATURE|CERT_UNTRUSTED|INVALID_CA)/,
    'zookeeper.tls.ca does not vouch for this server: name the CA that issued its certificate',
  ],
  [/^CERT_HAS_EXPIRED$/, "renew the server's certificate, or set this host's clock right"],
  [/^CERT_NOT_YET_VALID$/, "set this host's clock right, or the server's certificate"],
  [
    /^ERR_TLS_CERT_ALTNAME/,
    'name the server in zookeeper.hosts as its certificate does, or set zookeeper.tls.serverName',
  ],
  [
    /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL)$/,
    'the server does not speak TLS here: name its port for TLS (secureClientPort)',
  ],
  [/^ERR_SSL_(UNSUPPORTED_PROTOCOL|.*PROTOCOL_VERSION)$/, 'the server must offer TLS 1.2 or 1.3'],
];

/** An error's code and words; never throws on what is no error. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A name whose addresses failed one after the other.
  if (error instanceof AggregateError && error.errors.length > 0)
    return error.errors.map(describeError).join('; ').slice(0, detailMax);
  const code = codeOf(error);
  // OpenSSL's messages hold thread ids and source lines; its reason is the sentence in them.
  const words =
    'reason' in error && typeof error.reason === 'string' ? error.reason : error.message;
  const detail = words === '' || words.includes(code) ? words || code : `${code} ${words}`;
  return detail.slice(0, detailMax);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}
