import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createNamespace } from '../../helpers/namespace.ts';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { superuserProperty } from '../zookeeper/operator.ts';
import { Fleet, vip1, vip2, vip3 } from './fleet.ts';

const isRoot = process.getuid?.() === 0;
const others = [vip2, vip3];

describe.skipIf(!hasZooKeeper() || !isRoot)('addresses', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  it('static: all are there before anything is announced, and stay', async () => {
    const host = await startHost();
    const fleet = new Fleet(zooKeeper);
    const settings = { addresses: 'static', label: 'vip' };
    const service = { drain: { timeout: '0s' } };
    const changes = { service, more: { host: settings } };
    const { agent } = await fleet.settle(changes, others, host.options);
    expect(host.addresses()).toEqual([vip1, vip2, vip3].map((vip) => `${vip} lo:vip`));
    agent.signal('SIGTERM');
    await agent.exited;
    expect(host.addresses()).toHaveLength(3);
  });

  it('dynamic: an address is there before its route, and goes after it', async () => {
    const host = await startHost();
    const fleet = new Fleet(zooKeeper);
    const { agent, operator } = await fleet.settle(
      { more: { host: { addresses: 'dynamic', label: 'vip' } } },
      others,
      host.options,
    );
    expect(host.addresses()).toEqual([`${vip1} lo:vip`]);
    const seen: string[] = [];
    const claim2 = `${fleet.claims}/${vip2}`;
    await operator.remove(claim2);
    await waitFor(
      () => {
        const isAnnounced = agent.exabgp.routes.has(`${vip2}/32`);
        const isThere = host.addresses().includes(`${vip2} lo:vip`);
        seen.push(isAnnounced && !isThere ? 'blackhole' : 'well');
        return isAnnounced;
      },
      { what: 'a takeover' },
    );
    const withdrawnBefore = agent.exabgp.commands.length;
    await operator.create(claim2, '', true);
    await waitFor(() => host.addresses().length === 1, { what: 'the address to go' });
    expect(agent.exabgp.routes.has(`${vip2}/32`)).toBe(false);
    expect(agent.exabgp.commands.length).toBeGreaterThan(withdrawnBefore);
    expect(seen).not.toContain('blackhole');
  });

  it('what somebody else removes is there again, and it is said so', async () => {
    const host = await startHost();
    const { agent } = await new Fleet(zooKeeper).settle(
      { more: { host: { addresses: 'dynamic', label: 'vip' } } },
      others,
      host.options,
    );
    host.ip('address', 'flush', 'dev', 'lo');
    expect((await agent.says('removed by somebody else')).msg).toContain(`address ${vip1}/32`);
    expect(host.addresses()).toEqual([`${vip1} lo:vip`]);
  });

  it('dynamic: all that it has added go at a planned end, and nothing that it found', async () => {
    const host = await startHost();
    host.ip('address', 'add', `${vip2}/32`, 'dev', 'lo');
    const { agent } = await new Fleet(zooKeeper).settle(
      { more: { host: { addresses: 'dynamic' } }, service: { drain: { timeout: '0s' } } },
      [],
      host.options,
    );
    expect(host.addresses()).toEqual([`${vip1} lo`, `${vip2} lo`, `${vip3} lo`]);
    agent.signal('SIGTERM');
    expect((await agent.exited).how).toBe(0);
    expect(host.addresses()).toEqual([`${vip2} lo`]);
  });

  it.each([
    ['by their label', { label: 'vip' }, {}],
    ['by what is kept in stateDir', {}, { stateDir: 'state' }],
  ])(
    'dynamic: a killed life leaves them to the next one, which knows them %s',
    async (_, label, more) => {
      const host = await startHost();
      const fleet = new Fleet(zooKeeper);
      const stateDir = 'stateDir' in more ? { stateDir: join(fleet.directory, 'state') } : {};
      const changes = { ...stateDir, more: { host: { addresses: 'dynamic', ...label } } };
      const { agent, operator } = await fleet.settle(changes, [vip3], host.options);
      expect(host.addresses()).toHaveLength(2);
      const kept = () =>
        !('stateDir' in stateDir) ||
        readFileSync(join(stateDir.stateDir, 'addresses.json'), 'utf8').includes(vip2);
      await waitFor(kept, { what: 'both to be kept' });
      await agent.stop();
      expect(host.addresses()).toHaveLength(2);
      await operator.create(`${fleet.claims}/${vip2}`, '', true);
      const next = fleet.start(changes, host.options);
      await waitFor(() => host.addresses().length === 1, { what: 'the other address to go' });
      await next.hasRoutes({ [vip1]: 100 });
      expect(host.addresses()[0]).toContain(vip1);
    },
  );

  it('without the right to add any, nothing is announced, the reason is said, and mending it is enough', async () => {
    const host = await startHost();
    host.forbid();
    const fleet = new Fleet(zooKeeper);
    const operator = await fleet.operator();
    await operator.create(fleet.claims);
    for (const vip of others) await operator.create(`${fleet.claims}/${vip}`, '', true);
    const agent = fleet.start({ more: { host: { addresses: 'dynamic' } } }, host.options);
    const line = await agent.says('could not be added');
    expect(line.level).toBe('error');
    expect(line.msg).toContain('its address could not be added: ip: RTNETLINK answers');
    expect(line.msg).toContain('the agent needs CAP_NET_ADMIN for that, or host.sudo: true');
    expect(agent.exabgp.routes.size).toBe(0);
    expect(await operator.exists(`${fleet.claims}/${vip1}`)).toBe(false);
    host.allow();
    await agent.hasRoutes({ [vip1]: 100 });
    expect(host.addresses()).toEqual([`${vip1} lo`]);
  });
});

/** A host by its loopback: a namespace in which the agent's `ip` runs, while the agent itself reaches ZooKeeper. */
async function startHost() {
  const namespace = createNamespace([]);
  onTestFinished(() => namespace.remove());
  const { pid } = namespace.run('sleep', ['600'], { logFile: join(namespace.directory, 'log') });
  const net = `/proc/${pid}/ns/net`;
  await waitFor(() => readlinkSync(net) !== readlinkSync('/proc/self/ns/net'), {
    what: 'the namespace to be entered',
  });
  const bin = join(namespace.directory, 'bin');
  mkdirSync(bin);
  const forbidden = join(bin, 'forbidden');
  const without = 'setpriv --bounding-set=-net_admin --inh-caps=-net_admin';
  writeFileSync(
    join(bin, 'ip'),
    `#!/bin/sh
enter='nsenter --net=${net}'
test -e ${forbidden} && exec $enter ${without} ${ipPath} "$@"
exec $enter ${ipPath} "$@"
`,
  );
  chmodSync(join(bin, 'ip'), 0o755);
  const ip = (...args: readonly string[]) =>
    execFileSync('nsenter', [`--net=${net}`, ipPath, ...args], { encoding: 'utf8' });
  return {
    options: { environment: { PATH: `${bin}:${process.env['PATH']}` } },
    ip,
    /** Without the host's own, with their labels. */
    addresses: (): readonly string[] =>
      (JSON.parse(ip('-j', 'address', 'show', 'dev', 'lo'))[0].addr_info as Address[])
        .filter(({ local }) => !['127.0.0.1', '::1'].includes(local))
        .map(({ local, label }) => `${local} ${label}`)
        .sort(),
    forbid: () => writeFileSync(forbidden, ''),
    allow: () => rmSync(forbidden),
  };
}

interface Address {
  readonly local: string;
  readonly label: string;
}

const ipPath = '/usr/sbin/ip';
