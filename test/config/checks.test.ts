import { describe, expect, it } from 'vitest';
import { renderProblem } from '../../src/config/problem.ts';
import type { Probe } from '../../src/core/probe.ts';
import { createAuthority, hasOpenssl } from '../helpers/certificates.ts';
import { fleet, load, problems, valid } from './load.ts';

const withCheck = (check: string, more = '') => fleet({ service: `checks: [${check}]\n${more}` });

function probeOf(check: string, files: Readonly<Record<string, string>> = {}): Probe | undefined {
  const { config } = valid(load(withCheck(check), { files }));
  return config.settings.services[0]?.checks[0]?.probe;
}

const get = { kind: 'http', method: 'GET', headers: {}, status: [[200, 299]] };

it.each<readonly [string, object]>([
  ['{ exec: "true" }', { kind: 'exec', command: 'true' }],
  ['{ http: "http://127.0.0.1/h" }', { ...get, url: 'http://127.0.0.1/h' }],
  [
    '{ http: { url: "https://[2001:db8::1]:8443/" } }',
    { ...get, url: 'https://[2001:db8::1]:8443/' },
  ],
  [
    '{ http: { url: http://a/, method: POST, headers: { Host: www, Authorization: Basic x }, ' +
      'status: "200-299, 301,404-410", body: ok, source: 192.0.2.1 } }',
    {
      ...get,
      url: 'http://a/',
      method: 'POST',
      headers: { Host: 'www', Authorization: 'Basic x' },
      status: [
        [200, 299],
        [301, 301],
        [404, 410],
      ],
      body: { text: 'ok' },
      source: '192.0.2.1',
    },
  ],
  [
    '{ http: { url: https://a/, bodyPattern: "^ok$", socket: /run/x, tls: { serverName: b.example, insecure: true } } }',
    {
      ...get,
      url: 'https://a/',
      body: { pattern: '^ok$' },
      socket: '/run/x',
      tls: { serverName: 'b.example', insecure: true },
    },
  ],
  ['{ tcp: "127.0.0.1:25" }', { kind: 'tcp', host: '127.0.0.1', port: 25 }],
  ['{ tcp: "[::1]:25" }', { kind: 'tcp', host: '::1', port: 25 }],
  [
    '{ tcp: { address: "mail:25", source: 192.0.2.1, banner: "220 " } }',
    { kind: 'tcp', host: 'mail', port: 25, source: '192.0.2.1', banner: '220 ' },
  ],
  [
    '{ dns: { server: 127.0.0.1, name: www.example.org } }',
    { kind: 'dns', server: '127.0.0.1', name: 'www.example.org', type: 'A', answers: [] },
  ],
  [
    '{ dns: { server: "[::1]:5353", name: example.org., type: MX, answers: [10 mx], source: "::1" } }',
    {
      kind: 'dns',
      server: '[::1]:5353',
      name: 'example.org.',
      type: 'MX',
      answers: ['10 mx'],
      source: '::1',
    },
  ],
  [
    '{ ipvs: "10.20.255.1:80" }',
    {
      kind: 'ipvs',
      service: { protocol: 'tcp', address: '10.20.255.1', port: 80 },
      drop: 0,
      restore: 1,
      table: '/proc/net/ip_vs',
    },
  ],
  [
    '{ ipvs: { service: "[2001:DB8:0::1]:53", protocol: udp, drop: 2, table: /tmp/t } }',
    {
      kind: 'ipvs',
      service: { protocol: 'udp', address: '2001:db8::1', port: 53 },
      drop: 2,
      restore: 3,
      table: '/tmp/t',
    },
  ],
  [
    '{ ipvs: { fwmark: 7, drop: 1, restore: 4 } }',
    { kind: 'ipvs', service: { mark: 7 }, drop: 1, restore: 4, table: '/proc/net/ip_vs' },
  ],
  ['{ file: /run/ready }', { kind: 'file', path: '/run/ready', mustExist: true }],
  ['{ file: { exists: /run/ready } }', { kind: 'file', path: '/run/ready', mustExist: true }],
  ['{ file: { absent: /run/off } }', { kind: 'file', path: '/run/off', mustExist: false }],
  ['{ always: up }', { kind: 'always', passes: true }],
  ['{ always: down }', { kind: 'always', passes: false }],
])('reads %s', (check, probe) => {
  expect(probeOf(check)).toEqual(probe);
});

it.each([
  ['', 'all'],
  ['health: all', 'all'],
  ['health: any', 1],
  ['health: { atLeast: 2 }', 2],
])('takes "%s" for %s', (health, expected) => {
  const { config } = valid(load(withCheck('{ always: up }, { always: down }', health)));
  expect(config.settings.services[0]?.health).toBe(expected);
});

