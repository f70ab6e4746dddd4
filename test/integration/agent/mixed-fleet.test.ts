import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { superuserProperty } from '../zookeeper/operator.ts';
import { ExazkMember } from './exazk-member.ts';
import { Fleet, vip1, vip2, vip3 } from './fleet.ts';

const releaseMs = 400;
const service = { takeover: { settle: '300ms', release: `${releaseMs}ms` } };

/** lb1 is vipkeeper and owns the first VIP, an ExaZK owns the second; nobody is there for the third. */
describe.skipIf(!hasZooKeeper())('a fleet of ExaZK and vipkeeper members', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  async function startExazk(fleet: Fleet, own: string = vip2): Promise<ExazkMember> {
    const { claims, maintenance } = fleet;
    const others = [vip1, vip2, vip3].filter((vip) => vip !== own);
    const member = new ExazkMember(await fleet.operator(), { claims, maintenance, own, others });
    onTestFinished(() => member.stop());
    member.start();
    return member;
  }

  async function routesOf(member: ExazkMember, wanted: Record<string, number>): Promise<void> {
    const text = (meds: Record<string, number>) => JSON.stringify(Object.entries(meds).sort());
    await waitFor(() => text(member.meds()) === text(wanted), {
      what: `ExaZK to have ${text(wanted)}`,
    });
  }

  async function both() {
    const fleet = new Fleet(zooKeeper);
    const operator = await fleet.operator();
    await operator.create(fleet.claims);
    const exazk = await startExazk(fleet);
    const agent = fleet.start({ service });
    await agent.hasRoutes({ [vip1]: 100, [vip3]: 200 });
    await routesOf(exazk, { [vip2]: 100, [vip3]: 200 });
    return { fleet, operator, exazk, agent };
  }

  it('vipkeeper takes over from ExaZK, and hands back without a gap', async () => {
    const { fleet, exazk, agent } = await both();
    await exazk.stop();
    await agent.hasRoutes({ [vip1]: 100, [vip2]: 200, [vip3]: 200 });
    const from = agent.exabgp.commands.length;
    const returned = await startExazk(fleet);
    await routesOf(returned, { [vip2]: 100, [vip3]: 200 });
    await agent.hasRoutes({ [vip1]: 100, [vip3]: 200 });
    const withdraws = agent.exabgp.commands.slice(from);
    expect(withdraws.map(({ text }) => text)).toEqual([`withdraw route ${vip2}/32`]);
    const announcedMs = returned.routes.get(vip2)?.atMs ?? Number.NaN;
    // ExaZK announces up to a cycle after it has claimed.
    expect((withdraws[0]?.atMs ?? 0) - announcedMs).toBeGreaterThan(releaseMs - 150);
  });

  it('ExaZK takes over from vipkeeper, and hands back', async () => {
    const { fleet, operator, exazk, agent } = await both();
    agent.endInput();
    await routesOf(exazk, { [vip1]: 200, [vip2]: 100, [vip3]: 200 });
    expect((await agent.exited).how).toBe(0);
    const returned = fleet.start({ service });
    await returned.hasRoutes({ [vip1]: 100, [vip3]: 200 });
    await waitFor(() => operator.exists(`${fleet.claims}/${vip1}`), { what: 'the claim' });
    await routesOf(exazk, { [vip2]: 100, [vip3]: 200 });
    // It announced before it claimed, so ExaZK withdrew only what was announced already.
    expect(returned.said(/its claim is held|unreadable|ignored/)).toEqual([]);
  });

  it('a broken service of either is taken over by the other', async () => {
    const { exazk, agent } = await both();
    exazk.isHealthy = false;
    await agent.hasRoutes({ [vip1]: 100, [vip2]: 200, [vip3]: 200 });
    expect(exazk.meds()).toEqual({});
    exazk.isHealthy = true;
    await routesOf(exazk, { [vip2]: 100, [vip3]: 200 });
    await agent.hasRoutes({ [vip1]: 100, [vip3]: 200 });
  });

  it('one maintenance znode withdraws both, and both come back', async () => {
    const { fleet, operator, exazk, agent } = await both();
    await operator.create(fleet.maintenance);
    await agent.hasRoutes({});
    await routesOf(exazk, {});
    await waitFor(async () => (await operator.children(fleet.claims)).length === 0, {
      what: 'both claims to go',
    });
    // Neither takes over what the other gave up, however long it lasts.
    const { polls } = agent.exabgp;
    await waitFor(() => agent.exabgp.polls > polls, { what: 'another second' });
    expect([agent.exabgp.routes.size, exazk.meds()]).toEqual([0, {}]);
    await operator.remove(fleet.maintenance);
    await agent.hasRoutes({ [vip1]: 100, [vip3]: 200 });
    await routesOf(exazk, { [vip2]: 100, [vip3]: 200 });
    expect([...(await operator.children(fleet.claims))].sort()).toEqual([vip1, vip2]);
  });

  it('our own VIP whose claim an ExaZK holds is announced at once, told, and claimed when it disappears', async () => {
    const fleet = new Fleet(zooKeeper);
    const operator = await fleet.operator();
    await operator.create(fleet.claims);
    const exazk = await startExazk(fleet, vip1);
    await routesOf(exazk, { [vip1]: 100, [vip2]: 200, [vip3]: 200 });
    const claim = `${fleet.claims}/${vip1}`;
    const holder = await operator.owner(claim);
    const agent = fleet.start({ service });
    await agent.hasRoutes({ [vip1]: 100, [vip2]: 200, [vip3]: 200 });
    const line = await agent.says(`${vip1}/32 of apex is owned by this member, but its claim`);
    expect(line.level).toBe('error');
    expect(line.msg).toContain('held by a session that left no name');
    expect(agent.said('but its claim')).toHaveLength(1);
    expect(await operator.owner(claim)).toBe(holder);
    const commands = agent.exabgp.commands.length;
    await exazk.stop();
    await waitFor(async () => JSON.parse(await operator.data(claim)).member === 'lb1', {
      what: 'our own claim',
    });
    expect(agent.exabgp.commands.slice(commands)).toEqual([]);
  });
});
