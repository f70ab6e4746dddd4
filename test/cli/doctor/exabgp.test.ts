import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { examineExabgp } from '../../../src/cli/doctor/exabgp.ts';
import type { Config } from '../../../src/config/config.ts';
import { configOf, fakeHost, lines } from './doctor-host.ts';

const places = { program: 'exabgp', conf: '/exabgp.conf', env: '/exabgp.env' };
const shipped = readFileSync(
  new URL('../../../deploy/exabgp/exabgp.conf', import.meta.url),
  'utf8',
);
const shippedConfig = configOf('exabgp: { stallAfter: 3s }');
const file = '/etc/vipkeeper/vipkeeper.yaml';
const neighbor = (address: string, more = '') => `
neighbor ${address} {
  router-id 10.0.0.1; local-address 10.0.0.1; local-as 65000; peer-as 65001;
  family { ipv4 unicast; }
  ${more || 'api { processes [ vipkeeper ]; neighbor-changes; }'}
}`;
const process = `process vipkeeper { run /usr/bin/vipkeeper run -f ${file}; encoder json; }`;
/** A neighbor whose session carries both families. */
const dual = (address: string) =>
  neighbor(address).replace('ipv4 unicast;', 'ipv4 unicast; ipv6 unicast;');
const ipv6Config = (more: string) =>
  configOf(
    '',
    `  web:\n    vips: { 2001:db8::1: lb1 }\n    checks: [{ tcp: "[::1]:80" }]\n    ${more}`,
  );
const good = `${process}\n${neighbor('10.0.0.2')}\n${neighbor('10.0.0.3')}`;

interface Planted {
  readonly conf?: string;
  readonly env?: string;
  readonly version?: string;
  readonly config?: Config;
  readonly programs?: Readonly<Record<string, string | undefined>>;
}

async function examine({ conf = good, env, version, config = configOf(), programs }: Planted) {
  const host = fakeHost({
    files: { '/exabgp.conf': conf, ...(env === undefined ? {} : { '/exabgp.env': env }) },
    programs: { ...(version === undefined ? {} : { exabgp: version }), ...programs },
  });
  const findings = await examineExabgp(host, places, { config, file });
  return lines(findings.filter(({ verdict }) => verdict !== 'ok'));
}

it('finds nothing wrong with the shipped files, and says what it has looked at', async () => {
  const host = fakeHost({ files: { '/exabgp.conf': shipped } });
  expect(lines(await examineExabgp(host, places, { config: shippedConfig, file }))).toEqual([
    'ok exabgp version: 4.2.21, spoken to as 4',
    'ok exabgp settings: no /exabgp.env, so the defaults hold',
    'ok exabgp.conf: process vipkeeper is there for 10.20.151.129, 10.20.151.130',
  ]);
});

const old = `
group lbs {
  process vipkeeper { run "/usr/bin/vipkeeper run -f ${file}"; encoder json; neighbor-changes; }
  neighbor 10.0.0.2 { local-as 65000; peer-as 65001; }
}`;

it('reads the form of 3.4 as well', async () => {
  expect(await examine({ conf: old, version: 'ExaBGP : 3.4.28' })).toEqual([]);
});

