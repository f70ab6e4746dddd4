import { expect, it } from 'vitest';
import { createClock } from '../../src/agent/clock.ts';
import { createIp, createRun, type Ran } from '../../src/host/ip.ts';
import { vip, vip1 } from '../helpers/core-run.ts';
import { createFakeClock } from '../helpers/fake-clock.ts';

const host6 = vip('2001:db8::1');

/** An `ip` over a program that answers as told, and what it was asked. */
function scripted(answer: Partial<Ran>, change: { label?: string; sudo?: boolean } = {}) {
  const asked: string[] = [];
  const ip = createIp(
    { interface: 'dummy0', label: change.label, sudo: change.sudo ?? false },
    async (program, args, stdin) => {
      asked.push([program, ...args].join(' '), ...stdin.trim().split('\n'));
      return { failure: undefined, stdout: '', ...answer };
    },
  );
  return { ip, asked };
}

it('adds and removes by one program, IPv4 with its label, IPv6 without asking the link', async () => {
  const { ip, asked } = scripted({}, { label: 'dummy0:vip', sudo: true });
  expect(await ip.change([vip('10.0.0.9')], [vip1, host6])).toBeUndefined();
  expect(asked).toEqual([
    'sudo -n ip -force -batch -',
    'address del 10.0.0.9/32 dev dummy0',
    `address add ${vip1} dev dummy0 label dummy0:vip`,
    `address add ${host6} dev dummy0 nodad`,
  ]);
});

it('lists by ip itself, which takes no rights', async () => {
  const stdout = JSON.stringify([
    {
      ifname: 'dummy0',
      addr_info: [
        { family: 'inet', local: '10.20.255.1', prefixlen: 32, label: 'dummy0:vip' },
        { family: 'inet6', local: '2001:db8::1', prefixlen: 128 },
        { family: 'inet', local: '192.0.2.7', prefixlen: 24, label: 'dummy0' },
      ],
    },
  ]);
  const { ip, asked } = scripted({ stdout }, { sudo: true });
  expect(await ip.list()).toEqual([
    { vip: vip1, label: 'dummy0:vip' },
    { vip: host6, label: undefined },
  ]);
  expect(asked[0]).toBe('ip -j address show dev dummy0');
});

it.each(['', 'inet 10.0.0.1/32', '{'])('says that %j is no list', async (stdout) => {
  expect(await scripted({ stdout }).ip.list()).toContain('iproute2 4.13 or newer');
});

it.each(['[]', '[{}]', '[7]', '{}', '[{"addr_info":[null,{"local":"x"}]}]'])(
  'finds no address in %s',
  async (stdout) => {
    expect(await scripted({ stdout }).ip.list()).toEqual([]);
  },
);

it.each([
  ['RTNETLINK answers: Operation not permitted', 'the agent needs CAP_NET_ADMIN'],
  ['sudo: a password is required', 'run ip by sudo without a password'],
  ['Cannot find device "dummy0"', 'correct host.interface'],
  ['Device "dummy0" does not exist.', 'correct host.interface'],
  ['spawn ip ENOENT', 'install it'],
])('says what to do about: %s', async (failure, fix) => {
  const { ip } = scripted({ failure });
  expect(await ip.list()).toContain(`${failure}; `);
  expect(await ip.change([], [vip1])).toContain(fix);
});

it('runs real programs, and tells what they say when they fail', async () => {
  const run = createRun(createClock());
  expect(await run('cat', [], 'words')).toEqual({ failure: undefined, stdout: 'words' });
  expect(await run('sh', ['-c', 'echo no >&2; echo more >&2; exit 3'], '')).toMatchObject({
    failure: 'sh: no',
  });
  expect(await run('sh', ['-c', 'exit 3'], '')).toMatchObject({ failure: 'sh: exit code 3' });
  expect((await run('no-such-program', [], '')).failure).toMatch(/no-such-program.*ENOENT/);
});

it('waits for no program that does not end', async () => {
  const clock = createFakeClock();
  const running = createRun(clock)('sleep', ['60'], '');
  clock.advance(2_000);
  expect(await running).toMatchObject({ failure: 'sleep did not end within 2000 ms' });
});
