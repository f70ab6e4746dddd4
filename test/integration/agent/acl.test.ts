import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { digestId, superuserProperty } from '../zookeeper/operator.ts';
import { Fleet, lastGoodState, vip1, vip2, vip3 } from './fleet.ts';

/** ZooKeeper's bits; an ACL needs at least one, so nobody may read is "may set the ACL". */
const [none, read, all] = [16, 1, 31];

describe.skipIf(!hasZooKeeper())('paths without permission', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  it('claims that may not be written are told with path, cause and cure; the VIP is announced all the same', async () => {
    const fleet = new Fleet(zooKeeper);
    const operator = await fleet.operator();
    await operator.create(fleet.claims);
    await operator.setAcl(fleet.claims, read, 'world', 'anyone');
    const agent = fleet.start();
    const line = await agent.says(`apex, claim ${vip1}/32: denied`);
    expect(line.level).toBe('error');
    expect(line.msg).toContain(`the create permission on ${fleet.claims}`);
    expect(line.msg).toContain(`getAcl ${fleet.claims}`);
    await agent.hasRoutes({ [vip1]: 100, [vip2]: 200, [vip3]: 200 });
    // The cure is found without a restart.
    await operator.setAcl(fleet.claims, all, 'world', 'anyone');
    await waitFor(async () => (await operator.children(fleet.claims)).includes(vip1), {
      what: 'the claim',
    });
    await agent.hasRoutes({ [vip1]: 100, [vip2]: 200, [vip3]: 200 });
  });

  it('wrong credentials are one line per path, and work within seconds once they are granted', async () => {
    const fleet = new Fleet(zooKeeper);
    const operator = await fleet.operator();
    for (const path of [fleet.claims, fleet.members]) {
      await operator.create(path);
      await operator.setAcl(path, all, 'digest', digestId('lb:right'));
    }
    const vips = { [vip1]: 'lb1', [vip2]: 'lb1', [vip3]: 'lb1' };
    const zookeeper = { auth: { digest: 'lb:wrong' } };
    const agent = fleet.start({ zookeeper, service: { vips } });
    for (const path of [fleet.claims, fleet.members]) await agent.says(`${path}: not readable`);
    await waitFor(() => agent.exabgp.polls >= 4, { what: 'four seconds of polls' });
    expect(agent.log.filter(({ level }) => level === 'error')).toHaveLength(2);
    // To read is not yet to write: three claims and a member that may not be made are two lines.
    for (const path of [fleet.claims, fleet.members])
      await operator.setAcl(path, read, 'world', 'anyone');
    await agent.says(`the create permission on ${fleet.claims}`);
    await agent.says(`the create permission on ${fleet.members}`);
    await agent.hasRoutes({ [vip1]: 100, [vip2]: 100, [vip3]: 100 });
    for (const path of [fleet.claims, fleet.members])
      await operator.setAcl(path, all, 'digest', digestId('lb:wrong'));
    await waitFor(async () => (await operator.children(fleet.claims)).length === 3, {
      what: 'the claims',
    });
    await waitFor(() => operator.exists(`${fleet.members}/lb1`), { what: 'the member' });
    expect(agent.log.filter(({ level }) => level === 'error')).toHaveLength(4);
    expect(agent.log.map(({ msg }) => msg).join()).not.toContain('wrong');
  });

  it('a claim’s place taken by a persistent znode is told with what removes it', async () => {
    const fleet = new Fleet(zooKeeper);
    const operator = await fleet.operator();
    const claim = `${fleet.claims}/${vip1}`;
    await operator.create(claim);
    const agent = fleet.start();
    const line = await agent.says(`${vip1}/32 of apex is owned by this member, but`);
    expect(line.level).toBe('error');
    expect(line.msg).toContain('a persistent znode, which stays until somebody deletes it');
    expect(line.msg).toContain(`(zkCli: delete ${claim})`);
    await operator.remove(claim);
    await waitFor(async () => /[1-9a-f]/.test((await operator.owner(claim)) ?? ''), {
      what: 'our claim in its place',
    });
  });

  it('claims that may not be read are told once, and nothing is announced before they can be', async () => {
    const fleet = new Fleet(zooKeeper);
    const operator = await fleet.operator();
    await operator.create(fleet.claims);
    await operator.setAcl(fleet.claims, none, 'world', 'anyone');
    const agent = fleet.start();
    const line = await agent.says(`${fleet.claims}: not readable`);
    expect(line.level).toBe('error');
    expect(line.msg).toContain(`read permission on ${fleet.claims}`);
    await waitFor(() => agent.exabgp.polls >= 3, { what: 'three seconds of polls' });
    expect(agent.said('not readable')).toHaveLength(1);
    expect(agent.exabgp.commands).toEqual([]);
  });

  it('a running agent that may no longer read keeps routes and claim', async () => {
    const fleet = new Fleet(zooKeeper);
    const { operator, agent, claim } = await fleet.settle({}, [vip2]);
    const state = await lastGoodState(agent, operator, [claim]);
    await operator.setAcl(fleet.claims, none, 'world', 'anyone');
    // ZooKeeper tells nobody about changes he may not read, so the next connection is what finds out.
    const [server] = zooKeeper.servers;
    await server?.stop();
    await server?.start();
    const line = await agent.says(`${fleet.claims}: not readable`);
    expect(line.level).toBe('error');
    const { polls } = agent.exabgp;
    await waitFor(() => agent.exabgp.polls >= polls + 2, { what: 'two more seconds' });
    // A new client: the bare library's does not survive a reconnect with credentials.
    await state.stillStands(await fleet.operator());
    expect(agent.said('not readable')).toHaveLength(1);
  });

  it.each([
    ['members', 'member/apex'],
    ['drains', 'drain/apex'],
  ])('%s that may not be read are one line', async (_, path) => {
    const fleet = new Fleet(zooKeeper);
    const operator = await fleet.operator();
    await operator.create(`${fleet.root}/${path}`);
    await operator.setAcl(`${fleet.root}/${path}`, none, 'world', 'anyone');
    const agent = fleet.start();
    const line = await agent.says(`${fleet.root}/${path}: not readable`);
    expect(line.msg).toContain(`read permission on ${fleet.root}/${path}`);
    expect(agent.exabgp.commands).toEqual([]);
  });
});
