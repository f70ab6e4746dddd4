import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { superuserProperty } from '../zookeeper/operator.ts';
import { Fleet, vip1, vip2, vip3 } from './fleet.ts';

// Nobody else is there to take over, so this is how long a drained member serves on.
const service = { drain: { timeout: '200ms' } };
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

describe.skipIf(!hasZooKeeper())('a drain with data', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  it('says who, why and until when, and ends by itself at that time', async () => {
    const fleet = new Fleet(zooKeeper);
    const { operator, agent, claim } = await fleet.settle({ service });
    const drain = `${fleet.root}/drain/apex/lb1`;
    const endMs = Date.now() + 3_000;
    const expires = new Date(endMs).toISOString();
    const data = { version: 1, who: 'jd', reason: 'disk swap', expires };
    await operator.create(drain, JSON.stringify(data));
    const line = await agent.says(`${drain}: in effect until`);
    const until = `${expires.slice(0, 19).replace('T', ' ')} UTC`;
    expect(line.msg).toBe(`${drain}: in effect until ${until}, by jd: disk swap`);
    expect(line.level).toBe('info');
    agent.signal('SIGUSR1');
    const state = await agent.says('state of apex');
    expect(state.fields['drained']).toEqual([`lb1 until ${until}, by jd: disk swap`]);
    await agent.hasRoutes({});
    expect(Date.now()).toBeLessThan(endMs);
    expect(await operator.exists(claim)).toBe(false);
    await agent.hasRoutes({ [vip1]: 100 });
    expect(Date.now()).toBeGreaterThanOrEqual(endMs);
    expect(Date.now()).toBeLessThan(endMs + 2_000);
    await waitFor(() => operator.exists(claim), { what: 'our claim again' });
    expect((await agent.says(`${drain}: expired at ${until} and ignored`)).level).toBe('warn');
    expect(await operator.exists(drain)).toBe(true);
  });

  it('that has expired drains nobody, until its end is put off', async () => {
    const fleet = new Fleet(zooKeeper);
    const drain = `${fleet.root}/drain/apex/lb1`;
    const operator = await fleet.operator();
    await operator.create(drain, JSON.stringify({ expires: inMs(-60_000) }));
    const { agent } = await fleet.settle({ service });
    await agent.says(`${drain}: expired at`);
    await operator.setData(drain, JSON.stringify({ expires: inMs(60_000), who: 'jd' }));
    await agent.says(/in effect until .*, by jd$/);
    await agent.hasRoutes({});
    await operator.setData(drain, JSON.stringify({ expires: inMs(-1) }));
    await agent.hasRoutes({ [vip1]: 100 });
    expect(agent.said(`${drain}: expired at`)).toHaveLength(2);
  });

  it('of a VIP ends by itself on every member', async () => {
    const fleet = new Fleet(zooKeeper);
    const { operator, agent } = await fleet.settle({ service }, [vip2]);
    await operator.create(
      `${fleet.root}/drain/apex/${vip3}`,
      JSON.stringify({ expires: inMs(2_000) }),
    );
    await agent.hasRoutes({ [vip1]: 100 });
    await agent.hasRoutes({ [vip1]: 100, [vip3]: 200 });
  });

  it.each([
    ['plain text', 'jd, until noon', 'data is unreadable (not JSON)'],
    ['another end', '{"expires":"noon"}', 'expires is not a time as 2026-11-21T18:00:00Z'],
  ])('that is %s is told once, and holds until it is lifted', async (_, data, mistake) => {
    const fleet = new Fleet(zooKeeper);
    const { operator, agent } = await fleet.settle({ service });
    const drain = `${fleet.root}/drain/apex/lb1`;
    await operator.create(drain, data);
    expect((await agent.says(`${drain}: ${mistake}`)).level).toBe('warn');
    await agent.says(`${drain}: in effect until it is deleted`);
    await agent.hasRoutes({});
    await operator.create(`${fleet.root}/drain/apex/lb9`);
    await agent.says(`drain/apex/lb9: in effect until it is deleted`);
    await operator.remove(drain);
    await agent.hasRoutes({ [vip1]: 100 });
    expect(agent.said(mistake)).toHaveLength(1);
  });
});
