import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { Fleet, vip1, vip2, vip3 } from './fleet.ts';

/** RFC 6761 §6.4: never resolves. */
const unresolvable = 'zk.vipkeeper.invalid:2181';

describe.skipIf(!hasZooKeeper())('ZooKeeper hosts that lead nowhere', () => {
  let zooKeeper: ZooKeeper;
  let unreachable: string;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper();
    unreachable = `127.0.0.1:${await closedPort()}`;
  });
  afterAll(() => zooKeeper.stop());

  it.each([
    ['unreachable', () => unreachable, /^127\.0\.0\.1:\d+: .*ECONNREFUSED/],
    ['unresolvable', () => unresolvable, /^zk\.vipkeeper\.invalid:2181: .*(ENOTFOUND|EAI_AGAIN)/],
  ])(
    'an %s one alone is tried for ever, told once, and nothing is announced',
    async (_, host, line) => {
      const fleet = new Fleet(zooKeeper);
      const agent = fleet.start({ zookeeper: { hosts: [host()] } });
      const { level } = await agent.says(line);
      expect(level).toBe('warn');
      // As many seconds as there are polls: time for dozens of attempts.
      await waitFor(() => agent.exabgp.polls >= 4, { what: 'four seconds of polls' });
      expect(agent.said(line)).toHaveLength(1);
      expect(agent.exabgp.commands).toEqual([]);
      // It still tries: a server that appears at last is found.
      agent.endInput();
      expect((await agent.exited).how).toBe(0);
    },
  );

  it('keeps trying the address until a server is there', async () => {
    const fleet = new Fleet(zooKeeper);
    const [server] = zooKeeper.servers;
    if (server === undefined) throw new Error('no server');
    await server.stop();
    const agent = fleet.start();
    await agent.says(/^127\.0\.0\.1:\d+: .*ECONNREFUSED/);
    await server.start();
    await agent.hasRoutes({ [vip1]: 100, [vip2]: 200, [vip3]: 200 });
  });

  it('beside a good host they are told, and all works', async () => {
    const fleet = new Fleet(zooKeeper);
    const hosts = [unreachable, unresolvable, zooKeeper.connectString];
    // The member id decides which host is tried first: three members begin at three hosts.
    const agents = ['lb1', 'lb2', 'lb3'].map((member) =>
      fleet.start({ member, zookeeper: { hosts } }),
    );
    const operator = await fleet.operator();
    for (const [index, agent] of agents.entries())
      await agent.hasRoutes({ [`10.20.255.${index + 1}`]: 100 });
    await waitFor(async () => (await operator.children(fleet.claims)).length === 3, {
      what: 'three claims',
    });
    const told = agents.flatMap((agent) => agent.said(/ECONNREFUSED|ENOTFOUND|EAI_AGAIN/));
    expect(told.length).toBeGreaterThan(0);
    expect(agents.flatMap((agent) => agent.said(/./)).map(({ level }) => level)).not.toContain(
      'error',
    );
  });
});

/** A port that was free a moment ago. */
function closedPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}
