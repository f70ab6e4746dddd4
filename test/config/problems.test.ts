import { expect, it } from 'vitest';
import { problemCodes, renderProblem } from '../../src/config/problem.ts';
import { fleet, load, outline, problems } from './load.ts';

it('tells ten different mistakes at once, each with place, expectation, finding and fix', () => {
  const text = `member: 10.0.0.1
listen: localhost:9468
zookeeper:
  hosts: [zk1:2181, zk2:99999]
  sessionTimout: 6s
  onCoordinationLoss: panic
allowed: [10.20.255.0/24]
services:
  apex:
    vips:
      10.20.255.1: lb1
      10.20.254.2: lb2
    checks:
      - exec: curl -sf http://127.0.0.1/
        interval: 5
        fall: 0
    announce: { owner: { communities: ["65000:65536"] } }
  www:
    vips: { 10.20.255.1/32: lb2 }
`;
  const found = problems(load(text));
  expect(found).toHaveLength(10);
  expect(found.map(({ file, line, column, path }) => `${file}:${line}:${column} ${path}`)).toEqual([
    'fleet.yaml:1:9 member',
    'fleet.yaml:2:9 listen',
    'fleet.yaml:4:21 zookeeper.hosts.1',
    'fleet.yaml:5:3 zookeeper.sessionTimout',
    'fleet.yaml:6:23 zookeeper.onCoordinationLoss',
    'fleet.yaml:12:7 services.apex.vips.10.20.254.2',
    'fleet.yaml:15:19 services.apex.checks.0.interval',
    'fleet.yaml:16:15 services.apex.checks.0.fall',
    'fleet.yaml:17:40 services.apex.announce.owner.communities.0',
    'fleet.yaml:19:13 services.www.vips.10.20.255.1/32',
  ]);
  expect(found.map(({ code }) => code)).toEqual([
    'CONFIG_WRONG_VALUE',
    'CONFIG_WRONG_VALUE',
    'CONFIG_WRONG_VALUE',
    'CONFIG_UNKNOWN_KEY',
    'CONFIG_WRONG_VALUE',
    'CONFIG_NOT_ALLOWED',
    'CONFIG_WRONG_VALUE',
    'CONFIG_OUT_OF_RANGE',
    'CONFIG_WRONG_VALUE',
    'CONFIG_DUPLICATE_VIP',
  ]);
  for (const problem of found) {
    expect(problem.expected).not.toBe('');
    expect(problem.found).not.toBe('');
    expect(problem.fix).not.toBe('');
  }
  expect(found.map(renderProblem)[6]).toBe(
    'fleet.yaml:15:19: services.apex.checks.0.interval: expected a duration as 4s, 200ms, 1m30s or 1h, ' +
      'from 100ms to 24h, found "5"; add a unit, as in 5s or 500ms [CONFIG_WRONG_VALUE]',
  );
});

const service = (text: string) => fleet({ service: text });
const services = (text: string) => `zookeeper: { hosts: zk1 }\nservices: ${text}`;