describe('a mistake is told with its place and its fix:', () => {
  const at = 'services.apex.checks.0';
  it.each([
    ['{ htpp: http://a/ }', `${at}.htpp`, 'UNKNOWN_KEY', 'did you mean http?'],
    ['{ interval: 3s }', at, 'MISSING', 'say what is to be checked'],
    ['{ exec: "true", tcp: "a:1" }', at, 'CONTRADICTION', 'a check of its own for each'],
    ['{ http: http://a/, status: 200 }', `${at}.status`, 'UNKNOWN_KEY', 'move it into http'],
    [
      '{ http: { url: http://a/ }, status: 200 }',
      `${at}.status`,
      'UNKNOWN_KEY',
      'move it into http, as in http: { status: ... }',
    ],
    ['{ http: "ftp://a/" }', `${at}.http`, 'WRONG_VALUE', 'start with http://'],
    ['{ http: "http://::1/" }', `${at}.http`, 'WRONG_VALUE', 'belongs into brackets'],
    ['{ http: "http://a b/" }', `${at}.http`, 'WRONG_VALUE', 'start with http://'],
    ['{ http: [] }', `${at}.http`, 'WRONG_TYPE', ''],
    ['{ http: { method: GET } }', `${at}.http.url`, 'MISSING', 'add it'],
    ['{ http: { url: http://a/, method: DELETE } }', `${at}.http.method`, 'WRONG_VALUE', 'GET'],
    ['{ http: { url: http://a/, status: 20 } }', `${at}.http.status`, 'WRONG_VALUE', 'ranges'],
    ['{ http: { url: http://a/, status: 299-200 } }', `${at}.http.status`, 'WRONG_VALUE', 'lower'],
    [
      '{ http: { url: http://a/, bodyPattern: "(" } }',
      `${at}.http.bodyPattern`,
      'WRONG_VALUE',
      'brackets',
    ],
    [
      '{ http: { url: http://a/, body: a, bodyPattern: b } }',
      `${at}.http.bodyPattern`,
      'CONTRADICTION',
      'remove',
    ],
    [
      '{ http: { url: http://a/, method: HEAD, body: a } }',
      `${at}.http.method`,
      'CONTRADICTION',
      'GET',
    ],
    [
      '{ http: { url: http://a/, socket: run/x } }',
      `${at}.http.socket`,
      'WRONG_VALUE',
      'from / on',
    ],
    [
      '{ http: { url: http://a/, socket: /x, source: 10.0.0.1 } }',
      `${at}.http.source`,
      'CONTRADICTION',
      'unix',
    ],
    [
      '{ http: { url: "http://[::1]/", source: 10.0.0.1 } }',
      `${at}.http.source`,
      'CONTRADICTION',
      'family',
    ],
    [
      '{ http: { url: http://a/, source: 10.0.0.0/24 } }',
      `${at}.http.source`,
      'WRONG_VALUE',
      'mask',
    ],
    [
      '{ http: { url: http://a/, tls: { insecure: true } } }',
      `${at}.http.tls`,
      'CONTRADICTION',
      'https',
    ],
    [
      '{ http: { url: https://a/, tls: { insecure: yes } } }',
      `${at}.http.tls.insecure`,
      'WRONG_VALUE',
      'true',
    ],
    [
      '{ http: { url: https://a/, tls: { ca: no.pem } } }',
      `${at}.http.tls.ca`,
      'UNREADABLE',
      'path',
    ],
    [
      '{ http: { url: https://a/, tls: { ca: some.txt } } }',
      `${at}.http.tls.ca`,
      'WRONG_VALUE',
      'PEM',
    ],
    [
      '{ http: { url: http://a/, headers: { "a b": c } } }',
      `${at}.http.headers.a b`,
      'WRONG_VALUE',
      'remove',
    ],
    [
      '{ http: { url: http://a/, headers: { Connection: c } } }',
      `${at}.http.headers.Connection`,
      'WRONG_VALUE',
      '',
    ],
    ['{ tcp: 127.0.0.1 }', `${at}.tcp`, 'WRONG_VALUE', 'write both'],
    ['{ tcp: "::1" }', `${at}.tcp`, 'WRONG_VALUE', '[::1]:25'],
    ['{ tcp: "a:70000" }', `${at}.tcp`, 'WRONG_VALUE', 'write both'],
    [
      '{ tcp: { address: "10.0.0.1:1", source: "::1" } }',
      `${at}.tcp.source`,
      'CONTRADICTION',
      'family',
    ],
    ['{ dns: www.example.org }', `${at}.dns`, 'WRONG_TYPE', 'keys of server, name, type'],
    ['{ dns: { server: ns1, name: a } }', `${at}.dns.server`, 'WRONG_VALUE', 'address'],
    ['{ dns: { server: 10.0.0.1, name: "a..b" } }', `${at}.dns.name`, 'WRONG_VALUE', 'in full'],
    ['{ dns: { server: 10.0.0.1, name: a, type: ANY } }', `${at}.dns.type`, 'WRONG_VALUE', 'AAAA'],
    [
      '{ dns: { server: 10.0.0.1, name: a, source: "::1" } }',
      `${at}.dns.source`,
      'CONTRADICTION',
      'family',
    ],
    ['{ ipvs: vip:80 }', `${at}.ipvs`, 'WRONG_VALUE', 'ipvsadm'],
    ['{ ipvs: {} }', `${at}.ipvs`, 'CONTRADICTION', 'write one'],
    ['{ ipvs: { fwmark: 1, service: "10.0.0.1:80" } }', `${at}.ipvs`, 'CONTRADICTION', 'write one'],
    [
      '{ ipvs: { fwmark: 1, protocol: udp } }',
      `${at}.ipvs.protocol`,
      'CONTRADICTION',
      'every protocol',
    ],
    [
      '{ ipvs: { fwmark: 1, drop: 3, restore: 3 } }',
      `${at}.ipvs.restore`,
      'CONTRADICTION',
      'raise restore',
    ],
    ['{ file: ready }', `${at}.file`, 'WRONG_VALUE', 'from / on'],
    ['{ file: {} }', `${at}.file`, 'CONTRADICTION', 'write one'],
    ['{ file: { exists: /a, absent: /b } }', `${at}.file`, 'CONTRADICTION', 'write one'],
    ['{ always: maybe }', `${at}.always`, 'WRONG_VALUE', 'up, down'],
  ])('%s', (check, path, code, fix) => {
    const found = problems(load(withCheck(check), { files: { 'some.txt': 'no certificate' } }));
    expect(found).toMatchObject([{ path, code: `CONFIG_${code}` }]);
    expect(found[0]?.fix).toContain(fix);
    expect(found[0]?.line).toBeGreaterThan(1);
  });

  it.each([
    ['health: some', 'services.apex.health', 'WRONG_VALUE'],
    ['health: { atLeast: 0 }', 'services.apex.health.atLeast', 'OUT_OF_RANGE'],
    ['health: { atLeast: 3 }', 'services.apex.health.atLeast', 'CONTRADICTION'],
  ])('%s', (health, path, code) => {
    const found = problems(load(withCheck('{ always: up }, { always: up }', health)));
    expect(found).toMatchObject([{ path, code: `CONFIG_${code}` }]);
  });
});

