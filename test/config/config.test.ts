import { describe, expect, it } from 'vitest';
import { fleet, load, ofTheHost, valid } from './load.ts';

it('fills in every default', () => {
  const { config, warnings } = valid(load(fleet({ service: 'checks: [{ exec: "true" }]' })));
  expect(config).toEqual({
    hash: expect.stringMatching(/^[0-9a-f]{12}$/),
    settings: {
      member: 'lb1',
      onCoordinationLoss: 'freeze',
      coldStart: { afterMs: undefined, policy: 'own' },
      neighbors: { require: 'any', stableForMs: 3_000 },
      services: [
        {
          name: 'apex',
          vips: [
            { vip: '10.20.255.1/32', owner: 'lb1' },
            { vip: '10.20.255.2/32', owner: 'lb2' },
          ],
          checks: [
            {
              probe: { kind: 'exec', command: 'true' },
              intervalMs: 5_000,
              fastIntervalMs: 1_000,
              timeoutMs: 2_000,
              rise: 3,
              fall: 3,
            },
          ],
          health: 'all',
          announce: {
            owner: { nextHop: 'self', med: 100 },
            backup: { nextHop: 'self', med: 200 },
            standby: undefined,
            down: undefined,
            disabled: undefined,
            drain: undefined,
          },
          takeover: {
            backups: 'all',
            damping: { falls: 3, halfLifeMs: 60_000, maxMs: 600_000 },
            delayMs: 0,
            releaseMs: 2_000,
            settleMs: 3_000,
          },
          drainTimeoutMs: 30_000,
        },
      ],
    },
    zookeeper: {
      servers: [{ host: 'zk1', port: 2181 }],
      chroot: '',
      sessionTimeoutMs: 6_000,
      auth: undefined,
      acl: { readers: 'everybody', operators: [] },
      tls: undefined,
      renewTls: expect.any(Function),
      services: [
        {
          name: 'apex',
          paths: {
            claims: '/exabgp/service/apex',
            maintenance: '/exabgp/maintenance/apex',
            members: '/exabgp/member/apex',
            drains: '/exabgp/drain/apex',
            statuses: '/exabgp/status/apex',
          },
        },
      ],
    },
    ...ofTheHost,
    reload: 'onChange',
    listen: undefined,
    log: { level: 'info', silent: false, format: 'auto', syslog: undefined },
  });
  expect(warnings).toEqual([]);
});

