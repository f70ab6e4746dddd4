import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { superuserProperty } from '../zookeeper/operator.ts';
import { Fleet, lastGoodState, vip1, vip2, vip3 } from './fleet.ts';

const huge = Buffer.alloc(900_000, 'x');
const garbage = Buffer.from([0x7b, 0x22, 0x00, 0xff, 0xfe, 0x0a, 0x1b, 0x5b, 0x32, 0x4a]);

describe.skipIf(!hasZooKeeper())('znodes that nobody sane would write', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  it('children of the claims named anything are ignored, one line each', async () => {
    const fleet = new Fleet(zooKeeper);
    const { operator, agent } = await fleet.settle({}, [vip2]);
    const state = await lastGoodState(agent, operator, [`${fleet.claims}/${vip1}`]);
    const names = [
      'lb2 is down',
      'grüße-\u65e5\u672c',
      '0',
      '999.1.1.1',
      '-',
      'x'.repeat(5_000),
      '10.99.0.1',
      '10.20.255.3 ',
      'announce route 10.20.255.3',
    ];
    for (const name of names) await operator.create(`${fleet.claims}/${name}`);
    for (const name of names) {
      const shown = name.slice(0, 100).replace(/[^\x20-\x7e]/g, '?');
      const line = await agent.says(`${fleet.claims}/${shown}: ignored`);
      expect(line.level).toBe('warn');
      expect(line.msg.length).toBeLessThan(250);
    }
    await state.stillStands();
    expect(agent.said(/: ignored/)).toHaveLength(names.length);
    // It still reads: the news behind all that reaches it.
    await operator.remove(`${fleet.claims}/${vip2}`);
    await agent.hasRoutes({ [vip1]: 100, [vip2]: 200, [vip3]: 200 });
    expect(agent.said(/: ignored/)).toHaveLength(names.length);
  });

  it.each([
    ['garbage', garbage],
    ['900 kB', huge],
    ['JSON of another kind', Buffer.from('{"v":1,"member":"lb2","instance":{"pid":-1}}')],
    ['deep JSON', Buffer.from('['.repeat(40_000))],
  ])('claims of others that hold %s count as claims: a name is enough', async (_, data) => {
    const fleet = new Fleet(zooKeeper);
    const { operator, agent } = await fleet.settle({}, [vip2]);
    await operator.setData(`${fleet.claims}/${vip2}`, data);
    await operator.create(`${fleet.claims}/${vip3}`, data, true);
    await agent.hasRoutes({ [vip1]: 100 });
    const state = await lastGoodState(agent, operator, [`${fleet.claims}/${vip1}`]);
    await operator.setData(`${fleet.claims}/${vip3}`, 'again');
    await operator.create(`${fleet.claims}/probe`);
    await agent.says('probe: ignored');
    await state.stillStands();
  });

  it.each([
    ['garbage', garbage],
    ['900 kB', huge],
  ])('our own claim, when it is overwritten with %s, stays ours', async (_, data) => {
    const fleet = new Fleet(zooKeeper);
    const { operator, agent } = await fleet.settle({}, [vip2]);
    const own = `${fleet.claims}/${vip1}`;
    const state = await lastGoodState(agent, operator, [own]);
    await operator.setData(own, data);
    await agent.says(/data is unreadable/);
    await state.stillStands();
    expect(agent.said('but its claim is held by')).toEqual([]);
  });

  it.each([
    ['garbage', garbage, 'not JSON'],
    ['900 kB', huge, 'over'],
  ])(
    'a claim on our VIP by a session that wrote %s is told, and the VIP is announced',
    async (_, data, why) => {
      const fleet = new Fleet(zooKeeper);
      const operator = await fleet.operator();
      await operator.create(fleet.claims);
      await operator.create(`${fleet.claims}/${vip1}`, data, true);
      const agent = fleet.start();
      const unreadable = await agent.says(`${fleet.claims}/${vip1}: data is unreadable`);
      expect(unreadable.msg).toContain(why);
      const conflict = await agent.says(`its claim is held by`);
      expect(conflict.level).toBe('error');
      await agent.hasRoutes({ [vip1]: 100, [vip2]: 200, [vip3]: 200 });
      expect(await operator.owner(`${fleet.claims}/${vip1}`)).toBe(operator.session);
      await operator.remove(`${fleet.claims}/${vip1}`);
      await waitFor(() => operator.exists(`${fleet.claims}/${vip1}`), { what: 'our own claim' });
    },
  );

  it('members and drains that hold or are named anything change nothing', async () => {
    const fleet = new Fleet(zooKeeper);
    const { operator, agent } = await fleet.settle({}, [vip2]);
    const state = await lastGoodState(agent, operator, [`${fleet.claims}/${vip1}`]);
    await operator.create(`${fleet.members}/lb2`, huge);
    await operator.create(`${fleet.members}/lb3`, garbage);
    await operator.create(`${fleet.members}/lb 4`);
    await operator.create(`${fleet.members}/10.20.255.1`);
    await operator.create(`${fleet.root}/drain/apex/what is this`, huge);
    await agent.says(/member\/apex\/lb2: data is unreadable \(over \d+ bytes\)/);
    await agent.says('member/apex/lb3: data is unreadable (not JSON)');
    await agent.says('member/apex/lb 4: ignored: not a member id');
    await agent.says('member/apex/10.20.255.1: ignored: not a member id');
    await agent.says('drain/apex/what is this: ignored: neither a member id nor a VIP');
    await state.stillStands();
  });

  it('maintenance that holds 900 kB of anything is maintenance', async () => {
    const fleet = new Fleet(zooKeeper);
    const { operator, agent } = await fleet.settle({}, [vip2]);
    await operator.create(fleet.maintenance, huge);
    await agent.hasRoutes({});
    await operator.remove(fleet.maintenance);
    await agent.hasRoutes({ [vip1]: 100, [vip3]: 200 });
  });
});
