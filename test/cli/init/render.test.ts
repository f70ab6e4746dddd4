import { expect, it } from 'vitest';
import { type Answers, questions } from '../../../src/cli/init/answers.ts';
import { configText, exabgpText, leftOpen } from '../../../src/cli/init/render.ts';
import { load, valid } from '../../config/load.ts';

const answers: Answers = {
  zookeeper: 'zk1:2181,zk2:2181',
  service: 'apex',
  vips: [
    { vip: '10.20.255.1', owner: 'lb1' },
    { vip: '2001:db8::1', owner: 'lb2' },
  ],
  check: 'http://127.0.0.1/healthcheck',
  localAs: '65147',
  localAddress: '10.0.0.9',
  neighbors: ['10.0.0.1', '10.0.0.2'],
  peerAs: '65101',
};

it('writes a configuration that loads without a warning, and means what was answered', () => {
  const text = configText(answers, '/schema.json');
  expect(text).toMatch(/^# yaml-language-server: \$schema=\/schema.json\n/);
  const { config, warnings } = valid(load(text, { hostname: 'lb1' }));
  expect(warnings).toEqual([]);
  const [service] = config.settings.services;
  expect(service).toMatchObject({
    name: 'apex',
    vips: [
      { vip: '10.20.255.1/32', owner: 'lb1' },
      { vip: '2001:db8::1/128', owner: 'lb2' },
    ],
    checks: [{ probe: { kind: 'http', url: 'http://127.0.0.1/healthcheck' } }],
    announce: { standby: { asPathPrepend: 3 } },
  });
  expect(config.zookeeper.servers.map(({ host }) => host)).toEqual(['zk1', 'zk2']);
  expect(config.settings.neighbors.localAs).toBe(65147);
});

it.each<[string, Partial<Answers>]>([
  ['no AS', { localAs: '' }],
  ['a chroot', { zookeeper: 'zk1:2181,zk2:2181/chroot' }],
  ['a port to check', { check: '127.0.0.1:80' }],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own
  ['a command with quotes and a variable', { check: 'test "${HOME}" = \'/root\' # : {' }],
  ['a network', { vips: [{ vip: '10.30.0.0/24', owner: 'lb1' }] }],
  ['an owner called no', { vips: [{ vip: '10.20.255.1', owner: 'no' }] }],
])('writes one that loads with %s', (_, changes) => {
  const text = configText({ ...answers, ...changes }, undefined);
  expect(valid(load(text, { hostname: 'lb1' })).config.settings.member).toBe('lb1');
});

it.each<[string, Partial<Answers>, boolean]>([
  ['IPv4 routers only', {}, true],
  ['a router of each family', { neighbors: ['10.0.0.1', '2001:db8::2'] }, false],
  ['routers that were left open', { neighbors: [] }, false],
  ['no IPv6 VIPs', { vips: [{ vip: '10.20.255.1', owner: 'lb1' }] }, false],
])('says with %s whether IPv6 VIPs need a next-hop', (_, changes, expected) => {
  const text = configText({ ...answers, ...changes }, undefined);
  expect(text.includes('# All sessions are over IPv4')).toBe(expected);
});

const options = { program: '/usr/bin/vipkeeper', file: '/etc/v.yaml' };

it('writes the form of 3.4 for 3.4', () => {
  const one = { ...answers, neighbors: ['10.0.0.1'] };
  expect(exabgpText(one, { ...options, version: '3.4.28' })).toBe(`group lbs {
  process vipkeeper {
    run "/usr/bin/vipkeeper run -f /etc/v.yaml";
    encoder json;
    neighbor-changes;
  }
  neighbor 10.0.0.1 {
    router-id 10.0.0.9;
    local-address 10.0.0.9;
    local-as 65147;
    peer-as 65101;
    hold-time 9;
    family {
      ipv4 unicast;
      ipv6 unicast;
    }
  }
}
`);
});

it('shows in capital letters what was left open', () => {
  const open = { ...answers, neighbors: [], peerAs: '', localAs: '', localAddress: '' };
  const text = exabgpText(open, { ...options, version: undefined });
  expect(text.match(/[A-Z]{2,}[A-Z-]*/g)).toEqual([
    'ROUTER',
    'ADDRESS-OF-THIS-LB',
    'ADDRESS-OF-THIS-LB',
    'AS-OF-THE-LBS',
    'AS-OF-THE-ROUTERS',
  ]);
  expect(leftOpen(text).map((line) => line.split(':')[0])).toEqual([
    'ROUTER',
    'ADDRESS-OF-THIS-LB',
    'AS-OF-THE-LBS',
    'AS-OF-THE-ROUTERS',
  ]);
  expect(leftOpen(exabgpText(answers, { ...options, version: undefined }))).toEqual([]);
});

it.each<[string, Partial<Answers>, readonly string[]]>([
  [
    'routers of both families: each has addresses and VIPs of its own',
    { neighbors: ['10.0.0.1', 'fd00::1'] },
    [
      'neighbor 10.0.0.1 {',
      'router-id 10.0.0.9;',
      'local-address 10.0.0.9;',
      'ipv4 unicast;',
      'neighbor fd00::1 {',
      'router-id 10.0.0.9;',
      'local-address ADDRESS-OF-THIS-LB;',
      'ipv6 unicast;',
    ],
  ],
  [
    'IPv6 alone: the router id is no address of the session',
    { neighbors: ['fd00::1'], localAddress: 'fd00::9', vips: [{ vip: '2001:db8::1', owner: 'a' }] },
    ['neighbor fd00::1 {', 'router-id ROUTER-ID;', 'local-address fd00::9;', 'ipv6 unicast;'],
  ],
])('writes for %s', (_, changes, expected) => {
  const text = exabgpText({ ...answers, ...changes }, { ...options, version: '4.2.21' });
  const wanted = /^ *((neighbor|router-id|local-address|ipv[46]) .*)$/gm;
  expect([...text.matchAll(wanted)].map(([, line]) => line)).toEqual(expected);
});

const read = (key: keyof Answers, text: string) =>
  questions.find((question) => question.key === key)?.read(text);

it.each<[keyof Answers, string, unknown]>([
  ['zookeeper', 'zk1,zk2:2182', { value: 'zk1,zk2:2182' }],
  ['zookeeper', 'zk1:99999', expect.stringMatching(/^expected host, host:port/)],
  ['service', 'a/b', 'expected a name as apex: letters, digits, . _ -'],
  [
    'vips',
    '10.20.255.1=lb1, 2001:db8::1=lb2',
    {
      value: [
        { vip: '10.20.255.1', owner: 'lb1' },
        { vip: '2001:db8::1', owner: 'lb2' },
      ],
    },
  ],
  ['vips', '', 'expected at least one VIP, as 10.20.255.1=lb1'],
  ['vips', '10.20.255=lb1', 'expected an address or a network, found "10.20.255"'],
  ['vips', '10.20.255.1', 'expected the name of an LB behind 10.20.255.1=, found ""'],
  ['localAs', '', { value: '' }],
  ['localAs', '70000000000', expect.stringMatching(/^expected an AS number/)],
  ['neighbors', '10.0.0.1 fd00::1', { value: ['10.0.0.1', 'fd00::1'] }],
  ['neighbors', '10.0.0.1 leaf1', 'expected addresses, found leaf1'],
  ['localAddress', '10.0.0.1/24', 'expected an address'],
])('reads an answer for %s: %j', (key, text, expected) => {
  expect(read(key, text)).toEqual(expected);
});
