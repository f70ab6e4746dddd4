import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { loadFile } from '../../../src/cli/load.ts';
import type { TlsOptions } from '../../../src/zookeeper/transport.ts';
import { type Authority, createAuthority, type Issued } from '../../helpers/certificates.ts';
import { startTcpProxy } from '../../helpers/tcp-proxy.ts';
import { waitFor } from '../../helpers/wait.ts';
import { startZooKeeper, type ZooKeeper, type ZooKeeperServer } from '../../helpers/zookeeper.ts';
import { apex, claimsPath, startCoordinator, vip1, vip2 } from './harness.ts';
import { operatorOf, superuserProperty, wipe } from './operator.ts';

const local = 'DNS:localhost,IP:127.0.0.1';
let ca: Authority;
let otherCa: Authority;
let own: Issued;
let zookeeper: ZooKeeper;
let server: ZooKeeperServer;
let secure: { readonly host: string; readonly port: number };

beforeAll(async () => {
  ca = createAuthority();
  otherCa = createAuthority();
  own = ca.issue('lb1');
  const issued = ca.issue('zookeeper', { names: local });
  const keyStore = join(dirname(issued.certFile), 'zookeeper-store.pem');
  writeFileSync(keyStore, `${issued.cert}${issued.key}`);
  zookeeper = await startZooKeeper({
    secure: [
      `ssl.keyStore.location=${keyStore}`,
      `ssl.trustStore.location=${ca.certFile}`,
      'ssl.clientAuth=need',
    ],
    properties: [superuserProperty],
  });
  [server] = zookeeper.servers as [ZooKeeperServer];
  secure = { host: server.host, port: server.securePort };
});
afterAll(async () => {
  await zookeeper.stop();
  ca.remove();
  otherCa.remove();
});
beforeEach(() => wipe(server));

function tlsOptions(more: Partial<TlsOptions> = {}): TlsOptions {
  const { cert, key } = own;
  return { ca: ca.cert, cert, key, passphrase: undefined, serverName: undefined, ...more };
}

const withoutCertificate = { cert: undefined, key: undefined };

/** What a coordinator that cannot connect says while it tries several times. */
async function warningsOf(
  at: { readonly host: string; readonly port: number },
  tls: TlsOptions | undefined,
): Promise<readonly string[]> {
  const proxy = await startTcpProxy(at);
  onTestFinished(() => proxy.stop());
  const one = startCoordinator([proxy], { tls });
  await waitFor(() => proxy.accepted > 4, { what: 'several attempts' });
  expect(one.notes.every((note) => note.startsWith(`warn ${proxy.host}:${proxy.port} `))).toBe(
    true,
  );
  await one.coordinator.close(500);
  return one.notes.map((note) => note.split(' ').slice(2).join(' '));
}

/** A server that is not ZooKeeper, closed with the test. */
async function listen(listener: Server): Promise<{ host: string; port: number }> {
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    listener.close();
  });
  return { host: '127.0.0.1', port: (listener.address() as AddressInfo).port };
}

test.each(['localhost', '127.0.0.1'])(
  'claims, watches and leaves over TLS, with a server known as %s',
  async (host) => {
    // A server's first TLS handshake can take longer than a sixth of the usual timeout.
    const options = { tls: tlsOptions(), sessionTimeoutMs: 9_000 };
    const one = startCoordinator([{ host, port: secure.port }], options);
    await one.ready();
    one.coordinator.createClaim(apex, vip1, false);
    await one.next('claimAnswered', (event) => event.outcome === 'done');
    const operator = await operatorOf(server);
    expect(await operator.exists(`${claimsPath}/10.20.255.1`)).toBe(true);
    await operator.create(`${claimsPath}/10.20.255.2`, '', true);
    await one.next('claimsRead', (event) => event.claims.has(vip1) && event.claims.has(vip2));
    // The reading may be there before the answer to the operator.
    const mark = one.mark();
    await operator.remove(`${claimsPath}/10.20.255.2`);
    await one.next('claimsRead', (event) => !event.claims.has(vip2), { from: mark });
    await one.coordinator.close(500);
    expect(await operator.exists(`${claimsPath}/10.20.255.1`)).toBe(false);
    expect(one.notes.filter((note) => !note.startsWith('debug'))).toEqual([]);
  },
);

test('keeps session and claim over a cut, by itself and by heartbeats alike', async () => {
  const proxy = await startTcpProxy(secure);
  const one = startCoordinator([proxy], { tls: tlsOptions() });
  await one.ready();
  one.coordinator.createClaim(apex, vip1, false);
  await one.next('claimAnswered', (event) => event.outcome === 'done');
  proxy.cut();
  const again = await one.next('sessionEstablished', (event) => event.connection === 2);
  expect(again.epoch).toBe(1);
  const { claims } = await one.next('claimsRead', (event) => event.connection === 2);
  expect(claims.get(vip1)).toEqual({ kind: 'self' });
  proxy.swallow('toClient');
  const { detail } = await one.next('sessionInterrupted', (event) => event.connection === 2);
  expect(detail).toContain('quorum');
  proxy.heal();
  const third = await one.next('sessionEstablished', (event) => event.connection > 2);
  expect(third.epoch).toBe(1);
  await one.coordinator.close(500);
  await proxy.stop();
});

