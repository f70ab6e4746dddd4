import { expect, it } from 'vitest';
import { translateExazk } from '../../src/config/exazk.ts';
import type { ExazkOptions } from '../../src/config/exazk-reader.ts';
import { context, ofTheHost, problems, valid } from './load.ts';

/** The command line of seed 003. */
const seed: ExazkOptions = {
  syslog_facility: 'daemon',
  local_check: '/exazk/check_local_nginx.sh',
  srv_name: 'apex',
  srv_auth_ip: '10.20.255.1',
  srv_non_auth_ips: ['10.20.255.2', '10.20.255.3'],
  zk_hosts: ['localhost'],
  zk_path_service: '/exabgp/service/apex',
  zk_path_maintenance: '/exabgp/maintenance/apex',
};

const file = `---
zk_hosts:
    - zk1
    - zk2:2182
zk_path_service: /exabgp/service/apex
zk_path_maintenance: /exabgp/maintenance/apex/node1
debug: False
silent: False
syslog: True            # log to syslog
syslog_facility: daemon
local_check: /usr/local/bin/check_local_nginx.sh
srv_name: apex
srv_auth_ip: 10.20.255.1
srv_non_auth_ips: [ 10.20.255.2, 10.20.255.3 ]
...
`;

const translate = (options: ExazkOptions, content = file) =>
  translateExazk(options, context({ files: { 'node1.yml': content } }));

it("gives seed 003's line the same meaning as in ExaZK", () => {
  const { config, warnings } = valid(translate(seed));
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
            { vip: '10.20.255.2/32', owner: undefined },
            { vip: '10.20.255.3/32', owner: undefined },
          ],
          checks: [
            {
              probe: { kind: 'exec', command: '/exazk/check_local_nginx.sh' },
              intervalMs: 5_000,
              fastIntervalMs: 1_000,
              timeoutMs: 1_000,
              rise: 1,
              fall: 1,
            },
          ],
          announce: {
            owner: { nextHop: 'self', med: 100 },
            backup: { nextHop: 'self', med: 200 },
            down: undefined,
          },
          takeover: { delayMs: 0, releaseMs: 2_000, settleMs: 3_000 },
          drainTimeoutMs: 5_000,
        },
      ],
    },
    zookeeper: {
      servers: [{ host: 'localhost', port: 2181 }],
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
    reload: 'onSignal',
    listen: undefined,
    log: { level: 'info', silent: false, format: 'auto', syslog: 'daemon' },
  });
  expect(warnings).toEqual([]);
});

it('reads the YAML file of -f', () => {
  const { config } = valid(translate({ conffile: 'node1.yml' }));
  expect(config.zookeeper.servers).toEqual([
    { host: 'zk1', port: 2181 },
    { host: 'zk2', port: 2182 },
  ]);
  expect(config.zookeeper.services[0]?.paths.maintenance).toBe('/exabgp/maintenance/apex/node1');
  expect(config.settings.services[0]?.vips).toHaveLength(3);
  expect(config.log).toEqual({ level: 'info', silent: false, format: 'auto', syslog: 'daemon' });
});

it('lets flags win over the file', () => {
  const flags = { conffile: 'node1.yml', srv_auth_ip: '10.20.255.9', syslog_facility: 'local3' };
  const { config } = valid(translate(flags));
  expect(config.settings.services[0]?.vips[0]?.vip).toBe('10.20.255.9/32');
  expect(config.log.syslog).toBe('local3');
});

it.each<[ExazkOptions, object]>([
  [{}, { level: 'info', silent: false, format: 'auto', syslog: 'daemon' }],
  [{ debug: true }, { level: 'debug', syslog: undefined }],
  [{ silent: true }, { silent: true, syslog: 'daemon' }],
  [{ syslog: false }, { syslog: undefined }],
  [{ syslog_facility: 'LOCAL0' }, { syslog: 'local0' }],
])('logs as %j asks', (options, log) => {
  expect(valid(translate({ ...seed, ...options })).config.log).toMatchObject(log);
});

it.each([
  ['/exabgp/service/apex', '/exabgp/member/apex', '/exabgp/drain/apex'],
  ['/lb/apex', '/lb/member/apex', '/lb/drain/apex'],
  ['/apex', '/member/apex', '/drain/apex'],
  ['/service/apex', '/member/apex', '/drain/apex'],
])('puts member and drain znodes beside %s', (claims, members, drains) => {
  const { config } = valid(translate({ ...seed, zk_path_service: claims }));
  expect(config.zookeeper.services[0]?.paths).toMatchObject({ claims, members, drains });
});

it('takes hosts as kazoo does: several in one flag, and a chroot at the end', () => {
  const { config } = valid(translate({ ...seed, zk_hosts: ['a,b:1', '[::1]:2/lb'] }));
  expect(config.zookeeper.servers.map(({ host }) => host)).toEqual(['a', 'b', '::1']);
  expect(config.zookeeper.chroot).toBe('/lb');
});

it('takes IPv6, and ignores VIPs listed again', () => {
  const srv_non_auth_ips = ['10.20.255.1', '2001:db8::2', '2001:DB8:0::2'];
  const { config, warnings } = valid(translate({ ...seed, srv_non_auth_ips }));
  expect(config.settings.services[0]?.vips).toEqual([
    { vip: '10.20.255.1/32', owner: 'lb1' },
    { vip: '2001:db8::2/128', owner: undefined },
  ]);
  expect(warnings).toEqual(['-N 10.20.255.1: ignored, it is the VIP of -A']);
});

it('tells all that is missing, by flag', () => {
  expect(problems(translate({})).map(({ path, code }) => `${path} ${code}`)).toEqual([
    '-n CONFIG_MISSING',
    '-zPS CONFIG_MISSING',
    '-zPM CONFIG_MISSING',
    '-zH CONFIG_MISSING',
    '-A CONFIG_MISSING',
  ]);
});

it('tells mistakes of the file with their lines, those of flags without', () => {
  const wrong = file.replace('255.2,', '255.999,').replace('silent: False', 'silent: maybe');
  const found = problems(translate({ conffile: 'node1.yml', zk_path_service: 'x' }, wrong));
  expect(found.map(({ file: place, path, line }) => `${place} ${path} ${line}`)).toEqual([
    'command line -zPS undefined',
    'node1.yml srv_non_auth_ips.0 14',
    'node1.yml silent 8',
  ]);
});

it.each([
  ['zk_hosts: [', 'CONFIG_SYNTAX'],
  ['[]', 'CONFIG_WRONG_TYPE'],
  ['', 'CONFIG_WRONG_TYPE'],
])('refuses a file of %j', (content, code) => {
  expect(problems(translate({ conffile: 'node1.yml' }, content))).toMatchObject([{ code }]);
});

it('names a file that is not there', () => {
  expect(problems(translate({ conffile: 'none.yml' }))).toMatchObject([
    { code: 'CONFIG_UNREADABLE', file: 'none.yml' },
  ]);
});

it('warns of keys it does not know, which ExaZK ignores', () => {
  const { warnings } = valid(
    translate({ conffile: 'node1.yml' }, `loacl_check: x\n${file.slice(4)}`),
  );
  expect(warnings).toEqual([
    'loacl_check: unknown key in line 1, ignored; did you mean local_check?',
  ]);
});