it.each<[string, Planted, string]>([
  [
    'no ExaBGP',
    { version: '' },
    'warning exabgp version: exabgp is not found, or tells no version; name it by --exabgp',
  ],
  [
    'an ExaBGP that nobody knows',
    { version: 'ExaBGP : 9.0.1' },
    'warning exabgp version: 9.0.1 is not known; known are 3.4, 4, 5 and main (docs/exabgp.md)',
  ],
  [
    'another dialect in the configuration',
    { config: configOf('exabgp: { api: 3.4 }') },
    'failed exabgp version: 4.2.21, and exabgp.api says 3.4; set exabgp.api: auto',
  ],
  [
    'acks that are off',
    { env: '[exabgp.api]\nack = false\n' },
    'warning exabgp settings: /exabgp.env: ack is false, so a refused route goes unnoticed; set ack = true',
  ],
  [
    'no respawn',
    { env: "[exabgp.api]\nrespawn = 'False'\n" },
    'failed exabgp settings: /exabgp.env: respawn is false, so a lost agent ends ExaBGP; set respawn = true',
  ],
  [
    'the setting that stops 4.2.21',
    { env: '[exabgp.log]\nenable = false\n' },
    'failed exabgp settings: /exabgp.env: log enable = false stops 4.2.21 at its start; set level = ERR instead',
  ],
  [
    'a bracket that is missing',
    { conf: good.slice(0, -1) },
    'failed exabgp.conf: /exabgp.conf: a } is missing for neighbor 10.0.0.3; exabgp --test /exabgp.conf shows more',
  ],
  [
    'a bracket too many',
    { conf: `${good}}` },
    'failed exabgp.conf: /exabgp.conf: a } too many; exabgp --test /exabgp.conf shows more',
  ],
  [
    'no process of ours',
    { conf: good.replace('/usr/bin/vipkeeper run', '/usr/bin/watchdog') },
    `failed exabgp.conf: /exabgp.conf: no process runs vipkeeper; add process vipkeeper { run /usr/bin/vipkeeper run -f ${file}; encoder json; } (docs/exabgp.md)`,
  ],
  [
    'the form of 3.4 under 4.2',
    { conf: old },
    'failed exabgp.conf: it has a process within a group or neighbor, as 3.4 has it, and ExaBGP is 4.2.21; see docs/exabgp.md for the form',
  ],
  [
    'a command in quotes',
    { conf: good.replace(/run (.*?);/, 'run "$1";') },
    'failed exabgp.conf: process vipkeeper: run is in quotes; write separate words without quotes',
  ],
  [
    'a program that is not there',
    { conf: good.replace('/usr/bin/vipkeeper', '/opt/vipkeeper') },
    'failed exabgp.conf: process vipkeeper: /opt/vipkeeper is no program of this host; correct its path',
  ],
  [
    'a comma in the command',
    { conf: good.replace('run -f', 'run --some a,b -f') },
    'failed exabgp.conf: process vipkeeper: ExaBGP splits words at commas; repeat the flag instead',
  ],
  [
    'another configuration',
    { conf: good.replace(file, '/etc/other.yaml') },
    `warning exabgp.conf: process vipkeeper reads /etc/other.yaml; this looked at ${file}; name that one by -f`,
  ],
  [
    'no encoder',
    { conf: good.replace('encoder json;', '') },
    'failed exabgp.conf: process vipkeeper has no encoder; add encoder json;',
  ],
  [
    'the other encoder',
    { conf: good.replace('encoder json;', 'encoder text;') },
    'warning exabgp.conf: process vipkeeper is not told our AS, which prepending needs; write encoder json; or set bgp.localAs',
  ],
  [
    'no neighbor for it',
    { conf: good.replaceAll('[ vipkeeper ]', '[ other ]') },
    'failed exabgp.conf: no neighbor gets routes of process vipkeeper; add api { processes [ vipkeeper ]; neighbor-changes; } to each',
  ],
  [
    'a neighbor without it',
    { conf: `${process}\n${neighbor('10.0.0.2')}\n${neighbor('10.0.0.3', 'hold-time 9;')}` },
    'warning exabgp.conf: 10.0.0.3: gets no routes; add vipkeeper to its api, unless it is meant so',
  ],
  [
    'no neighbor-changes',
    { conf: good.replaceAll('neighbor-changes;', '') },
    'warning exabgp.conf: 10.0.0.2, 10.0.0.3: a lost session is known late, or not at all; add neighbor-changes; to its api',
  ],
  [
    'graceful restart',
    { conf: good.replace('family', 'capability { graceful-restart 120; } family') },
    'warning exabgp.conf: 10.0.0.2: routers keep the routes of a dead LB; remove graceful-restart',
  ],
  [
    'no adj-rib-out',
    { conf: good.replace('family', 'adj-rib-out false; family') },
    'warning exabgp.conf: 10.0.0.2: adj-rib-out is off; remove that, or set exabgp.refresh: 5m',
  ],
  [
    'another AS',
    { config: configOf('bgp: { localAs: 65147 }'), conf: `${process}${neighbor('10.0.0.2')}` },
    'failed exabgp.conf: 10.0.0.2: local-as is 65000, and bgp.localAs 65147; make them the same: it is prepended',
  ],
  [
    'a neighbor of the service that is none',
    { config: configOf('', '    announce: { neighbors: [10.0.0.9] }') },
    'failed exabgp.conf: announce.neighbors names 10.0.0.9, which is no neighbor here; correct it',
  ],
  [
    'IPv6 VIPs without IPv6 sessions',
    {
      config: configOf(
        '',
        '  web:\n    vips: { 2001:db8::1: lb1 }\n    checks: [{ tcp: "[::1]:80" }]',
      ),
    },
    'warning exabgp.conf: web has IPv6 VIPs, and no session carries IPv6; add ipv6 unicast; to family',
  ],
  [
    'IPv6 VIPs with next-hop self that only sessions over IPv4 could carry',
    { config: ipv6Config(''), conf: `${process}${dual('10.0.0.2')}` },
    "failed exabgp.conf: web has IPv6 VIPs with next-hop self, and only sessions over IPv4 (10.0.0.2), which cannot tell it; set nextHop: { ipv4: self, ipv6: THIS-LB'S-ADDRESS } for each role in announce, or add a neighbor over IPv6",
  ],
  [
    'the same of one role alone',
    {
      config: ipv6Config('announce: { owner: { nextHop: { ipv6: 2001:db8::9 } } }'),
      conf: `${process}${dual('10.0.0.2')}`,
    },
    "failed exabgp.conf: web has IPv6 VIPs with next-hop self, and only sessions over IPv4 (10.0.0.2), which cannot tell it; set nextHop: { ipv4: self, ipv6: THIS-LB'S-ADDRESS } for each role in announce, or add a neighbor over IPv6",
  ],
  [
    "a neighbor of the service that may be another LB's",
    { config: configOf('', '    announce: { neighbors: [10.0.0.2, 10.0.0.9] }') },
    "warning exabgp.conf: announce.neighbors names 10.0.0.9, which is no neighbor here; correct it, unless it is another LB's",
  ],
])('finds %s', async (_, planted, expected) => {
  expect(await examine(planted)).toEqual([expected]);
});

