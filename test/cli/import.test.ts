import { describe, expect, it } from 'vitest';
import { importFile } from '../../src/cli/import.ts';
import { translateExazk } from '../../src/config/exazk.ts';
import type { ImportFormat } from '../../src/config/import.ts';
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

function importOf(text: string, from?: ImportFormat) {
  const imported = importFile('old.conf', from, context({ files: { 'old.conf': text } }));
  if (imported.kind === 'wrong') throw new Error(imported.lines.join('\n'));
  return { yaml: imported.yaml, ...valid(load(imported.yaml)) };
}

function complaints(text: string, from?: ImportFormat): string {
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
    expect(importOf(exazk).yaml).toMatch(/^# NOTE answer: unknown key in line 11, ignored/m);
  });

  it('that is wrong is told with its mistakes', () => {
    expect(complaints(exazk.replace('10.20.255.1', 'x'))).toMatch(/^old\.conf:9:14: srv_auth_ip: /);
    expect(complaints(exazk.replace('srv_name', 'srv_nam'))).toBe(
      'old.conf: srv_name: expected a value, found the unknown key "srv_nam" instead; add srv_name: VALUE [CONFIG_MISSING]',
    );
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

  it.each([
    [
      'name = a\ncolour = blue',
      'old.conf:2:1: colour: expected an option of healthcheck, found the unknown key "colour"; remove it; vipkeeper healthcheck --help lists all [CONFIG_UNKNOWN_KEY]',
    ],
    [
      '\nintervall = 3',
      'old.conf:2:1: intervall: expected an option of healthcheck, found the unknown key "intervall"; did you mean interval? [CONFIG_UNKNOWN_KEY]',
    ],
    [
      'name = a\nprose',
      'old.conf:2:1: prose: expected an option of healthcheck, found the unknown key "prose"; remove it; vipkeeper healthcheck --help lists all [CONFIG_UNKNOWN_KEY]',
    ],
    [
      'name = a\nsilent = yes',
      'old.conf:2:1: silent: expected silent alone, found "yes"; remove the value, or the line [CONFIG_WRONG_VALUE]',
    ],
    [
      'name = a\nrise',
      'old.conf:2:1: rise: expected rise = VALUE, found no value; write one, or remove the line [CONFIG_WRONG_VALUE]',
    ],
    [
      '# c\nrise = x',
      'old.conf:2:1: rise: expected what healthcheck takes, found "x"; argument --rise: expected an integer, found \'x\' [CONFIG_WRONG_VALUE]',
    ],
    [
      'silent\nname = a\nno-syslog',
      'old.conf:3:1: no-syslog: expected one of silent, syslog-facility, no-syslog, found silent in line 1 too; remove one [CONFIG_CONTRADICTION]',
    ],
    [
      'name = a',
      'old.conf: ip: expected ip = 10.20.255.1, found none; healthcheck takes those of the loopback then, which differ by host; name them [CONFIG_MISSING]',
    ],
  ])('that is wrong is told with line, key and what to do: %j', (text, words) => {
    expect(complaints(text)).toBe(words);
  });

  it('is told about a value that only ours refuses, in the line that it stands in, once', () => {
    const lines = complaints(`${healthcheck}ip = 300.0.0.1\ncommunity = x\nup-metric = -5\n`);
    expect(lines.split('\n').map((line) => line.replace(/ expected.*/, ''))).toEqual([
      'old.conf:8:1: ip:',
      'old.conf:9:1: community:',
      'old.conf:10:1: up-metric:',
    ]);
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

describe('a wrong file of the Perl healthcheck', () => {
  const service = '[dns4]\nip=10.1.1.1\ncommand=true\n';

  it.each([
    [
      'ip=10.1.1.1\n[global]',
      'old.conf:1:1: expected [global] or another section first, found "ip=10.1.1.1"; correct the line [CONFIG_SYNTAX]',
    ],
    [
      '[global]\nprose',
      'old.conf:2:1: expected key = value or [section], found "prose"; correct the line [CONFIG_SYNTAX]',
    ],
    [
      '[global]\n[dns6',
      'old.conf:2:1: expected key = value or [section], found "[dns6"; correct the line [CONFIG_SYNTAX]',
    ],
    [
      '[global]\nrise=x',
      'old.conf:2:1: [global] rise: expected a whole number, found "x"; write digits alone [CONFIG_WRONG_VALUE]',
    ],
    [
      '[global]\ninterval=3s',
      'old.conf:2:1: [global] interval: expected a number of seconds, found "3s"; write digits alone [CONFIG_WRONG_VALUE]',
    ],
    [
      '[dns6]\nip=::1',
      'old.conf:1:1: [dns6] command: expected command = /path/to/check, found none; add it to [dns6] [CONFIG_MISSING]',
    ],
  ])('is told with its line: %j', (text, words) => {
    expect(complaints(`${text}\n${service}`)).toBe(words);
  });

  it('is told without a service', () => {
    expect(complaints('[global]\nrise=3\n')).toMatch(
      /^old\.conf:1:1: \[global\]: expected a section/,
    );
  });

  it('is told about values that only ours refuses, those of the global section too', () => {
    const text = `[global]\nrise=0\n${service.replace('10.1.1.1', '10.1.1')}[dns 6]\nip=::1\ncommand=a\n`;
    expect(
      complaints(text)
        .split('\n')
        .map((line) => line.replace(/ expected.*/, '')),
    ).toEqual([
      'old.conf:2:1: [global] rise:',
      'old.conf:4:1: [dns4] ip:',
      'old.conf:6:1: [dns 6]:',
    ]);
  });

  it('has its slips noted, with what may be meant', () => {
    const { yaml } = importOf(`${service}intervall=3\n`);
    expect(yaml).toContain(
      '# NOTE [dns4] intervall: has no equivalent; did you mean interval? (line 4)',
    );
  });
});

describe('a file', () => {
  it('of another kind than it looks like is one of what --from says', () => {
    expect(complaints(healthcheck, 'exazk')).toMatch(/old\.conf/);
    expect(importOf(healthcheck, 'healthcheck').config.settings.isStandalone).toBe(true);
  });

  it.each([
    ['hello world\n', undefined, /found one that is like none of them; say which by --from/],
    [
      `interval = 10\n${'A page.\n'.repeat(12)}`,
      undefined,
      /^old.conf: expected a file of .*, found one that is mostly something else; say which by --from$/,
    ],
    ['\n', undefined, /found an empty one; say which by --from/],
  ])('that nobody knows is refused: %j', (text, from, words) => {
    expect(complaints(text, from)).toMatch(words);
  });

  it('that cannot be read is told', () => {
    expect(importFile('absent', undefined, context())).toMatchObject({ kind: 'wrong' });
  });
});