it.each([
  ['nothing at all', '', ': CONFIG_WRONG_TYPE'],
  ['a list', '[]', ': CONFIG_WRONG_TYPE'],
  [
    'an empty zookeeper',
    `zookeeper:\n${'services: { a: { owns: [10.0.0.1] } }'}`,
    'zookeeper: CONFIG_WRONG_TYPE',
  ],
  [
    'takeover without zookeeper',
    'services: { a: { owns: [10.0.0.1], takeover: {} } }',
    'services.a.takeover: CONFIG_CONTRADICTION',
  ],
  [
    'drain without zookeeper',
    'services: { a: { owns: [10.0.0.1], drain: {} } }',
    'services.a.drain: CONFIG_CONTRADICTION',
  ],
  [
    'paths without zookeeper',
    'services: { a: { owns: [10.0.0.1], paths: {} } }',
    'services.a.paths: CONFIG_CONTRADICTION',
  ],
  [
    'announce.standby without zookeeper',
    'services: { a: { owns: [10.0.0.1], announce: { standby: { med: 300 } } } }',
    'services.a.announce.standby: CONFIG_CONTRADICTION',
  ],
  [
    'a disable file beside zookeeper',
    services('{ a: { owns: [10.0.0.1], disable: /tmp/x } }'),
    'services.a.disable: CONFIG_CONTRADICTION',
  ],
  ['no services', 'zookeeper: { hosts: zk1 }', 'services: CONFIG_MISSING'],
  ['no service', services('{}'), 'services: CONFIG_MISSING'],
  ['a service without VIPs', services('{ a: {} }'), 'services.a: CONFIG_MISSING'],
  ['empty vips', services('{ a: { vips: {} } }'), 'services.a: CONFIG_MISSING'],
  ['vips left empty', services('{ a: { vips: } }'), 'services.a.vips: CONFIG_WRONG_TYPE'],
  [
    'no owner',
    services('{ a: { vips: { 10.0.0.1: } } }'),
    'services.a.vips.10.0.0.1: CONFIG_WRONG_TYPE',
  ],
  [
    'an owner by address',
    services('{ a: { vips: { 10.0.0.1: 10.0.0.9 } } }'),
    'services.a.vips.10.0.0.1: CONFIG_WRONG_VALUE',
  ],
  [
    'an owner of odd letters',
    services('{ a: { vips: { 10.0.0.1: "lb/1" } } }'),
    'services.a.vips.10.0.0.1: CONFIG_WRONG_VALUE',
  ],
  ['a relative directory', fleet({ top: 'stateDir: state' }), 'stateDir: CONFIG_WRONG_VALUE'],
  ['the root as directory', fleet({ top: 'stateDir: /' }), 'stateDir: CONFIG_WRONG_VALUE'],
  ['a directory left empty', fleet({ top: 'stateDir:' }), 'stateDir: CONFIG_WRONG_TYPE'],
  ['both styles', service('owns: [10.20.255.3]'), 'services.apex: CONFIG_CONTRADICTION'],
  ['no VIP', services('{ a: { vips: { lb1: lb1 } } }'), 'services.a.vips.lb1: CONFIG_WRONG_VALUE'],
  [
    'host bits',
    services('{ a: { vips: { 10.0.0.1/24: lb1 } } }'),
    'services.a.vips.10.0.0.1/24: CONFIG_WRONG_VALUE',
  ],
  [
    'a bad length',
    services('{ a: { vips: { 10.0.0.1/33: lb1 } } }'),
    'services.a.vips.10.0.0.1/33: CONFIG_WRONG_VALUE',
  ],
  [
    'a service named by address',
    services('{ 10.0.0.9: { owns: [10.0.0.1] } }'),
    'services.10.0.0.9: CONFIG_WRONG_VALUE',
  ],
  [
    'a service with a slash',
    services('{ "a/b": { owns: [10.0.0.1] } }'),
    'services.a/b: CONFIG_WRONG_VALUE',
  ],
  [
    'a number without unit',
    fleet({ zookeeper: 'sessionTimeout: 6' }),
    'zookeeper.sessionTimeout: CONFIG_WRONG_VALUE',
  ],
  [
    'a session too short',
    fleet({ zookeeper: 'sessionTimeout: 1s' }),
    'zookeeper.sessionTimeout: CONFIG_OUT_OF_RANGE',
  ],
  [
    'a session too long',
    fleet({ zookeeper: 'sessionTimeout: 61s' }),
    'zookeeper.sessionTimeout: CONFIG_OUT_OF_RANGE',
  ],
  ['a relative root', fleet({ zookeeper: 'root: exabgp' }), 'zookeeper.root: CONFIG_WRONG_VALUE'],
  [
    'a root ending in a slash',
    fleet({ zookeeper: 'root: /exabgp/' }),
    'zookeeper.root: CONFIG_WRONG_VALUE',
  ],
  [
    'a MED too large',
    service('announce: { owner: { med: 4294967296 } }'),
    'services.apex.announce.owner.med: CONFIG_OUT_OF_RANGE',
  ],
  [
    'a negative preference',
    service('announce: { down: { localPreference: -1 } }'),
    'services.apex.announce.down.localPreference: CONFIG_OUT_OF_RANGE',
  ],
  [
    'a next-hop by name',
    service('announce: { owner: { nextHop: lb1 } }'),
    'services.apex.announce.owner.nextHop: CONFIG_WRONG_VALUE',
  ],
  [
    'a next-hop of the other family',
    service('announce: { owner: { nextHop: "2001:db8::1" } }'),
    'services.apex.announce.owner.nextHop: CONFIG_CONTRADICTION',
  ],
  [
    'an owner who is no member',
    service('members: [lb1]'),
    'services.apex.vips.10.20.255.2: CONFIG_CONTRADICTION',
  ],
  [
    'a check without command',
    service('checks: [{ rise: 3 }]'),
    'services.apex.checks.0: CONFIG_MISSING',
  ],
  [
    'an empty command',
    service('checks: [{ exec: " " }]'),
    'services.apex.checks.0.exec: CONFIG_WRONG_VALUE',
  ],
  [
    'checks as a mapping',
    service('checks: { exec: "true" }'),
    'services.apex.checks: CONFIG_WRONG_TYPE',
  ],
  [
    'a rise of one and a half',
    service('checks: [{ exec: "true", rise: 1.5 }]'),
    'services.apex.checks.0.rise: CONFIG_WRONG_VALUE',
  ],
  [
    'a facility that is none',
    fleet({ top: 'log: { syslog: deamon }' }),
    'log.syslog: CONFIG_WRONG_VALUE',
  ],
  ['yes for true', fleet({ top: 'log: { silent: yes }' }), 'log.silent: CONFIG_WRONG_VALUE'],
  [
    'no neighbor required',
    fleet({ top: 'bgp: { require: 0 }' }),
    'bgp.require: CONFIG_OUT_OF_RANGE',
  ],
  [
    'an allowed that is no prefix',
    fleet({ top: 'allowed: [10.20.255.0/8]' }),
    'allowed.0: CONFIG_WRONG_VALUE',
  ],
  [
    'a credential without colon',
    fleet({ zookeeper: 'auth: { digest: x }' }),
    'zookeeper.auth.digest: CONFIG_WRONG_VALUE',
  ],
  [
    'a community out of its range',
    service('announce: { backup: { communities: ["65536:1"] } }'),
    'services.apex.announce.backup.communities.0: CONFIG_WRONG_VALUE',
  ],
  [
    'a community that begins a second command',
    service('announce: { owner: { communities: ["65000:1\\nwithdraw route 10.0.0.1"] } }'),
    'services.apex.announce.owner.communities.0: CONFIG_WRONG_VALUE',
  ],
  [
    'a large community of two parts',
    service('announce: { owner: { largeCommunities: ["65000:1"] } }'),
    'services.apex.announce.owner.largeCommunities.0: CONFIG_WRONG_VALUE',
  ],
  [
    'an extended community that ExaBGP does not answer to',
    service('announce: { owner: { extendedCommunities: ["target:70000:70000"] } }'),
    'services.apex.announce.owner.extendedCommunities.0: CONFIG_WRONG_VALUE',
  ],
  [
    'one community without its list',
    service('announce: { owner: { communities: "65000:1" } }'),
    'services.apex.announce.owner.communities: CONFIG_WRONG_TYPE',
  ],
  [
    'more communities than an UPDATE has room for',
    service(`announce: { owner: { communities: [${'"65000:1", '.repeat(51)}] } }`),
    'services.apex.announce.owner.communities: CONFIG_WRONG_TYPE',
  ],
  [
    'AS_TRANS in a path',
    service('announce: { owner: { asPath: [65000, 23456] } }'),
    'services.apex.announce.owner.asPath.1: CONFIG_OUT_OF_RANGE',
  ],
  [
    'an empty path',
    service('announce: { owner: { asPath: [] } }'),
    'services.apex.announce.owner.asPath: CONFIG_WRONG_TYPE',
  ],
  [
    'a prepend of 21',
    service('announce: { backup: { asPathPrepend: 21 } }'),
    'services.apex.announce.backup.asPathPrepend: CONFIG_OUT_OF_RANGE',
  ],
  [
    'a path identifier that is too large',
    service('announce: { owner: { pathInformation: 1.2.3.256 } }'),
    'services.apex.announce.owner.pathInformation: CONFIG_WRONG_VALUE',
  ],
  [
    'a next-hop under the other family',
    service('announce: { owner: { nextHop: { ipv6: 10.0.0.1 } } }'),
    'services.apex.announce.owner.nextHop.ipv6: CONFIG_WRONG_VALUE',
  ],
  [
    'an unknown family',
    service('announce: { owner: { nextHop: { ipv5: self } } }'),
    'services.apex.announce.owner.nextHop.ipv5: CONFIG_UNKNOWN_KEY',
  ],
  [
    'a list of next-hops',
    service('announce: { owner: { nextHop: [self] } }'),
    'services.apex.announce.owner.nextHop: CONFIG_WRONG_TYPE',
  ],
  [
    'a next-hop of the other family while draining',
    service('drain: { nextHop: "2001:db8::1" }'),
    'services.apex.drain.nextHop: CONFIG_CONTRADICTION',
  ],
  [
    'a neighbor by name',
    service('announce: { neighbors: [tor1] }'),
    'services.apex.announce.neighbors.0: CONFIG_WRONG_VALUE',
  ],
  [
    'no neighbor',
    service('announce: { neighbors: [] }'),
    'services.apex.announce.neighbors: CONFIG_WRONG_TYPE',
  ],
  [
    'neighbors of a role, which they are not chosen for',
    service('announce: { owner: { neighbors: [10.0.0.1] } }'),
    'services.apex.announce.owner.neighbors: CONFIG_UNKNOWN_KEY',
  ],
  [
    'a takeover after the end of a drain',
    service('takeover: { delay: 30s }'),
    'services.apex.takeover.delay: CONFIG_CONTRADICTION',
  ],
  [
    'backups of none',
    service('takeover: { backups: 0 }'),
    'services.apex.takeover.backups: CONFIG_OUT_OF_RANGE',
  ],
  [
    'some backups',
    service('takeover: { backups: some }'),
    'services.apex.takeover.backups: CONFIG_WRONG_VALUE',
  ],
  [
    'damping by another word',
    service('takeover: { damping: none }'),
    'services.apex.takeover.damping: CONFIG_WRONG_VALUE',
  ],
  [
    'damping after no fall',
    service('takeover: { damping: { falls: 0 } }'),
    'services.apex.takeover.damping.falls: CONFIG_OUT_OF_RANGE',
  ],
  ['more VIPs than routes', fleet({ top: 'maxRoutes: 1' }), 'maxRoutes: CONFIG_NOT_ALLOWED'],
  ['no route at all', fleet({ top: 'maxRoutes: 0' }), 'maxRoutes: CONFIG_OUT_OF_RANGE'],
  [
    'an ExaBGP of another time',
    fleet({ top: 'exabgp: { api: 7 }' }),
    'exabgp.api: CONFIG_WRONG_VALUE',
  ],
  [
    'silence before an answer is due',
    fleet({ top: 'exabgp: { stallAfter: 1s }' }),
    'exabgp.stallAfter: CONFIG_CONTRADICTION',
  ],
  [
    'a refresh without unit',
    fleet({ top: 'exabgp: { refresh: 60 }' }),
    'exabgp.refresh: CONFIG_WRONG_VALUE',
  ],
  [
    'an interface that is an option',
    fleet({ top: 'host: { interface: -all }' }),
    'host.interface: CONFIG_WRONG_VALUE',
  ],
  [
    'a label of two words',
    fleet({ top: 'host: { label: "a b" }' }),
    'host.label: CONFIG_WRONG_VALUE',
  ],
  [
    'addresses that come and go under a user who may not change them',
    fleet({ top: 'host: { addresses: dynamic }\nuser: nobody' }),
    'host.addresses: CONFIG_CONTRADICTION',
  ],
  [
    'a label without room behind its interface',
    fleet({ top: 'host: { interface: dummy-vips, label: vips4 }' }),
    'host.label: CONFIG_OUT_OF_RANGE',
  ],
  ['an empty hook', fleet({ top: 'hooks: { onUp: "" }' }), 'hooks.onUp: CONFIG_WRONG_VALUE'],
  ['an unknown hook', fleet({ top: 'hooks: { onFire: a }' }), 'hooks.onFire: CONFIG_UNKNOWN_KEY'],
  [
    'a hook that takes its time',
    fleet({ top: 'hooks: { timeout: 2h }' }),
    'hooks.timeout: CONFIG_OUT_OF_RANGE',
  ],
  ['a user of two words', fleet({ top: 'user: "a b"' }), 'user: CONFIG_WRONG_VALUE'],
  ['a reload of another kind', fleet({ top: 'reload: never' }), 'reload: CONFIG_WRONG_VALUE'],
  ['tabs', 'zookeeper:\n\thosts: zk1', ': CONFIG_SYNTAX'],
  ['two documents', `${fleet()}---\na: b\n`, ': CONFIG_SYNTAX'],
  ['an unknown alias', 'zookeeper: *none', ': CONFIG_SYNTAX'],
  [
    'a chroot twice',
    fleet({ zookeeper: 'chroot: /a' }).replace('[zk1]', 'zk1/a'),
    'zookeeper.chroot: CONFIG_CONTRADICTION',
  ],
  [
    'claims of two services in one place',
    `${fleet({ service: 'paths: { claims: /exabgp/service/www }' })}  www: { owns: [10.0.0.1] }\n`,
    'services.www.paths.claims: CONFIG_CONTRADICTION',
  ],
  [
    '__proto__',
    '__proto__: { a: b }\nzookeeper: { hosts: zk1 }\nservices: { a: { owns: [10.0.0.1] } }',
    '__proto__: CONFIG_UNKNOWN_KEY',
  ],
])('finds %s', (_, text, expected) => {
  expect(outline(load(text))).toEqual([expected]);
});

