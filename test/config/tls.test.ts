// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references are written like this

import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderProblem } from '../../src/config/problem.ts';
import {
  type Authority,
  createAuthority,
  hasOpenssl,
  type Issued,
} from '../helpers/certificates.ts';
import { fleet, load, outline, problems, valid } from './load.ts';

const tls = (text: string) => fleet({ zookeeper: `tls: { ${text} }` });

describe.skipIf(!hasOpenssl())('with real certificates', () => {
  let authority: Authority;
  let own: Issued;
  let other: Issued;
  let files: Record<string, string>;

  beforeAll(() => {
    authority = createAuthority();
    own = authority.issue('lb1');
    other = authority.issue('lb2');
    const openssl = (...args: string[]) =>
      execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' });
    const weak = ['req', '-x509', '-newkey', 'rsa:512', '-nodes', '-subj', '/CN=weak'];
    const weakKey = `${own.keyFile}.weak`;
    files = {
      'ca.pem': authority.cert,
      '/etc/vipkeeper/ca.pem': `a comment\n${authority.cert}${other.cert}`,
      'lb.pem': own.cert,
      'lb.key': own.key,
      'other.key': other.key,
      'locked.key': openssl('pkey', '-in', own.keyFile, '-aes256', '-passout', 'pass:word'),
      'cut.pem': own.cert.replace(/\n.{64}\n/, '\n'),
      'cut.key': own.key.replace(/^MI/m, 'AA'),
      'junk.pem': 'certificate\n',
      '/run/word': 'word\n',
      '/run/lb.key': own.key,
      'weak.pem': openssl(...weak, '-keyout', weakKey),
      'weak.key': openssl('pkey', '-in', weakKey),
      '/etc/ssl/certs/ca-certificates.crt': authority.cert,
      '/corp/bundle.pem': other.cert,
    };
  });
  afterAll(() => authority.remove());

  const read = (text: string, environment = {}) => load(tls(text), { files, environment });
  const tlsOf = (text: string, environment = {}) =>
    valid(read(text, environment)).config.zookeeper.tls;

  it('reads files, relative ones from beside the configuration', () => {
    expect(tlsOf('ca: /etc/vipkeeper/ca.pem, cert: lb.pem, key: ./lb.key')).toEqual({
      ca: files['/etc/vipkeeper/ca.pem'],
      cert: own.cert,
      key: own.key,
      passphrase: undefined,
      serverName: undefined,
    });
  });

  it('takes an encrypted key with its passphrase, and a server name', () => {
    const written = 'ca: ca.pem, cert: lb.pem, key: locked.key, passphrase: ${file:/run/word}';
    expect(tlsOf(`${written}, serverName: zk.example.net`)).toMatchObject({
      key: files['locked.key'],
      passphrase: 'word',
      serverName: 'zk.example.net',
    });
  });

  it('trusts what the system trusts when it is told no CA', () => {
    expect(tlsOf('')?.ca).toBe(authority.cert);
    expect(tlsOf('cert: lb.pem, key: lb.key')).toMatchObject({ ca: authority.cert, key: own.key });
    expect(tlsOf('', { SSL_CERT_FILE: '/corp/bundle.pem' })?.ca).toBe(other.cert);
  });

  it.each([
    ['a file that is not there', 'ca: no.pem', 'ca: CONFIG_UNREADABLE'],
    ['a text in place of a certificate', 'ca: junk.pem', 'ca: CONFIG_WRONG_VALUE'],
    ['a key in place of a certificate', 'cert: lb.key, key: lb.key', 'cert: CONFIG_WRONG_VALUE'],
    ['a damaged certificate', 'cert: cut.pem, key: lb.key', 'cert: CONFIG_WRONG_VALUE'],
    ['a certificate in place of a key', 'cert: lb.pem, key: lb.pem', 'key: CONFIG_WRONG_VALUE'],
    ['a damaged key', 'cert: lb.pem, key: cut.key', 'key: CONFIG_WRONG_VALUE'],
    ['the key of another', 'cert: lb.pem, key: other.key', 'key: CONFIG_CONTRADICTION'],
    ['a certificate alone', 'cert: lb.pem', 'key: CONFIG_MISSING'],
    ['a key alone', 'key: lb.key', 'cert: CONFIG_MISSING'],
    ['a passphrase alone', 'passphrase: word', 'key: CONFIG_MISSING'],
    ['a locked key', 'cert: lb.pem, key: locked.key', 'passphrase: CONFIG_MISSING'],
    [
      'a wrong passphrase',
      'cert: lb.pem, key: locked.key, passphrase: wrong',
      'passphrase: CONFIG_WRONG_VALUE',
    ],
    ['an address as server name', 'serverName: 10.0.0.1', 'serverName: CONFIG_WRONG_VALUE'],
    ['a server name with a port', 'serverName: "zk1:2281"', 'serverName: CONFIG_WRONG_VALUE'],
    ['a key left empty', 'ca: ', 'ca: CONFIG_WRONG_TYPE'],
    ['a list of CAs', 'ca: [ca.pem]', 'ca: CONFIG_WRONG_TYPE'],
    ['a reference to nothing', 'ca: ${file:/no}', 'ca: CONFIG_REFERENCE'],
    ['a key of another name', 'cafile: ca.pem', 'cafile: CONFIG_UNKNOWN_KEY'],
  ])('finds %s', (_, text, expected) => {
    expect(outline(read(text))).toEqual([`zookeeper.tls.${expected}`]);
  });

  it('finds a key that OpenSSL holds for too short', () => {
    expect(problems(read('cert: weak.pem, key: weak.key'))).toMatchObject([
      {
        path: 'zookeeper.tls',
        code: 'CONFIG_WRONG_VALUE',
        found: expect.stringMatching(/ERR_SSL/),
      },
    ]);
  });

  it('names the file it cannot read', () => {
    expect(problems(read('ca: sub/no.pem')).map(renderProblem)).toEqual([
      'fleet.yaml:3:14: zookeeper.tls.ca: expected PEM certificates in "sub/no.pem", ' +
        'found an error on reading it (ENOENT); ' +
        'correct the path, or let the user ExaBGP runs as read it [CONFIG_UNREADABLE]',
    ]);
  });

  it('misses a CA when neither the file nor the system has one', () => {
    const environment = { SSL_CERT_FILE: '/no/bundle.pem' };
    expect(outline(read('', environment))).toEqual(['zookeeper.tls.ca: CONFIG_MISSING']);
  });

  describe('files that are read again', () => {
    /** A configuration whose files the test may change. */
    function setUp(text = 'ca: ca.pem, cert: lb.pem, key: lb.key') {
      const own = { ...files };
      const { zookeeper } = valid(load(tls(text), { files: own })).config;
      return { own, renew: () => zookeeper.renewTls() };
    }

    it('are news only when their content is another', () => {
      const { own: on, renew } = setUp();
      expect(renew()).toBeUndefined();
      on['ca.pem'] = `${on['ca.pem']}\n`;
      expect(renew()).toMatchObject({ kind: 'renewed', tls: { ca: on['ca.pem'], key: own.key } });
      expect(renew()).toBeUndefined();
    });

    it('are taken when certificate and key were renewed together', () => {
      const { own: on, renew } = setUp();
      Object.assign(on, { 'lb.pem': other.cert, 'lb.key': other.key });
      expect(renew()).toMatchObject({
        kind: 'renewed',
        tls: { ca: authority.cert, cert: other.cert, key: other.key },
      });
    });

    it.each([
      ['a missing file', { 'ca.pem': undefined }, /tls\.ca: .*ca\.pem.*ENOENT/],
      ['an empty file', { 'ca.pem': '' }, /tls\.ca: expected PEM certificates.*without any/],
      ['half a certificate', { 'lb.pem': 'HALF' }, /tls\.cert: .*without any/],
      ['a key that is not the certificate’s', { 'lb.key': 'OTHER' }, /tls\.key: .*another one/],
      ['a damaged key', { 'lb.key': 'CUT' }, /tls\.key: .*damaged/],
      ['a key that needs a passphrase', { 'lb.key': 'LOCKED' }, /tls\.passphrase/],
    ])('are of no use with %s, which is told once and can be mended', (_, change, words) => {
      const { own: on, renew } = setUp();
      const contents: Record<string, string | undefined> = {
        HALF: own.cert.slice(0, own.cert.length / 2),
        OTHER: other.key,
        CUT: files['cut.key'],
        LOCKED: files['locked.key'],
      };
      for (const [name, content] of Object.entries(change))
        on[name] = (content && contents[content]) ?? content ?? '';
      if (Object.values(change).includes(undefined)) delete on['ca.pem'];
      expect(renew()).toEqual({ kind: 'unusable', detail: expect.stringMatching(words) });
      expect(renew()).toBeUndefined();
      Object.assign(on, files);
      expect(renew()).toMatchObject({ kind: 'renewed', tls: { ca: authority.cert, key: own.key } });
    });

    it('may be the system’s', () => {
      const { own: on, renew } = setUp('');
      expect(renew()).toBeUndefined();
      on['/etc/ssl/certs/ca-certificates.crt'] = other.cert;
      expect(renew()).toMatchObject({ kind: 'renewed', tls: { ca: other.cert } });
    });
  });

  it('never shows a key or passphrase, wherever it is put', () => {
    const secret = own.key.split('\n')[1] ?? '';
    const block = own.key.trimEnd().replaceAll('\n', '\n      ');
    const texts = [
      ...['ca', 'cert', 'key', 'passphrase', 'serverName'].map(
        (key) => `tls:\n    ${key}: |\n      ${block}`,
      ),
      `tls: |\n      ${block}`,
      `auth: |\n      ${block}`,
      `sessionTimeout: |\n      ${block}`,
      'tls: { cert: lb.pem, key: "${file:/run/lb.key}" }',
      'tls: { cert: lb.pem, key: locked.key, passphrase: not-this }',
      'tls: { cert: lb.pem, key: locked.key, passphrase: [not-this] }',
    ];
    for (const text of texts) {
      const lines = problems(load(fleet({ zookeeper: text }), { files })).map(renderProblem);
      expect(lines).not.toEqual([]);
      expect(lines.join('\n')).not.toContain(secret.slice(0, 20));
      expect(lines.join('\n')).not.toContain('not-this');
    }
  });
});