it.each([
  'http: { url: "http://admin:hunter2@a/" }',
  'http: "http://admin:hunter2@a/"',
  'http: "admin:hunter2@a"',
  'http: { url: http://a/, headers: { Authorization: "hunter2\\n" } }',
  'http: { url: http://a/, headers: { Authorization: [hunter2] } }',
])('shows no secret of %s', (check) => {
  const lines = problems(load(withCheck(`{ ${check} }`))).map(renderProblem);
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('hunter2');
});

it('keeps variables with credentials from the commands of checks', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: references are written like this
  const check = '{ http: { url: http://a/, headers: { Authorization: "${TOKEN}" } } }';
  const loaded = load(withCheck(check), { environment: { TOKEN: 'hunter2' } });
  expect(valid(loaded).config.secretVariables).toEqual(['TOKEN']);
});

describe.skipIf(!hasOpenssl())('the files of TLS', () => {
  const authority = createAuthority();
  const one = authority.issue('one');
  const two = authority.issue('two');
  const files = { 'ca.pem': authority.cert, 'a.pem': one.cert, 'a.key': one.key, 'b.key': two.key };
  authority.remove();
  const check = (tls: string) => `{ http: { url: https://a/, tls: { ${tls} } } }`;

  it('are named in the settings, not held there', () => {
    const probe = probeOf(check('ca: ca.pem, cert: a.pem, key: a.key'), files);
    expect(probe).toMatchObject({ tls: { ca: 'ca.pem', cert: 'a.pem', key: 'a.key' } });
  });

  it.each([
    ['cert: a.pem, key: b.key', 'tls.key', 'CONTRADICTION'],
    ['cert: a.pem', 'tls.key', 'MISSING'],
    ['key: a.key', 'tls.cert', 'MISSING'],
    ['ca: a.key', 'tls.ca', 'WRONG_VALUE'],
  ])('are refused as %s', (tls, path, code) => {
    expect(problems(load(withCheck(check(tls)), { files }))).toMatchObject([
      { path: `services.apex.checks.0.http.${path}`, code: `CONFIG_${code}` },
    ]);
  });
});