it.each([
  [fleet({ zookeeper: 'session_timeout: 6s' }), 'did you mean sessionTimeout?'],
  [fleet({ top: 'membr: lb1' }), 'did you mean member?'],
  [service('vip: { 10.20.255.9: lb1 }'), 'did you mean vips?'],
  [service('checks: [{ exec: "true", timout: 2s }]'), 'did you mean timeout?'],
  [fleet({ top: 'frobnicate: 1' }), 'remove it'],
])('proposes a key for an unknown one', (text, fix) => {
  expect(problems(load(text))).toMatchObject([{ code: 'CONFIG_UNKNOWN_KEY', fix }]);
});

it('names the place of a key that is written twice', () => {
  const text =
    'zookeeper: { hosts: zk1 }\nservices:\n  a:\n    vips:\n      10.0.0.1: lb1\n      10.0.0.1: lb2\n';
  expect(problems(load(text))).toMatchObject([
    { code: 'CONFIG_DUPLICATE_KEY', path: 'services.a.vips.10.0.0.1', line: 6, column: 7 },
  ]);
});

it.each([['10.20.255.1/32'], ['"2001:0db8::1"'], ['2001:db8:0:0::1/128']])(
  'finds a VIP listed again as %s, in the same service or another',
  (spelling) => {
    const same = services(`{ a: { owns: [10.20.255.1, "2001:db8::1"], others: [${spelling}] } }`);
    expect(problems(load(same))).toMatchObject([
      { code: 'CONFIG_DUPLICATE_VIP', path: 'services.a.others.0' },
    ]);
    const other = services(`
  a: { owns: [10.20.255.1, "2001:db8::1"] }
  b: { vips: { ${spelling}: lb2 } }`);
    expect(problems(load(other))).toMatchObject([{ code: 'CONFIG_DUPLICATE_VIP', line: 4 }]);
  },
);