it('reads every key', () => {
  const text = `
member: lb2
zookeeper:
  hosts: "zk1:2181,[::1]:2182/lb"
  root: /
  sessionTimeout: 4s
  auth: { digest: "user:pass:word" }
  acl:
    readers: members
    operators: ["digest:ops:2KRM0BckWElqVv6gn33W8GAZ2s8=", "x509:CN=ops, O=net", "ip:10.0.0.0/8", sasl:ops]
  onCoordinationLoss: withdraw
  coldStart: { after: 1m, policy: all }
stateDir: /run/vipkeeper/lb2
exabgp: { api: 4, ackTimeout: 500ms, stallAfter: 1s, acks: off, refresh: 10m }
bgp: { require: 2, stableFor: 10s }
allowed: [10.20.0.0/16, "2001:db8::/32"]
maxRoutes: 3
shutdown: { timeout: 1500ms }
reload: onSignal
host: { addresses: dynamic, interface: dummy0, label: vip, sudo: true }
hooks: { timeout: 2s, onUp: "echo \${VIPKEEPER_VIP}", onDown: b, onTakeover: c, onRelease: d, onMaintenance: e, onDrain: f, onChange: g }
user: exabgp
group: 103
listen: 9468
log: { level: debug, silent: true, format: json, syslog: local0 }
services:
  apex:
    members: [lb1, lb2]
    vips: { 10.20.255.1: lb1, 10.20.30.0/24: lb2, "2001:DB8:0::1": lb2 }
    announce:
      neighbors: [10.0.0.1, "2001:DB8::0", 10.0.0.1]
      owner: { localPreference: 200, communities: ["65000:1", no-export] }
      backup: { med: 300, medPerVip: 1, medPerRank: 10 }
      standby:
        nextHop: { ipv4: 10.0.0.9, ipv6: "2001:DB8::9" }
        asPath: [65000, 65009]
        asPathPrepend: 3
        prependPerRank: 1
        largeCommunities: ["065000:1:2"]
        extendedCommunities: ["target:65000:70000", "origin:70000:5", "0x0002FDE800000001"]
        pathInformation: 0.0.1.2
      down: { med: 1000 }
      disabled: { med: 500, nextHop: { ipv4: 10.0.0.9 } }
    takeover: { backups: 2, delay: 1s, release: 0s, settle: 10s, damping: off }
    drain: { timeout: 1m30s, communities: [graceful-shutdown], pathInformation: 7 }
    paths: { claims: /lb/apex, maintenance: /lb/off/apex }
`;
  const { config } = valid(load(text));
  expect(config.zookeeper).toEqual({
    servers: [
      { host: 'zk1', port: 2181 },
      { host: '::1', port: 2182 },
    ],
    chroot: '/lb',
    sessionTimeoutMs: 4_000,
    auth: { scheme: 'digest', credential: 'user:pass:word' },
    acl: {
      readers: 'members',
      operators: [
        { scheme: 'digest', id: 'ops:2KRM0BckWElqVv6gn33W8GAZ2s8=' },
        { scheme: 'x509', id: 'CN=ops, O=net' },
        { scheme: 'ip', id: '10.0.0.0/8' },
        { scheme: 'sasl', id: 'ops' },
      ],
    },
    tls: undefined,
    renewTls: expect.any(Function),
    services: [
      {
        name: 'apex',
        paths: {
          claims: '/lb/apex',
          maintenance: '/lb/off/apex',
          members: '/member/apex',
          drains: '/drain/apex',
          statuses: '/status/apex',
        },
      },
    ],
  });
  expect(config.stateDir).toBe('/run/vipkeeper/lb2');
  expect(config.exabgp).toEqual({
    api: '4',
    ackTimeoutMs: 500,
    stallAfterMs: 1_000,
    acks: 'off',
    refreshMs: 600_000,
  });
  expect(config.guard).toEqual({ allowed: ['10.20.0.0/16', '2001:db8::/32'], maxRoutes: 3 });
  expect(config.host).toEqual({
    addresses: 'dynamic',
    interface: 'dummy0',
    label: 'vip',
    sudo: true,
  });
  expect(config.hooks.timeoutMs).toBe(2_000);
  expect(Object.fromEntries(config.hooks.commands)).toEqual({
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's to expand
    onUp: 'echo ${VIPKEEPER_VIP}',
    onDown: 'b',
    onTakeover: 'c',
    onRelease: 'd',
    onMaintenance: 'e',
    onDrain: 'f',
    onChange: 'g',
  });
  expect([config.user, config.group, config.reload]).toEqual(['exabgp', '103', 'onSignal']);
  expect(config.listen).toEqual({ host: '127.0.0.1', port: 9468 });
  expect(config.log).toEqual({ level: 'debug', silent: true, format: 'json', syslog: 'local0' });
  expect(config.settings).toMatchObject({
    member: 'lb2',
    onCoordinationLoss: 'withdraw',
    coldStart: { afterMs: 60_000, policy: 'all' },
    neighbors: { require: 2, stableForMs: 10_000 },
    shutdownTimeoutMs: 1_500,
  });
  const [apex] = config.settings.services;
  expect(apex?.vips).toEqual([
    { vip: '10.20.255.1/32', owner: 'lb1' },
    { vip: '10.20.30.0/24', owner: 'lb2' },
    { vip: '2001:db8::1/128', owner: 'lb2' },
  ]);
  const neighbors = ['10.0.0.1', '2001:db8::'];
  const owner = { nextHop: 'self', med: 100, localPreference: 200, neighbors };
  expect(apex?.announce).toEqual({
    owner: { ...owner, communities: ['65000:1', 'no-export'] },
    backup: { nextHop: 'self', med: 300, medPerVip: 1, medPerRank: 10, neighbors },
    standby: {
      nextHop: { ipv4: '10.0.0.9', ipv6: '2001:db8::9' },
      med: 200,
      asPath: [65_000, 65_009],
      asPathPrepend: 3,
      prependPerRank: 1,
      largeCommunities: ['65000:1:2'],
      extendedCommunities: ['target:65000:70000', 'origin:70000:5', '0x0002fde800000001'],
      pathId: 258,
      neighbors,
    },
    down: { nextHop: 'self', med: 1_000, neighbors },
    disabled: { nextHop: { ipv4: '10.0.0.9', ipv6: 'self' }, med: 500, neighbors },
    drain: { ...owner, communities: ['65535:0'], pathId: 7 },
  });
  expect(apex?.takeover).toEqual({
    backups: 2,
    damping: undefined,
    delayMs: 1_000,
    releaseMs: 0,
    settleMs: 10_000,
  });
  expect(apex?.drainTimeoutMs).toBe(90_000);
});

it('takes owns and others, which name no other owner', () => {
  const text = `
zookeeper: { hosts: [zk1] }
services: { apex: { owns: [10.20.255.1], others: [10.20.255.2, 10.20.255.3] } }
`;
  const [apex] = valid(load(text)).config.settings.services;
  expect(apex?.vips).toEqual([
    { vip: '10.20.255.1/32', owner: 'lb1' },
    { vip: '10.20.255.2/32', owner: undefined },
    { vip: '10.20.255.3/32', owner: undefined },
  ]);
});

