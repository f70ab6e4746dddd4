import { describe, expect, it } from 'vitest';
import { type HealthcheckOptions, translateHealthcheck } from '../../src/config/healthcheck.ts';
import { load, valid } from './load.ts';

/** What a file of ours with the same meaning gives. */
function translated(options: HealthcheckOptions) {
  const { data, notes } = translateHealthcheck({ ip: ['192.0.2.1', '192.0.2.2'], ...options });
  const { config } = valid(load(JSON.stringify(data)));
  const [service] = config.settings.services;
  if (service === undefined) throw new Error('no service');
  return { config, service, notes };
}

it('gives what healthcheck does where nothing is said', () => {
  const { config, service } = translated({});
  expect(config.settings.isStandalone).toBe(true);
  expect(service.name).toBe('healthcheck');
  expect(service.checks).toEqual([
    {
      probe: { kind: 'always', passes: true },
      intervalMs: 5_000,
      fastIntervalMs: 1_000,
      timeoutMs: 5_000,
      rise: 3,
      fall: 3,
    },
  ]);
  expect(service.announce).toMatchObject({
    owner: { nextHop: 'self', med: 100, medPerVip: 1 },
    down: { med: 1_000, medPerVip: 1 },
    disabled: undefined,
  });
  expect(config.host).toEqual({
    addresses: 'static',
    interface: 'lo',
    label: undefined,
    sudo: false,
  });
  expect(config.log).toMatchObject({ level: 'info', silent: false, syslog: 'daemon' });
  expect(config.exabgp).toMatchObject({ acks: 'on', refreshMs: 5_000 });
});

/** What the shell is to replace, not we. */
const shellVariable = ['test $', '{A} = b'].join('');

describe('an option', () => {
  it.each([
    [{ 'start-ip': '1' }, ['192.0.2.2/32', '192.0.2.1/32']],
    [{ 'start-ip': '-1' }, ['192.0.2.2/32', '192.0.2.1/32']],
    [{ 'start-ip': '4' }, ['192.0.2.1/32', '192.0.2.2/32']],
    [
      { ip: ['192.0.2.8/30'], 'deaggregate-networks': true },
      [8, 9, 10, 11].map((last) => `192.0.2.${last}/32`),
    ],
    [
      { ip: ['2001:db8::a/127'], 'deaggregate-networks': true },
      ['2001:db8::a/128', '2001:db8::b/128'],
    ],
    [{ ip: ['192.0.2.1', '192.0.2.1/32'] }, ['192.0.2.1/32']],
  ] as const)('makes VIPs: %j', (options, vips) => {
    expect(translated(options).service.vips.map(({ vip }) => vip)).toEqual(vips);
  });

  it.each([
    [{ 'no-ip-setup': true }, { addresses: 'off' }],
    [{ 'dynamic-ip-setup': true, 'no-ip-setup': true }, { addresses: 'dynamic' }],
    [
      { label: 'web', sudo: true, 'ip-ifname': ['192.0.2.1%dummy0'] },
      { label: 'web', sudo: true, interface: 'dummy0' },
    ],
  ] as const)('sets addresses: %j', (options, host) => {
    expect(translated(options).config.host).toMatchObject(host);
  });

  it.each([
    [{ timeout: '0' }, { timeoutMs: 3_600_000 }],
    [
      { rise: '0', fall: '1' },
      { rise: 1, fall: 1 },
    ],
    [
      { interval: '0.5', 'fast-interval': '.25' },
      { intervalMs: 500, fastIntervalMs: 250 },
    ],
    [
      { command: shellVariable, disable: '/tmp/off' },
      { probe: { kind: 'exec', command: shellVariable }, disableFile: '/tmp/off' },
    ],
  ] as const)('makes the check: %j', (options, check) => {
    expect(translated(options).service.checks[0]).toMatchObject(check);
  });

  it.each([
    [
      { 'withdraw-on-down': true, disable: '/tmp/off' },
      { down: undefined, disabled: undefined },
    ],
    [
      { community: '65000:1 65000:2', 'disabled-community': 'no-export', disable: '/tmp/off' },
      {
        owner: { communities: ['65000:1', '65000:2'] },
        down: { communities: ['no-export'] },
        disabled: { communities: ['no-export'], med: 500 },
      },
    ],
    [
      { 'as-path': '65001', 'down-as-path': '65001 65001' },
      { owner: { asPath: [65001] }, down: { asPath: [65001, 65001] } },
    ],
    [
      { 'local-preference': '-1', 'path-id': '0' },
      { owner: { nextHop: 'self', med: 100, medPerVip: 1 } },
    ],
    [
      { neighbor: ['192.0.2.9', '192.0.2.8'] },
      { owner: { neighbors: ['192.0.2.8', '192.0.2.9'] } },
    ],
  ] as const)('announces: %j', (options, announce) => {
    expect(translated(options).service.announce).toMatchObject(announce);
  });

  it('that makes hooks gives each its own shell, those of a state first', () => {
    const { config } = translated({ execute: ['exit 1', 'logger x'], 'up-execute': ['logger up'] });
    expect(config.hooks.commands.get('onState')).toBe(
      'if [ "$STATE" = UP ]; then (\nlogger up\n) fi\n(\nexit 1\n)\n(\nlogger x\n)',
    );
    expect(config.hooks.timeoutMs).toBe(3_600_000);
  });

  it('that has no equivalent is told', () => {
    const { notes, service } = translated({
      name: 'my service!',
      'ip-ifname': ['192.0.2.1%eth0', '192.0.2.2%eth1'],
      ip: ['192.0.2.1', '192.0.2.1'],
    });
    expect(service.name).toBe('my-service-');
    expect(notes.map((note) => note.split(':')[0])).toEqual(['name', 'ip', 'ip-ifname']);
  });
});
