import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { superuserProperty } from '../zookeeper/operator.ts';
import { Fleet, lastGoodState, vip1, vip2, vip3 } from './fleet.ts';

describe.skipIf(!hasZooKeeper())('a second agent with the same member id', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  it.each([
    ['is stopped', 'SIGTERM'],
    ['is killed', 'SIGKILL'],
  ] as const)(
    'says so once and changes nothing; when the first %s, it takes over',
    async (_, signal) => {
      const fleet = new Fleet(zooKeeper);
      const first = await fleet.settle({
        zookeeper: { sessionTimeout: '2s' },
        service: { drain: { timeout: '500ms' } },
      });
      const state = await lastGoodState(first.agent, first.operator, [
        first.claim,
        `${fleet.members}/lb1`,
      ]);
      const second = fleet.start();
      const line = await second.says("another living agent of apex uses this member's id");
      expect(line.level).toBe('error');
      expect(line.msg).toContain('give each load balancer an id of its own');
      expect(line.msg).toContain(`pid ${first.agent.pid} on host `);
      await waitFor(() => second.exabgp.polls >= 3, { what: 'three seconds of polls' });
      expect(second.exabgp.commands).toEqual([]);
      expect(second.said(/^another living agent/)).toHaveLength(1);
      expect(second.said('but its claim is held by')).toEqual([]);
      await state.stillStands();
      expect(first.agent.said(/another living agent|its claim is held/)).toEqual([]);
      first.agent.signal(signal);
      await first.agent.exited;
      await second.hasRoutes({ [vip1]: 100 });
      await waitFor(() => first.operator.exists(first.claim), { what: 'the claim' });
      expect(JSON.parse(await first.operator.data(first.claim))).toMatchObject({
        instance: { pid: second.pid },
      });
    },
  );

  it('takes over nothing of what others own either, while the first lives', async () => {
    const fleet = new Fleet(zooKeeper);
    const first = await fleet.settle();
    const second = fleet.start();
    await second.says('another living agent');
    await first.operator.remove(`${fleet.claims}/${vip2}`);
    await first.agent.hasRoutes({ [vip1]: 100, [vip2]: 200 });
    await first.operator.remove(`${fleet.claims}/${vip3}`);
    await first.agent.hasRoutes({ [vip1]: 100, [vip2]: 200, [vip3]: 200 });
    expect(second.exabgp.commands).toEqual([]);
  });
});
