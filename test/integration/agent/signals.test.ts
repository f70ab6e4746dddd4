import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingForBgp } from '../../helpers/namespace.ts';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { superuserProperty } from '../zookeeper/operator.ts';
import { Fleet, vip1, vip2, vip3 } from './fleet.ts';
import { startLoadBalancer } from './load-balancer.ts';

const missing = missingForBgp();

describe.skipIf(!hasZooKeeper())('signals', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  it('SIGUSR1 writes the whole state to the log, one line for each service', async () => {
    const { agent } = await new Fleet(zooKeeper).settle({ log: { level: 'error' } });
    const from = agent.log.length;
    agent.signal('SIGUSR1');
    const service = await agent.says('state of apex', { from });
    expect(agent.log.slice(from).map(({ msg }) => msg)).toEqual(['state of lb1', 'state of apex']);
    expect(agent.log[from]?.fields).toMatchObject({
      event: 'state',
      session: { belief: 'live', isConnected: true },
      exabgp: { phase: 'ready', answers: true },
    });
    expect(service.fields['vips']).toEqual([
      expect.objectContaining({
        vip: `${vip1}/32`,
        owner: 'lb1',
        claim: 'us',
        decision: 'announce as owner (owner)',
        route: 'self med 100',
      }),
      expect.objectContaining({ vip: `${vip2}/32`, route: 'absent' }),
      expect.objectContaining({ vip: `${vip3}/32`, route: 'absent' }),
    ]);
  });

  it('an end of stdin cuts a hand-over short', async () => {
    const { agent, operator, claim } = await new Fleet(zooKeeper).settle({}, []);
    agent.signal('SIGTERM');
    await agent.says('stays here until the drain timeout');
    const sinceMs = performance.now();
    agent.endInput();
    const { how, atMs } = await agent.exited;
    expect(how).toBe(0);
    expect(atMs - sinceMs).toBeLessThan(1_000);
    expect(await operator.exists(claim)).toBe(false);
  });

  it('SIGKILL 1.9 s after SIGTERM, as ExaBGP 5 does it, finds all claims deleted and the state written', async () => {
    const fleet = new Fleet(zooKeeper);
    const stateDir = join(fleet.directory, 'state');
    const { agent, operator, claim } = await fleet.settle({ stateDir }, []);
    const sinceMs = performance.now();
    agent.signal('SIGTERM');
    await waitFor(async () => !(await operator.exists(claim)), { what: 'the claim to go' });
    expect(performance.now() - sinceMs).toBeLessThan(1_000);
    await waitFor(() => performance.now() - sinceMs >= 1_900, { what: 'ExaBGP to lose patience' });
    agent.signal('SIGKILL');
    await agent.exited;
    const state = JSON.parse(readFileSync(join(stateDir, 'state.json'), 'utf8'));
    expect(state.services[fleet.claims]).toBeDefined();
  });

  describe.skipIf(missing !== undefined)(`of a real ExaBGP ${missing ?? ''}`, () => {
    it('SIGTERM: claims are gone within a second, nobody waits for a hand-over, nothing stays', async () => {
      const fleet = new Fleet(zooKeeper);
      const operator = await fleet.operator();
      const lb1 = await startLoadBalancer('vipkeeper', ['run', '-f', fleet.configFile()]);
      await lb1.hasRoutes({ [vip1]: 100 });
      const claim = `${fleet.claims}/${vip1}`;
      await waitFor(() => operator.exists(claim), { what: 'the claim' });
      const sinceMs = performance.now();
      lb1.exabgp.signal('SIGTERM');
      await waitFor(async () => !(await operator.exists(claim)), { what: 'the claim to go' });
      expect(performance.now() - sinceMs).toBeLessThan(1_000);
      expect(await lb1.exabgp.exited).toBe(0);
      await waitFor(() => lb1.said(/exit 0/).length > 0, { what: 'the agent to end' });
      expect(lb1.said(/exit 0/).map(({ msg }) => msg)).toEqual(['agent: exit 0: ExaBGP is gone']);
      expect(performance.now() - sinceMs).toBeLessThan(2_000);
      expect(await operator.children(fleet.members)).toEqual([]);
    });
  });
});