test('connects with what a configuration names, relative paths and an encrypted key too', async () => {
  const directory = dirname(own.keyFile);
  const word = 'pass:word';
  const encrypt = ['pkey', '-in', own.keyFile, '-aes256', '-passout', word, '-out', 'locked.key'];
  execFileSync('openssl', encrypt, { cwd: directory });
  const file = join(directory, 'fleet.yaml');
  writeFileSync(
    file,
    `zookeeper:
  hosts: ["${secure.host}:${secure.port}"]
  tls: { ca: ca.pem, cert: lb1.pem, key: ${directory}/locked.key, passphrase: word, serverName: localhost }
services: { apex: { owns: [10.20.255.1] } }
`,
  );
  const loaded = loadFile(file);
  if (loaded.kind === 'wrong') throw new Error(JSON.stringify(loaded.problems));
  const { servers, tls } = loaded.config.zookeeper;
  await startCoordinator(servers, { tls }).ready();
});

/** A coordinator whose certificates are files that the test may change, behind a relay that it may cut. */
async function startFromFiles() {
  const directory = mkdtempSync(join(tmpdir(), 'vipkeeper-tls-'));
  const write = (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  };
  write({ 'ca.pem': ca.cert, 'lb.pem': own.cert, 'lb.key': own.key });
  const proxy = await startTcpProxy(secure);
  onTestFinished(async () => {
    await proxy.stop();
    rmSync(directory, { recursive: true });
  });
  const file = join(directory, 'fleet.yaml');
  writeFileSync(
    file,
    `zookeeper:
  hosts: ["${proxy.host}:${proxy.port}"]
  tls: { ca: ca.pem, cert: lb.pem, key: lb.key }
services: { apex: { owns: [10.20.255.1] } }
`,
  );
  const loaded = loadFile(file);
  if (loaded.kind === 'wrong') throw new Error(JSON.stringify(loaded.problems));
  const { servers, tls, renewTls } = loaded.config.zookeeper;
  const one = startCoordinator(servers, { tls, renewTls });
  const reconnected = async () => {
    const mark = one.mark();
    proxy.cut();
    return one.next('sessionEstablished', () => true, { from: mark });
  };
  const told = () => one.notes.filter((note) => !note.startsWith('debug'));
  return { one, proxy, directory, write, reconnected, told };
}

const readAgain = 'info zookeeper.tls the files have changed, and were read again';

test('takes renewed files at the next connection, in the same session', async () => {
  const { one, write, reconnected, told } = await startFromFiles();
  await one.ready();
  const { cert, key } = ca.issue('renewed');
  write({ 'ca.pem': `${ca.cert}${otherCa.cert}`, 'lb.pem': cert, 'lb.key': key });
  expect((await reconnected()).epoch).toBe(1);
  expect(told()).toEqual([readAgain]);
  await reconnected();
  expect(told()).toEqual([readAgain]);
});

test('refuses to go on with a certificate that was renewed by a CA the server does not trust', async () => {
  const { one, proxy, write, told } = await startFromFiles();
  await one.ready();
  const { cert, key } = otherCa.issue('stray');
  write({ 'lb.pem': cert, 'lb.key': key });
  const mark = one.mark();
  proxy.cut();
  await waitFor(() => told().some((note) => note.includes('the server refuses our certificate')), {
    what: 'the refusal',
  });
  // What shows that the files in use are those on disk; and no restart is needed to mend it.
  write({ 'lb.pem': own.cert, 'lb.key': own.key });
  await one.next('sessionEstablished', () => true, { from: mark });
});

test.each([
  [
    'a certificate that is only half there',
    () => ({ 'lb.pem': own.cert.slice(0, 200) }),
    'tls.cert',
  ],
  [
    'a key that is another’s',
    () => ({ 'lb.key': otherCa.issue('b').key }),
    'tls.key: .*another one',
  ],
  ['an empty CA file', () => ({ 'ca.pem': '' }), 'tls.ca'],
  ['a CA file that is gone', () => undefined, 'tls.ca: .*ENOENT'],
])('goes on with the last good files, and says so once, after %s', async (_, change, words) => {
  const { one, write, reconnected, told, directory } = await startFromFiles();
  await one.ready();
  const files = change();
  if (files === undefined) rmSync(join(directory, 'ca.pem'));
  else write(files);
  await reconnected();
  await reconnected();
  const problem = expect.stringMatching(
    `^error zookeeper.tls the files have changed and are of no use.*: zookeeper.${words}`,
  );
  expect(told()).toEqual([problem]);
  write({ 'ca.pem': ca.cert, 'lb.pem': own.cert, 'lb.key': own.key });
  await reconnected();
  expect(told()).toEqual([problem, readAgain]);
});