it('refuses a host name that is no member id when none is set', () => {
  const loaded = load(fleet(), { hostname: '192.0.2.7' });
  expect(problems(loaded)).toMatchObject([{ path: 'member', found: 'the host name "192.0.2.7"' }]);
  expect(load(fleet({ top: 'member: lb1' }), { hostname: '192.0.2.7' }).kind).toBe('valid');
});

it('prints one line per problem, whatever the file holds', () => {
  const text = fleet({ top: '"a\\nb\\e[31m": 1' });
  const lines = problems(load(text)).map(renderProblem);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the point of the test
  expect(lines.filter((line) => /[\u0000-\u001f]/.test(line))).toEqual([]);
});

it('ends aliases that multiply each other', () => {
  const levels = Array.from(
    { length: 9 },
    (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`,
  );
  const text = `a0: &a0 [x, x]\n${levels.join('\n')}\n`;
  expect(outline(load(text))).toEqual([': CONFIG_SYNTAX']);
});

it('documents every code', async () => {
  const { readFileSync } = await import('node:fs');
  const errors = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  expect(Object.keys(problemCodes).filter((code) => !errors.includes(`\`${code}\``))).toEqual([]);
});

const acl = (text: string, auth = 'auth: { digest: "u:p" }') =>
  fleet({ zookeeper: `${auth}\nacl: ${text}` });

