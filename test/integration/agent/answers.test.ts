import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentProcess } from '../../helpers/agent-process.ts';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { superuserProperty } from '../zookeeper/operator.ts';
import { Fleet, lastGoodState, vip1, vip2, vip3 } from './fleet.ts';

/** What ExaBGP should not say, and the one line that tells of it. */
const oddities: readonly (readonly [string, RegExp])[] = [
  ['fnord 42\n', /sent "fnord 42"/],
  ['{ "exabgp": "4.0.1", "type": "sta\n', /sent "\{/],
  ['done\n', /answered done, but nothing was asked/],
  ['error\n', /answered error, but nothing was asked/],
  [`${'x'.repeat(300_000)}\n`, /overlong line/],
];

describe.skipIf(!hasZooKeeper())('an ExaBGP that answers badly', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  /** Two more polls were answered: whatever was said before has been read and judged. */
  async function afterTwoPolls(agent: AgentProcess): Promise<void> {
    const { polls } = agent.exabgp;
    await waitFor(() => agent.exabgp.polls >= polls + 2, { what: 'two more polls' });
  }

  it('garbage, invalid JSON, stray answers and endless lines are one line each, and routes and claim stay', async () => {
    const { operator, agent, claim } = await new Fleet(zooKeeper).settle();
    const state = await lastGoodState(agent, operator, [claim]);
    const from = agent.log.length;
    for (const [text, line] of oddities) {
      // While a poll is open a stray answer would be taken for its answer.
      const { polls } = agent.exabgp;
      await waitFor(() => agent.exabgp.polls > polls, { what: 'a poll' });
      agent.say(text.repeat(3));
      const { level, msg } = await agent.says(line, { from });
      expect(level).toBe('warn');
      expect(msg).toMatch(/^[\x20-\x7e]+$/);
    }
    await afterTwoPolls(agent);
    await state.stillStands();
    for (const [, line] of oddities) expect(agent.said(line, from)).toHaveLength(1);
  });

  it('error to an announcement is told with the command, and the VIP is not claimed', async () => {
    const fleet = new Fleet(zooKeeper);
    const operator = await fleet.operator();
    await operator.create(fleet.claims);
    for (const vip of [vip2, vip3]) await operator.create(`${fleet.claims}/${vip}`, '', true);
    const agent = fleet.start();
    const { exabgp } = agent;
    exabgp.answerWith((line) => (line.includes(vip1) ? 'error\n' : exabgp.reply(line)));
    const line = await agent.says(`the route of ${vip1}/32 was refused`);
    expect(line.level).toBe('error');
    expect(line.msg).toContain(`announce route ${vip1}/32 next-hop self med 100`);
    await afterTwoPolls(agent);
    expect(await operator.exists(`${fleet.claims}/${vip1}`)).toBe(false);
    // Tried again with growing pauses, not in a loop.
    const tries = exabgp.commands.filter(({ text }) => text.includes(vip1)).length;
    expect(tries).toBeLessThan(5);
    exabgp.answerWith();
    await agent.hasRoutes({ [vip1]: 100 });
    await waitFor(() => operator.exists(`${fleet.claims}/${vip1}`), { what: 'our claim' });
  });

  it('error to a takeover leaves the other routes and our claim alone', async () => {
    const fleet = new Fleet(zooKeeper);
    const { operator, agent, claim } = await fleet.settle();
    const { exabgp } = agent;
    const owner = await operator.owner(claim);
    exabgp.answerWith((line) => (line.includes(vip2) ? 'error\n' : exabgp.reply(line)));
    await operator.remove(`${fleet.claims}/${vip2}`);
    await agent.says(`the route of ${vip2}/32 was refused`);
    await operator.remove(`${fleet.claims}/${vip3}`);
    await agent.hasRoutes({ [vip1]: 100, [vip3]: 200 });
    expect(await operator.owner(claim)).toBe(owner);
  });

  it('an answer in two halves is one answer', async () => {
    const fleet = new Fleet(zooKeeper);
    const { operator, agent } = await fleet.settle();
    const { exabgp } = agent;
    const from = agent.log.length;
    exabgp.answerWith((line) => {
      const answer = exabgp.reply(line);
      return line.startsWith('announce') ? 'do' : answer;
    });
    await operator.remove(`${fleet.claims}/${vip2}`);
    await agent.hasRoutes({ [vip1]: 100, [vip2]: 200 });
    exabgp.answerWith();
    agent.say('ne\n');
    await afterTwoPolls(agent);
    expect(agent.said(/silent|refused|never answered/, from)).toEqual([]);
  });

  it('a half line and then nothing, or nothing at all, gives the claim away; an answer brings it back', async () => {
    const { operator, agent, claim } = await new Fleet(zooKeeper).settle();
    const { exabgp } = agent;
    await waitFor(() => exabgp.commands.some(({ text }) => text === 'flush adj-rib out'), {
      what: 'the flush of the start',
    });
    const commands = exabgp.commands.length;
    const open: string[] = [];
    exabgp.answerWith((line) => {
      open.push(line);
      return open.length === 1 ? 'Peer       ' : undefined;
    });
    const cutOff = await agent.says('this load balancer is cut off from its routers');
    expect(cutOff.level).toBe('error');
    expect(cutOff.msg).toContain('ExaBGP does not answer');
    await waitFor(async () => !(await operator.exists(claim)), { what: 'the claim to go' });
    expect(exabgp.commands.slice(commands)).toEqual([]);
    expect(agent.said('this load balancer is cut off')).toHaveLength(1);
    exabgp.answerWith();
    agent.say(`\n${open.map((line) => exabgp.reply(line) ?? '').join('')}`);
    await agent.says('this load balancer reaches its routers', { from: agent.log.indexOf(cutOff) });
    await waitFor(() => operator.exists(claim), { what: 'the claim to come back' });
    await agent.hasRoutes({ [vip1]: 100 });
    expect(exabgp.commands.slice(commands)).toEqual([]);
  });

  it('one that never answers anything gets no claim for its VIP', async () => {
    const fleet = new Fleet(zooKeeper);
    const operator = await fleet.operator();
    await operator.create(fleet.claims);
    const agent = fleet.start();
    agent.exabgp.answerWith(() => undefined);
    await agent.says(/^ExaBGP silent/);
    await agent.says('this load balancer is cut off from its routers');
    await waitFor(() => operator.exists(`${fleet.members}/lb1`), { what: 'its member znode' });
    expect(await operator.children(fleet.claims)).toEqual([]);
  });

  it('all neighbors down gives the claim away though ExaBGP answers', async () => {
    const { operator, agent, claim } = await new Fleet(zooKeeper).settle();
    const { exabgp } = agent;
    const commands = exabgp.commands.length;
    exabgp.neighbors = [];
    agent.say(
      '{ "exabgp": "4.0.1", "time": 1.0, "host" : "lb1", "pid" : 1, "ppid" : 1, "counter": 3, "type": "state", "neighbor": { "address": { "local": "10.66.0.1", "peer": "10.66.0.2" }, "asn": { "local": 65000, "peer": 65001 } , "state": "down", "reason": "peer reset" } }\n',
    );
    await agent.says('neighbor 10.66.0.2 is down: peer reset');
    await waitFor(async () => !(await operator.exists(claim)), { what: 'the claim to go' });
    exabgp.neighbors = ['10.66.0.2'];
    await waitFor(() => operator.exists(claim), { what: 'the claim to come back' });
    // Once more for the neighbor that came up, which may have lost it.
    expect(exabgp.commands.slice(commands).map(({ text }) => text)).toEqual([
      `announce route ${vip1}/32 next-hop self med 100`,
    ]);
  });
});
