import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentProcess } from '../../helpers/agent-process.ts';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { superuserProperty } from '../zookeeper/operator.ts';
import { Fleet, vip1 } from './fleet.ts';

const deadlineMs = 1_000;

const ways: readonly (readonly [string, (agent: AgentProcess) => void])[] = [
  ['stdin ends', (agent) => agent.endInput()],
  // Noticed by the next line, which is the poll: within a second.
  ['stdout is closed', (agent) => agent.closeOutput()],
  [
    'ExaBGP says that it shuts down',
    (agent) =>
      agent.say(
        '{ "exabgp": "4.0.1", "time": 1.0, "host" : "lb1", "pid" : 1, "ppid" : 1, "type": "notification", "notification": "shutdown"}\n',
      ),
  ],
];

describe.skipIf(!hasZooKeeper())('the end of ExaBGP', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  it.each(ways)('%s: the session is closed at once, and the process ends', async (_, end) => {
    const fleet = new Fleet(zooKeeper);
    const { operator, agent, claim } = await fleet.settle();
    const commands = agent.exabgp.commands.length;
    end(agent);
    const closed = await agent.says(/^ExaBGP closed/);
    await waitFor(async () => !(await operator.exists(claim)), { what: 'the claim to go' });
    const goneMs = performance.now();
    const { how, atMs } = await agent.exited;
    expect(how).toBe(0);
    // From the moment the agent knew; the session timeout is 4 s.
    expect(goneMs - closed.atMs).toBeLessThan(300);
    expect(atMs - closed.atMs).toBeLessThan(deadlineMs);
    expect(await operator.children(fleet.members)).toEqual([]);
    // Its routes died with it: nothing is worth saying.
    expect(agent.exabgp.commands).toHaveLength(commands);
  });

  it('the end of stdin is noticed within milliseconds', async () => {
    const { operator, agent, claim } = await new Fleet(zooKeeper).settle();
    const sinceMs = performance.now();
    agent.endInput();
    await waitFor(async () => !(await operator.exists(claim)), { what: 'the claim to go' });
    expect(performance.now() - sinceMs).toBeLessThan(300);
    expect((await agent.exited).atMs - sinceMs).toBeLessThan(deadlineMs);
  });

  it.each(ways)('%s: the process ends in time though ZooKeeper hangs', async (_, end) => {
    const { agent } = await new Fleet(zooKeeper).settle();
    const [server] = zooKeeper.servers;
    server?.pause();
    try {
      end(agent);
      const closed = await agent.says(/^ExaBGP closed/);
      const { how, atMs } = await agent.exited;
      expect(how).toBe(0);
      expect(atMs - closed.atMs).toBeLessThan(deadlineMs);
    } finally {
      server?.resume();
    }
  });

  it('stderr closed is no reason to end', async () => {
    const { operator, agent, claim } = await new Fleet(zooKeeper).settle();
    agent.closeLog();
    await operator.remove(claim.replace(vip1, '10.20.255.2'));
    await agent.hasRoutes({ [vip1]: 100, '10.20.255.2': 200 });
    const { polls } = agent.exabgp;
    await waitFor(() => agent.exabgp.polls > polls, { what: 'another poll' });
    agent.endInput();
    expect((await agent.exited).how).toBe(0);
  });
});