it('takes YAML words for what they say: no is a name, 010.yes too', () => {
  const text =
    'member: no\nzookeeper: { hosts: zk1 }\nservices: { on: { vips: { 10.0.0.1: no } } }';
  const { settings } = valid(load(text)).config;
  expect([settings.member, settings.services[0]?.name]).toEqual(['no', 'on']);
  expect(settings.services[0]?.vips).toEqual([{ vip: '10.0.0.1/32', owner: 'no' }]);
});

it('lets services share anchors', () => {
  const text = `
zookeeper: { hosts: zk1 }
services:
  a: { vips: { 10.0.0.1: lb1 }, checks: &checks [{ exec: "true", rise: 7 }] }
  b: { vips: { 10.0.0.2: lb1 }, checks: *checks }
`;
  const { services } = valid(load(text)).config.settings;
  expect(services.map(({ checks }) => checks[0]?.rise)).toEqual([7, 7]);
});

it('warns of what works but is hardly meant', () => {
  const service = `members: [lb2]
checks: [{ exec: "true", timeout: 9s, fastInterval: 6s }]
announce: { backup: { med: 50 } }`;
  const text = fleet({ top: 'log: { silent: true }', service }).replace('10.20.255.1: lb1, ', '');
  expect(valid(load(text)).warnings).toEqual([
    'log: silent without syslog: nothing is logged anywhere',
    'services.apex.checks.0: timeout is longer than interval',
    'services.apex.checks.0: fastInterval is longer than interval',
    'services.apex.members: this member, lb1, is not among them',
    'services.apex.announce.backup: routers prefer it to owner',
  ]);
  expect(valid(load(fleet())).warnings).toEqual([
    'services.apex.checks: none, so the service always counts as healthy',
  ]);
});

it('warns of more backups than there are, of a prepend without an AS, and of a stop before a takeover', () => {
  const service = `members: [lb1, lb2]
checks: [{ exec: "true" }]
announce: { standby: { asPathPrepend: 3 } }
takeover: { backups: 2, delay: 5s }`;
  const top = 'shutdown: { timeout: 5s }\nhost: { addresses: static }';
  const text = fleet({ top, service }).replace('10.20.255.1: lb1', '10.30.0.0/24: lb1');
  expect(valid(load(text)).warnings).toEqual([
    expect.stringMatching(/^bgp.localAs: not set, and needed to prepend/),
    'shutdown.timeout: 5s ends before peers take over, which is after services.apex.takeover.delay of 5s',
    'host.addresses: 10.30.0.0/24 of apex is a network, which is put on no interface',
    "services.apex.takeover.backups: 2, but a VIP's owner has 1 beside it",
  ]);
});

it('waits for an answer no longer than for an ExaBGP that is silent', () => {
  const text = fleet({ top: 'exabgp: { ackTimeout: 10s }' });
  expect(valid(load(text)).config.exabgp).toMatchObject({
    ackTimeoutMs: 10_000,
    stallAfterMs: 10_000,
  });
});

it('knows which environment variables hold secrets', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: references are written like this
  const zookeeper = 'auth: { digest: "${ZK_USER:-lb}:${ZK_WORD}" }\nsessionTimeout: ${TIMEOUT}';
  const environment = { ZK_WORD: 'secret', TIMEOUT: '5s' };
  const { config } = valid(load(fleet({ zookeeper }), { environment }));
  expect(config.zookeeper.auth).toEqual({ scheme: 'digest', credential: 'lb:secret' });
  expect(config.secretVariables).toEqual(['ZK_USER', 'ZK_WORD']);
});

describe('a file without zookeeper', () => {
  it('makes an agent that stands alone, with the file that disables a service on each of its checks', () => {
    const text = `services:
  web:
    owns: [10.0.0.1, 10.0.0.2, 10.0.0.3]
    disable: /etc/web.disabled
    checks: [{ exec: 'true' }, { tcp: '127.0.0.1:80' }]
    announce: { startIndex: 4 }
`;
    const { config, warnings } = valid(load(text));
    expect(config.settings.isStandalone).toBe(true);
    expect(config.zookeeper.servers).toEqual([]);
    const [web] = config.settings.services;
    expect(web?.vips.map(({ vip, owner }) => [vip, owner])).toEqual([
      ['10.0.0.2/32', 'lb1'],
      ['10.0.0.3/32', 'lb1'],
      ['10.0.0.1/32', 'lb1'],
    ]);
    expect(web?.checks.map(({ disableFile }) => disableFile)).toEqual([
      '/etc/web.disabled',
      '/etc/web.disabled',
    ]);
    expect(warnings).toEqual([]);
  });

  it('has something that looks for the file where there is no check', () => {
    const { config } = valid(load('services: { web: { owns: [10.0.0.1], disable: /tmp/off } }'));
    expect(config.settings.services[0]?.checks).toEqual([
      expect.objectContaining({
        probe: { kind: 'always', passes: true },
        rise: 1,
        disableFile: '/tmp/off',
      }),
    ]);
  });
});