it.each([
  ['readers of another kind', acl('{ readers: nobody }'), 'acl.readers: CONFIG_WRONG_VALUE'],
  ['a single operator', acl('{ operators: "ip:10.0.0.1" }'), 'acl.operators: CONFIG_WRONG_TYPE'],
  [
    'an unknown scheme',
    acl('{ operators: ["world:anyone"] }'),
    'acl.operators.0: CONFIG_WRONG_VALUE',
  ],
  ['no scheme', acl('{ operators: [ops] }'), 'acl.operators.0: CONFIG_WRONG_VALUE'],
  ['no address', acl('{ operators: ["ip:lb1"] }'), 'acl.operators.0: CONFIG_WRONG_VALUE'],
  [
    'a password',
    acl('{ operators: ["digest:ops:secret"] }'),
    'acl.operators.0: CONFIG_WRONG_VALUE',
  ],
  ['an acl without auth', acl('{ readers: members }', ''), 'acl: CONFIG_CONTRADICTION'],
])('finds in zookeeper.acl %s', (_, text, expected) => {
  expect(outline(load(text))).toEqual([`zookeeper.${expected}`]);
});

it('shows no password that stands where its hash belongs, and says how to make that', () => {
  const [line = ''] = problems(load(acl('{ operators: ["digest:ops:secret"] }'))).map(
    renderProblem,
  );
  expect(line).not.toContain('secret');
  expect(line).toContain('openssl sha1 -binary | base64');
});
