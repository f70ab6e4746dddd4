import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentProcess } from '../../helpers/agent-process.ts';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { superuserProperty } from '../zookeeper/operator.ts';
import { Fleet, vip1, vip2, vip3 } from './fleet.ts';

const releaseMs = 400;
const service = { takeover: { settle: '300ms', release: `${releaseMs}ms` } };

describe.skipIf(!hasZooKeeper())('SIGTERM', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  it('hands over: claim deleted, announced by the other, then withdrawn after the release, exit 0', async () => {
    const fleet = new Fleet(zooKeeper);
    const operator = await fleet.operator();
    const lb1 = fleet.start({ service });
    const lb2 = fleet.start({ member: 'lb2', service });
    await lb1.hasRoutes({ [vip1]: 100, [vip3]: 200 });
    await lb2.hasRoutes({ [vip2]: 100, [vip3]: 200 });
    await waitFor(() => lb1.exabgp.told.size === 3 && lb2.exabgp.told.size === 3, {
      what: 'both to have decided everything',
    });
    await bothPublished(fleet, lb1, lb2);
    const from = lb1.exabgp.commands.length;
    lb1.signal('SIGTERM');
    await lb1.says('leaving: SIGTERM');
    await waitFor(async () => !(await operator.exists(`${fleet.claims}/${vip1}`)), {
      what: 'the claim to go',
    });
    await lb2.hasRoutes({ [vip1]: 200, [vip2]: 100, [vip3]: 200 });
    const { how } = await lb1.exited;
    expect(how).toBe(0);
    const takenOver = lb2.exabgp.commands.find(({ text }) =>
      text.startsWith(`announce route ${vip1}`),
    );
    const withdraws = lb1.exabgp.commands.slice(from);
    expect(withdraws.map(({ text }) => text).sort()).toEqual([
      `withdraw route ${vip1}/32`,
      `withdraw route ${vip3}/32`,
    ]);
    const withdrawn = withdraws.find(({ text }) => text.includes(vip1));
    expect((withdrawn?.atMs ?? 0) - (takenOver?.atMs ?? Number.NaN)).toBeGreaterThanOrEqual(
      releaseMs - 20,
    );
    expect(lb1.said('stays here until the drain timeout')).toEqual([]);
    expect(await operator.children(fleet.members)).toEqual(['lb2']);
  });

  it('alone it says that nobody else can take the VIPs, and serves until the drain timeout', async () => {
    const fleet = new Fleet(zooKeeper);
    const drainMs = 1_200;
    const { operator, agent, claim } = await fleet.settle(
      { service: { ...service, drain: { timeout: `${drainMs}ms` } } },
      [],
    );
    const sinceMs = performance.now();
    agent.signal('SIGTERM');
    for (const vip of [vip1, vip2, vip3]) {
      const line = await agent.says(`${vip}/32 of apex stays here until the drain timeout`);
      expect(line.level).toBe('warn');
      expect(line.msg).toContain('no other healthy member');
    }
    await waitFor(async () => !(await operator.exists(claim)), { what: 'the claim to go' });
    const { how, atMs } = await agent.exited;
    expect(how).toBe(0);
    expect(atMs - sinceMs).toBeGreaterThanOrEqual(drainMs - 20);
    expect(atMs - sinceMs).toBeLessThan(drainMs + 1_500);
    expect([...agent.exabgp.routes]).toEqual([]);
    expect(agent.said('stays here until the drain timeout')).toHaveLength(3);
  });

  it('twice ends every wait', async () => {
    const { agent } = await new Fleet(zooKeeper).settle({}, []);
    agent.signal('SIGTERM');
    await agent.says('stays here until the drain timeout');
    const sinceMs = performance.now();
    agent.signal('SIGTERM');
    const { how, atMs } = await agent.exited;
    expect(how).toBe(0);
    expect(atMs - sinceMs).toBeLessThan(1_000);
    expect([...agent.exabgp.routes]).toEqual([]);
  });
});

/** Waits until each knows that the other lives and is well. */
async function bothPublished(fleet: Fleet, ...agents: readonly AgentProcess[]): Promise<void> {
  const operator = await fleet.operator();
  await waitFor(
    async () => {
      const names = await operator.children(fleet.members);
      const data = await Promise.all(
        names.map((name) => operator.data(`${fleet.members}/${name}`)),
      );
      const reports = data.map((text) => JSON.parse(text));
      return (
        reports.length === agents.length &&
        reports.every(({ health, announces }) => health === 'up' && announces.length === 2)
      );
    },
    { what: 'every member to publish what it announces' },
  );
}