it('takes IPv6 VIPs for good whose next-hop is written out, or that have a session over IPv6', async () => {
  const roles = ['owner', 'backup'].map((role) => `${role}: { nextHop: { ipv6: 2001:db8::9 } }`);
  const written = ipv6Config(`announce: { ${roles.join(', ')} }`);
  expect(await examine({ config: written, conf: `${process}${dual('10.0.0.2')}` })).toEqual([]);
  const conf = `${process}${dual('10.0.0.2')}${dual('2001:db8::2')}`;
  expect(await examine({ config: ipv6Config(''), conf })).toEqual([]);
});

it('takes adj-rib-out false with a refresh, text with a localAs, and comments, for good', async () => {
  const conf = good.replace('family', 'adj-rib-out false; # family { \n family');
  expect(await examine({ conf, config: configOf('exabgp: { refresh: 5m }') })).toEqual([]);
  const text = good.replace('encoder json', 'encoder text');
  expect(await examine({ conf: text, config: configOf('bgp: { localAs: 65000 }') })).toEqual([]);
});

it('says that the file is missing', async () => {
  const findings = await examineExabgp(fakeHost(), places, undefined);
  expect(lines(findings).at(-1)).toBe(
    'failed exabgp.conf: /exabgp.conf is missing, or this user may not read it; name it by --exabgp-conf',
  );
});
