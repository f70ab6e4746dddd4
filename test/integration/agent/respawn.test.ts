import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingForBgp } from '../../helpers/namespace.ts';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { type Operator, superuserProperty } from '../zookeeper/operator.ts';
import { Fleet, vip1, vip2, vip3 } from './fleet.ts';
import { startLoadBalancer } from './load-balancer.ts';

const missing = missingForBgp();

describe.skipIf(missing !== undefined || !hasZooKeeper())(
  `the agent under a real ExaBGP ${missing ?? ''}`,
  () => {
    let zooKeeper: ZooKeeper;

    beforeAll(async () => {
      zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
    });
    afterAll(() => zooKeeper.stop());

    async function started() {
      const fleet = new Fleet(zooKeeper);
      const operator = await fleet.operator();
      const lb1 = await startLoadBalancer('vipkeeper', ['run', '-f', fleet.configFile()]);
      const lb2 = fleet.start({ member: 'lb2' });
      await lb2.hasRoutes({ [vip2]: 100, [vip3]: 200 });
      await lb1.hasRoutes({ [vip1]: 100, [vip2]: undefined, [vip3]: 200 });
      await waitFor(() => lb2.exabgp.told.size === 3, { what: 'lb2 to have decided everything' });
      const claim = `${fleet.claims}/${vip1}`;
      await waitFor(() => operator.exists(claim), { what: 'the claim of lb1' });
      return { fleet, operator, lb1, lb2, claim };
    }

    it('kill -9 and respawn: the claim is renewed, and nobody ever sees it absent', async () => {
      const { fleet, operator, lb1, lb2, claim } = await started();
      const before = await holderOf(operator, claim);
      const commands = lb2.exabgp.commands.length;
      const observer = observe(await fleet.operator(), fleet.claims, vip1);
      const router = observeRoute(() => lb1.bird.route(`${vip1}/32`));
      process.kill(before.pid, 'SIGKILL');
      await waitFor(async () => (await holderOf(operator, claim)).pid !== before.pid, {
        what: 'the claim of the next life',
      });
      await lb1.hasRoutes({ [vip1]: 100, [vip2]: undefined, [vip3]: 200 });
      // Past the dead session's end, too: nothing of it may take the new claim along.
      await waitFor(() => operator.owner(claim).then((owner) => owner !== before.session), {
        what: 'another session to hold it',
      });
      const { reads, absences } = await observer.stop();
      expect(absences).toBe(0);
      expect(reads).toBeGreaterThan(50);
      expect(await router.stop()).toBe(0);
      expect(lb2.exabgp.commands.slice(commands)).toEqual([]);
    });

    it('kill -9 of ExaBGP: the claim goes at once, and another member takes over', async () => {
      const { operator, lb1, lb2, claim } = await started();
      const agent = await holderOf(operator, claim);
      const sinceMs = performance.now();
      lb1.exabgp.signal('SIGKILL');
      await waitFor(async () => !(await operator.exists(claim)), { what: 'the claim to go' });
      const goneMs = performance.now() - sinceMs;
      await lb2.hasRoutes({ [vip1]: 200, [vip2]: 100, [vip3]: 200 });
      const tookOverMs = (lb2.exabgp.commands.at(-1)?.atMs ?? Number.NaN) - sinceMs;
      await waitFor(() => !isRunning(agent.pid), { what: 'the agent to end' });
      const endedMs = performance.now() - sinceMs;
      expect(
        [goneMs, tookOverMs, endedMs].map(Math.round),
        'claim gone, taken over, ended',
      ).toEqual([lessThan(300), lessThan(300), lessThan(1_000)]);
    });

    it('SIGTERM of ExaBGP ends both, and leaves nothing in ZooKeeper', async () => {
      const { fleet, operator, lb1, lb2, claim } = await started();
      const agent = await holderOf(operator, claim);
      lb1.exabgp.signal('SIGTERM');
      expect(await lb1.exabgp.exited).toBe(0);
      await waitFor(() => !isRunning(agent.pid), { what: 'the agent to end', timeoutMs: 1_000 });
      await lb2.hasRoutes({ [vip1]: 200, [vip2]: 100, [vip3]: 200 });
      expect(await operator.exists(claim)).toBe(false);
      expect(await operator.children(fleet.members)).toEqual(['lb2']);
    });
  },
);

const lessThan = (limit: number) => expect.toSatisfy((value: number) => value < limit);

async function holderOf(operator: Operator, claim: string) {
  const { instance } = JSON.parse(await operator.data(claim));
  return { pid: Number(instance.pid), session: await operator.owner(claim) };
}

/** Reads the children as fast as answers come, and once more at every watch event. */
function observe(operator: Operator, path: string, name: string) {
  let [reads, absences, isOver] = [0, 0, false];
  const count = (names: readonly string[]) => {
    reads += 1;
    if (!names.includes(name)) absences += 1;
  };
  const watch = () => {
    if (isOver) return;
    operator.client.getChildren(path, watch, (error, names) => {
      if (!error) count(names);
    });
  };
  watch();
  const polling = (async () => {
    while (!isOver) count(await operator.children(path));
  })();
  return {
    async stop() {
      isOver = true;
      await polling;
      return { reads, absences };
    },
  };
}

/** Counts how often the router was without the route. */
function observeRoute(read: () => Promise<unknown>) {
  let [absences, isOver] = [0, false];
  const polling = (async () => {
    while (!isOver) if ((await read()) === undefined) absences += 1;
  })();
  return {
    async stop() {
      isOver = true;
      await polling;
      return absences;
    },
  };
}

/** Whether it has not ended; what nobody has waited for is a zombie and has. */
function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}
