import { describe, expect, it } from 'vitest';
import { importFile } from '../../src/cli/import.ts';
import { translateExazk } from '../../src/config/exazk.ts';
import { context, load, valid } from '../config/load.ts';

const exazk = `---
zk_hosts: [zk1, zk2:2182]
zk_path_service: /exabgp/service/apex
zk_path_maintenance: /exabgp/maintenance/apex
syslog: True
syslog_facility: local3
local_check: /exazk/check_local_nginx.sh \${A}
srv_name: apex
srv_auth_ip: 10.20.255.1
srv_non_auth_ips: [ 10.20.255.2, "2001:db8:30::1" ]
answer: 42
...
`;

/** Of seed 003. */
const healthcheck = `name = apex
interval = 10
fast-interval = 1
command = curl -sf http://127.0.0.1/healthcheck
ip = 91.238.131.166
ip = 91.238.131.167
pid = /run/apex.pid
`;

/** As the sample of seed 000's program. */
const perl = `# comment
[global]
interval=3
timeout=2
metric=100
rise=5
fall=3
logfile=/var/log/healthcheck/healthcheck
debug=no

[dns4]
nexthop=192.168.1.1
command="/usr/local/scripts/check_ipv4.sh --all"
ip=10.1.1.1
ip=10.1.1.2
disable=/etc/exabgp/healthcheck_dns4.disable

[dns6]
nexthop=fd12:3456:ffff::1
command=/usr/local/scripts/check_ipv6.sh
ip=fd12:3456:ffff:1::1
metric=200
colour=blue
`;

function importOf(text: string, from?: string) {
  const imported = importFile('old.conf', from, context({ files: { 'old.conf': text } }));
  if (imported.kind === 'wrong') throw new Error(imported.lines.join('\n'));
  return { yaml: imported.yaml, ...valid(load(imported.yaml)) };
}

function complaints(text: string, from?: string): string {
  const imported = importFile('old.conf', from, context({ files: { 'old.conf': text } }));
  return imported.kind === 'wrong' ? imported.lines.join('\n') : '';
}

describe("a file of ExaZK's", () => {
  it('becomes one that means what exazk makes of it', () => {
    const { config } = importOf(exazk);
    const surroundings = context({ files: { 'old.conf': exazk } });
    const asExazk = valid(translateExazk({ conffile: 'old.conf' }, surroundings)).config;
    expect(config.zookeeper.servers).toEqual(asExazk.zookeeper.servers);
    expect(config.zookeeper.services).toEqual(asExazk.zookeeper.services);
    const [ours, theirs] = [config, asExazk].map(({ settings }) => settings.services[0]);
    expect(ours).toMatchObject({ vips: theirs?.vips, checks: theirs?.checks });
    expect(ours?.announce).toMatchObject({
      owner: theirs?.announce.owner,
      backup: theirs?.announce.backup,
    });
    expect(ours?.takeover).toMatchObject({ ...theirs?.takeover, damping: undefined });
    expect(ours?.drainTimeoutMs).toBe(theirs?.drainTimeoutMs);
    expect(config.log).toMatchObject(asExazk.log);
  });

  it('is told about with what has no equivalent', () => {
    expect(importOf(exazk).yaml).toMatch(/^# NOTE answer: unknown key/m);
  });

  it('that is wrong is told with its mistakes', () => {
    expect(complaints(exazk.replace('10.20.255.1', 'x'))).toMatch(/^old\.conf:9:14: srv_auth_ip: /);
  });
});

describe("a file of healthcheck's", () => {
  it('becomes a standalone one', () => {
    const { config, yaml } = importOf(healthcheck);
    expect(config.settings.isStandalone).toBe(true);
    const [service] = config.settings.services;
    expect(service?.vips.map(({ vip }) => vip)).toEqual(['91.238.131.166/32', '91.238.131.167/32']);
    expect(service?.checks[0]).toMatchObject({ intervalMs: 10_000, fastIntervalMs: 1_000 });
    expect(service?.announce).toMatchObject({ owner: { med: 100 }, down: { med: 1_000 } });
    expect(yaml).toMatch(/^# NOTE pid: has no equivalent/m);
  });

  it('that is wrong is told with its mistake', () => {
    expect(complaints('colour = blue\n')).toBe('old.conf: unrecognized argument: --colour');
    expect(complaints(`${healthcheck}ip = 300.0.0.1\n`)).toMatch(/services\.apex\.owns\.2: /);
  });
});

describe('a file of the Perl healthcheck', () => {
  it('becomes one agent for all of its services, each with what the others share', () => {
    const { config, yaml } = importOf(perl);
    expect(config.settings.isStandalone).toBe(true);
    const checked = { intervalMs: 3_000, timeoutMs: 2_000, rise: 5, fall: 3 };
    expect(config.settings.services).toMatchObject([
      {
        name: 'dns4',
        vips: [{ vip: '10.1.1.1/32' }, { vip: '10.1.1.2/32' }],
        checks: [
          {
            ...checked,
            probe: { command: '/usr/local/scripts/check_ipv4.sh --all' },
            disableFile: '/etc/exabgp/healthcheck_dns4.disable',
          },
        ],
        announce: { owner: { nextHop: '192.168.1.1', med: 100 }, down: undefined },
      },
      {
        name: 'dns6',
        checks: [checked],
        announce: { owner: { nextHop: 'fd12:3456:ffff::1', med: 200 } },
      },
    ]);
    expect(yaml).toMatch(/^# NOTE \[global\] logfile: logs go to stderr/m);
    expect(yaml).toMatch(/^# NOTE \[dns6\] colour: has no equivalent/m);
  });
});

describe('a file', () => {
  it('of another kind than it looks like is one of what --from says', () => {
    expect(complaints(healthcheck, 'exazk')).toMatch(/old\.conf/);
    expect(importOf(healthcheck, 'healthcheck').config.settings.isStandalone).toBe(true);
  });

  it.each([
    ['hello world\n', undefined, /found a file that is like none of them; say which by --from/],
    [healthcheck, 'bird', /expected a file of exazk, healthcheck, perl, found bird/],
  ])('that nobody knows is refused: %j', (text, from, words) => {
    expect(complaints(text, from)).toMatch(words);
  });

  it('that cannot be read is told', () => {
    expect(importFile('absent', undefined, context())).toMatchObject({ kind: 'wrong' });
  });
});