test('takes a CA that was put right, without a restart', async () => {
  const { one, proxy, write } = await startFromFiles();
  await one.ready();
  write({ 'ca.pem': otherCa.cert });
  const mark = one.mark();
  proxy.cut();
  await waitFor(() => one.notes.some((note) => note.includes('does not vouch for this server')), {
    what: 'the doubt',
  });
  write({ 'ca.pem': ca.cert });
  await one.next('sessionEstablished', () => true, { from: mark });
});

test('tells an untrusted server, whatever Node’s environment says', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  const warnings = await warningsOf(secure, tlsOptions({ ca: otherCa.cert })).finally(() =>
    vi.unstubAllEnvs(),
  );
  expect(warnings).toEqual([
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE unable to verify the first certificate: ' +
      'zookeeper.tls.ca does not vouch for this server: name the CA that issued its certificate',
  ]);
});

test('tells a server of another name', async () => {
  expect(await warningsOf(secure, tlsOptions({ serverName: 'zk1' }))).toEqual([
    expect.stringMatching(
      /^ERR_TLS_CERT_ALTNAME_INVALID .*zk1.*DNS:localhost.*set zookeeper\.tls\.serverName$/,
    ),
  ]);
});

test('tells an address that the certificate does not bear', async () => {
  const { cert, key } = ca.issue('named', { names: 'DNS:localhost' });
  const at = await listen(createTlsServer({ cert, key }));
  expect(await warningsOf(at, tlsOptions())).toEqual([
    expect.stringMatching(/^ERR_TLS_CERT_ALTNAME_INVALID .*127\.0\.0\.1/),
  ]);
});

test('tells a missing client certificate', async () => {
  expect(await warningsOf(secure, tlsOptions(withoutCertificate))).toEqual([
    // Which of the two depends on the server's Java.
    expect.stringMatching(
      /^ERR_SSL_SSLV3_ALERT_(BAD_CERTIFICATE|HANDSHAKE_FAILURE) .*: if the server asks for a certificate, set zookeeper\.tls\.cert and key$/,
    ),
  ]);
});

test('tells a missing client certificate to a server of TLS 1.3, which objects after the handshake', async () => {
  const { cert, key } = ca.issue('modern', { names: local });
  const at = await listen(
    createTlsServer({ cert, key, ca: ca.cert, requestCert: true, minVersion: 'TLSv1.3' }),
  );
  expect(await warningsOf(at, tlsOptions(withoutCertificate))).toEqual([
    expect.stringMatching(/^ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED .*set zookeeper\.tls\.cert/),
  ]);
});

test('tells a client certificate that the server does not trust', async () => {
  const { cert, key } = otherCa.issue('lb2');
  expect(await warningsOf(secure, tlsOptions({ cert, key }))).toEqual([
    expect.stringMatching(
      /^ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN .*the server refuses our certificate/,
    ),
  ]);
});

test('tells an expired server certificate', async () => {
  const { cert, key } = ca.issue('expired', { names: local, days: -1 });
  const at = await listen(createTlsServer({ cert, key }));
  expect(await warningsOf(at, tlsOptions())).toEqual([
    expect.stringMatching(/^CERT_HAS_EXPIRED certificate has expired: renew/),
  ]);
});

test('takes no TLS older than 1.2', async () => {
  const { cert, key } = ca.issue('old', { names: local });
  const at = await listen(
    createTlsServer({
      cert,
      key,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    }),
  );
  expect(await warningsOf(at, tlsOptions())).toEqual([
    expect.stringMatching(/^ERR_SSL_.*PROTOCOL.*: the server must offer TLS 1\.2 or 1\.3$/),
  ]);
});

test('tells a port without TLS', async () => {
  expect(await warningsOf(server, tlsOptions())).toEqual([
    expect.stringMatching(/^ECONNRESET .*: name the port for TLS \(secureClientPort\)/),
  ]);
  const at = await listen(
    createTcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  );
  expect(await warningsOf(at, tlsOptions())).toEqual([
    expect.stringMatching(/^ERR_SSL_WRONG_VERSION_NUMBER .*does not speak TLS here/),
  ]);
});

test('tells a port for TLS that is spoken to without', async () => {
  expect(await warningsOf(secure, undefined)).toEqual([
    'connection closed by the server before it answered the handshake: ' +
      'if this port is for TLS (secureClientPort), set zookeeper.tls',
  ]);
});

test('gives a server that accepts and says nothing one deadline for all, and takes the next', async () => {
  const hole = await startTcpProxy(secure);
  hole.swallow('toServer', 'toClient');
  for (const servers of [
    [hole, secure],
    [secure, hole],
  ]) {
    const one = startCoordinator(servers, { tls: tlsOptions() });
    await one.next('sessionEstablished', () => true, { timeoutMs: 1_500 });
    await one.coordinator.close(500);
    if (one.notes.some((note) => note.startsWith('warn')))
      expect(one.notes[0]).toMatch(/TLS handshake not answered \(timeout after 500 ms\)/);
  }
  // One of the two orders begins with the hole.
  expect(hole.accepted).toBe(1);
  await hole.stop();
});
