import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentProcess } from '../../helpers/agent-process.ts';
import { missingForBgp } from '../../helpers/namespace.ts';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { type Operator, superuserProperty } from '../zookeeper/operator.ts';
import type { Changes } from './agent-config.ts';
import { Fleet, lastGoodState, vip1, vip2, vip3 } from './fleet.ts';
import { startLoadBalancer } from './load-balancer.ts';

const sessionTimeoutMs = 4_000;
const missing = missingForBgp();

/** Agents that keep their session in a directory of the test's. */
class KeepingFleet extends Fleet {
  readonly stateDir = join(this.directory, 'state');
  readonly stateFile = join(this.stateDir, 'state.json');

  override configFile(changes: Changes = {}): string {
    return super.configFile({ stateDir: this.stateDir, ...changes });
  }

  /** What is kept, once it names a session. */
  saved(session: string): Promise<Record<string, unknown>> {
    return waitFor(
      () => {
        const state = JSON.parse(readFileSync(this.stateFile, 'utf8'));
        return state.session?.id === session && Object.keys(state.services).length > 0
          ? state
          : undefined;
      },
      { what: `session ${session} to be saved` },
    );
  }
}

/** Reports every event of a watch on a claim, and on the list it is in. */
function watchClaim(operator: Operator, claims: string, claim: string) {
  const events: string[] = [];
  const watchNode = () =>
    operator.client.exists(
      claim,
      (event) => {
        events.push(`claim: ${event.getName()}`);
        watchNode();
      },
      () => undefined,
    );
  const watchList = () =>
    operator.client.getChildren(
      claims,
      (event) => {
        events.push(`list: ${event.getName()}`);
        watchList();
      },
      () => undefined,
    );
  watchNode();
  watchList();
  return events;
}

async function kill(agent: AgentProcess): Promise<void> {
  agent.signal('SIGKILL');
  await agent.exited;
}

const pidOf = async (operator: Operator, claim: string) =>
  Number(JSON.parse(await operator.data(claim)).instance.pid);

describe.skipIf(!hasZooKeeper())('an agent with a state directory', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  it('kill -9 and restart: the session goes on, and its claim never changes hands', async () => {
    const fleet = new KeepingFleet(zooKeeper);
    const { operator, agent, claim } = await fleet.settle();
    const session = (await operator.owner(claim)) ?? '';
    await fleet.saved(session);
    const events = watchClaim(await fleet.operator(), fleet.claims, claim);
    await kill(agent);
    const next = fleet.start();
    await next.says(/^ZooKeeper session continued from this agent's earlier life/);
    await waitFor(async () => (await pidOf(operator, claim)) === next.pid, {
      what: 'the next life in the claim',
    });
    await next.hasRoutes({ [vip1]: 100 });
    // Whatever the killed life left would have gone by then.
    const proofs = next.exabgp.polls + sessionTimeoutMs / 1_000 + 1;
    await waitFor(() => next.exabgp.polls > proofs, { what: 'a session timeout to pass' });
    expect(await operator.owner(claim)).toBe(session);
    // Its data names the process that announces it; only who reads that is told.
    expect(events).toEqual(['claim: NODE_DATA_CHANGED']);
    expect(next.said(/frozen|suspended|blind|ignored/)).toEqual([]);
    const member = JSON.parse(await operator.data(`${fleet.members}/lb1`));
    expect(member).toMatchObject({ announces: [`${vip1}/32`], instance: { pid: next.pid } });
    expect(await operator.owner(`${fleet.members}/lb1`)).toBe(session);
  });

  it('restarted later than its session lives: told so, a new session is made, and all is as it was', async () => {
    const fleet = new KeepingFleet(zooKeeper);
    const { operator, agent, claim } = await fleet.settle();
    const session = (await operator.owner(claim)) ?? '';
    await fleet.saved(session);
    await kill(agent);
    await waitFor(async () => !(await operator.exists(claim)), { what: 'the session to expire' });
    const next = fleet.start();
    await next.says("the earlier life's session is not continued: expired");
    await next.hasRoutes({ [vip1]: 100 });
    await waitFor(() => operator.exists(claim), { what: 'a new claim' });
    const renewed = (await operator.owner(claim)) ?? '';
    expect(renewed).not.toBe(session);
    await fleet.saved(renewed);
  });

  it('an end on purpose keeps no session, and what it keeps nobody else can read', async () => {
    const fleet = new KeepingFleet(zooKeeper);
    const { operator, agent, claim } = await fleet.settle();
    await fleet.saved((await operator.owner(claim)) ?? '');
    expect(statSync(fleet.stateDir).mode & 0o777).toBe(0o700);
    expect(statSync(fleet.stateFile).mode & 0o777).toBe(0o600);
    agent.endInput();
    expect((await agent.exited).how).toBe(0);
    const state = JSON.parse(readFileSync(fleet.stateFile, 'utf8'));
    expect(state.session).toBeUndefined();
    expect(JSON.stringify(state.services)).toContain(`"${vip1}/32":"owner"`);
    const next = fleet.start();
    await next.says(/^ZooKeeper session new session/);
  });

  it('a second agent does not touch the session of the first, and says so', async () => {
    const fleet = new KeepingFleet(zooKeeper);
    const { operator, agent, claim } = await fleet.settle();
    await fleet.saved((await operator.owner(claim)) ?? '');
    const before = readFileSync(fleet.stateFile, 'utf8');
    const state = await lastGoodState(agent, operator, [claim]);
    const second = fleet.start();
    await second.says(
      `stateDir cannot be used: another living agent uses it (lb1, pid ${agent.pid})`,
    );
    await second.says(/^another living agent of apex uses this member's id/);
    await second.says(/^ZooKeeper session new session/);
    await state.stillStands();
    expect(agent.said(/disconnected/)).toEqual([]);
    await kill(second);
    expect(JSON.parse(readFileSync(fleet.stateFile, 'utf8'))).toMatchObject({
      session: JSON.parse(before).session,
    });
  });

  it.each<[string, (file: string) => void, string]>([
    ['garbage', (file) => writeFileSync(file, 'garbage'), 'it is not JSON; it may be cut off'],
    [
      'cut off',
      (file) => writeFileSync(file, readFileSync(file, 'utf8').slice(0, 100)),
      'it is not JSON; it may be cut off',
    ],
    ['readable by others', (file) => chmodSync(file, 0o644), 'others may read it (mode 644)'],
    [
      "another member's",
      (file) => writeFileSync(file, readFileSync(file, 'utf8').replace('"lb1"', '"lb9"')),
      'it is of member lb9, not of this member',
    ],
    [
      'of another boot',
      (file) =>
        writeFileSync(file, readFileSync(file, 'utf8').replace(/"bootId":"[^"]*"/, '"bootId":"x"')),
      'it is of another boot or host',
    ],
  ])('a state file that is %s is ignored with the reason, and replaced', async (_, spoil, why) => {
    const fleet = new KeepingFleet(zooKeeper);
    const { operator, agent, claim } = await fleet.settle();
    const session = (await operator.owner(claim)) ?? '';
    await fleet.saved(session);
    await kill(agent);
    spoil(fleet.stateFile);
    const next = fleet.start();
    await next.says(`the state of an earlier life is ignored: ${why}`);
    await waitFor(async () => (await operator.owner(claim)) !== session, {
      what: 'the claim to be replaced',
    });
    await fleet.saved((await operator.owner(claim)) ?? '');
    expect(statSync(fleet.stateFile).mode & 0o777).toBe(0o600);
    await next.hasRoutes({ [vip1]: 100 });
  });

  it('a session is not continued when the configuration has another VIP in it', async () => {
    const fleet = new KeepingFleet(zooKeeper);
    const { operator, agent, claim } = await fleet.settle();
    const session = (await operator.owner(claim)) ?? '';
    await fleet.saved(session);
    await kill(agent);
    const vips = { [vip1]: 'lb2', [vip2]: 'lb2', [vip3]: 'lb3' };
    const next = fleet.start({ service: { vips } });
    await next.says(
      "an earlier life's session is ignored: it may hold other znodes than are configured now",
    );
    // Nobody continues it, so the claim that is not ours any more goes with it.
    await waitFor(async () => !(await operator.exists(claim)), { what: 'the claim to go' });
    await next.hasRoutes({ [vip1]: 200 });
  });

  it('a disk that blocks stops neither heartbeats, nor claims, nor the end', async () => {
    const fleet = new KeepingFleet(zooKeeper);
    execFileSync('mkdir', ['-m', '700', fleet.stateDir]);
    // Opening it for writing blocks until somebody reads.
    execFileSync('mkfifo', [`${fleet.stateFile}.new`]);
    const { operator, agent, claim } = await fleet.settle();
    const session = await operator.owner(claim);
    const { polls } = agent.exabgp;
    await waitFor(() => agent.exabgp.polls > polls + sessionTimeoutMs / 1_000 + 1, {
      what: 'a session timeout to pass',
    });
    expect(await operator.owner(claim)).toBe(session);
    expect(agent.said(/suspended|disconnected/)).toEqual([]);
    expect(existsSync(fleet.stateFile)).toBe(false);
    const sinceMs = performance.now();
    agent.endInput();
    await waitFor(async () => !(await operator.exists(claim)), { what: 'the claim to go' });
    const goneMs = performance.now() - sinceMs;
    // Nothing else ends a process that has a thread in such a write.
    const { how, atMs } = await agent.exited;
    expect(how).toBe('SIGKILL');
    expect(goneMs).toBeLessThan(300);
    expect(atMs - sinceMs).toBeLessThan(1_000);
  });

  it('a directory that cannot be made is told once, and no reason not to serve', async () => {
    const fleet = new KeepingFleet(zooKeeper);
    const stateDir = join(fleet.stateDir, 'deeper');
    const { agent } = await fleet.settle({ stateDir });
    await agent.says(/^\/.*deeper: stateDir cannot be used: ENOENT.*; make it, for the user/);
    expect(agent.said('stateDir')).toHaveLength(1);
  });
});

describe.skipIf(!hasZooKeeper())('a restart while ZooKeeper is away', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  const server = () => {
    const [only] = zooKeeper.servers;
    if (only === undefined) throw new Error('no server');
    return only;
  };

  /** Stops ZooKeeper, then kills the agent and starts another one, under an ExaBGP that has no routes. */
  async function restartInOutage(fleet: Fleet, agent: AgentProcess, changes: Changes = {}) {
    await server().stop();
    await agent.says(/disconnected/);
    await kill(agent);
    return fleet.start(changes);
  }

  it('what was announced is announced again, what was not is withdrawn, and its return changes nothing', async () => {
    const fleet = new KeepingFleet(zooKeeper);
    const { operator, agent, claim } = await fleet.settle({}, [vip3]);
    await fleet.saved((await operator.owner(claim)) ?? '');
    const sinceMs = performance.now();
    const next = await restartInOutage(fleet, agent);
    await next.hasRoutes({ [vip1]: 100, [vip2]: 200 });
    await waitFor(() => next.exabgp.told.size === 3, { what: 'a command for every VIP' });
    const tookMs = performance.now() - sinceMs;
    expect(tookMs, 'half a session timeout, and the start').toBeLessThan(sessionTimeoutMs);
    await next.says(/suspended, so every decision is frozen/);
    await next.says(/blind/);
    const commands = next.exabgp.commands.length;
    await server().start();
    await next.says(/^ZooKeeper session continued/);
    await next.says(/^claim on 10.20.255.1.* created/);
    const { polls } = next.exabgp;
    await waitFor(() => next.exabgp.polls > polls + 2, { what: 'more than the settle time' });
    expect(next.exabgp.commands.slice(commands)).toEqual([]);
  });

  it('a service in maintenance stays withdrawn', async () => {
    const fleet = new KeepingFleet(zooKeeper);
    const { operator, agent, claim } = await fleet.settle();
    await operator.create(fleet.maintenance);
    await agent.hasRoutes({});
    await waitFor(() => readFileSync(fleet.stateFile, 'utf8').includes('"isInMaintenance":true'), {
      what: 'the maintenance to be saved',
    });
    const next = await restartInOutage(fleet, agent, {
      zookeeper: { onCoordinationLoss: 'all' },
    });
    await next.says(/blind/);
    await waitFor(() => next.exabgp.told.size === 3, { what: 'a command for every VIP' });
    await next.hasRoutes({});
    expect(next.said(/announced as/)).toEqual([]);
    await server().start();
    await next.says(/^ZooKeeper session continued/);
    // The library of the one before may never answer again after an outage.
    const another = await fleet.operator();
    await waitFor(() => another.exists(`${fleet.members}/lb1`), { what: 'the agent to be back' });
    expect(await another.exists(claim)).toBe(false);
    await next.hasRoutes({});
  });

  it('without a state it waits', async () => {
    const fleet = new KeepingFleet(zooKeeper);
    const { agent } = await fleet.settle();
    await server().stop();
    await agent.says(/disconnected/);
    await kill(agent);
    rmSync(fleet.stateFile);
    const next = fleet.start();
    const { polls } = next.exabgp;
    await waitFor(() => next.exabgp.polls > polls + (sessionTimeoutMs * 4) / 3_000, {
      what: 'the time after which it would be blind',
    });
    expect(next.exabgp.commands).toEqual([]);
    await server().start();
    await next.hasRoutes({ [vip1]: 100 });
  });
});

describe.skipIf(missing !== undefined || !hasZooKeeper())(
  `an agent with a state directory under a real ExaBGP ${missing ?? ''}`,
  () => {
    let zooKeeper: ZooKeeper;

    beforeAll(async () => {
      zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
    });
    afterAll(() => zooKeeper.stop());

    async function started() {
      const fleet = new KeepingFleet(zooKeeper);
      const operator = await fleet.operator();
      const lb1 = await startLoadBalancer('vipkeeper', ['run', '-f', fleet.configFile()]);
      const lb2 = fleet.start({ member: 'lb2', stateDir: join(fleet.directory, 'state2') });
      await lb2.hasRoutes({ [vip2]: 100, [vip3]: 200 });
      await lb1.hasRoutes({ [vip1]: 100, [vip2]: undefined, [vip3]: 200 });
      await waitFor(() => lb2.exabgp.told.size === 3, { what: 'lb2 to have decided everything' });
      const claim = `${fleet.claims}/${vip1}`;
      await waitFor(() => operator.exists(claim), { what: 'the claim of lb1' });
      const session = (await operator.owner(claim)) ?? '';
      await fleet.saved(session);
      return { fleet, operator, lb1, lb2, claim, session };
    }

    it('kill -9 and respawn: same session, no event on the list of claims, no peer moves, no route is missed', async () => {
      const { fleet, operator, lb1, lb2, claim, session } = await started();
      const pid = await pidOf(operator, claim);
      const events = watchClaim(await fleet.operator(), fleet.claims, claim);
      const commands = lb2.exabgp.commands.length;
      let [isOver, absences] = [false, 0];
      const watching = (async () => {
        while (!isOver) if ((await lb1.bird.route(`${vip1}/32`)) === undefined) absences += 1;
      })();
      process.kill(pid, 'SIGKILL');
      await waitFor(async () => (await pidOf(operator, claim)) !== pid, { what: 'the next life' });
      const { polls } = lb2.exabgp;
      await waitFor(() => lb2.exabgp.polls > polls + sessionTimeoutMs / 1_000 + 1, {
        what: 'a session timeout to pass',
      });
      isOver = true;
      await watching;
      expect(await operator.owner(claim)).toBe(session);
      expect(events).toEqual(['claim: NODE_DATA_CHANGED']);
      expect(lb2.exabgp.commands.slice(commands)).toEqual([]);
      expect(absences).toBe(0);
    });

    it('ExaBGP killed with its agent, and both started again: the session goes on, and peers carry the VIP until its service is well', async () => {
      const { fleet, operator, lb1, lb2, claim, session } = await started();
      const pid = await pidOf(operator, claim);
      // Held so that it cannot start another agent when this one is killed, nor this one close its session.
      lb1.exabgp.signal('SIGSTOP');
      process.kill(pid, 'SIGKILL');
      lb1.exabgp.signal('SIGKILL');
      await lb1.exabgp.exited;
      const well = join(fleet.directory, 'well');
      const checks = [{ exec: `test -e ${well}`, interval: '200ms', fastInterval: '50ms' }];
      const args = ['run', '-f', fleet.configFile({ service: { checks } })];
      const again = await startLoadBalancer('vipkeeper', args);
      const { atMs } = await again.says(/^ZooKeeper session continued from this agent's earlier/);
      // Its routes died with that ExaBGP, and a claim that nobody stands behind keeps peers away.
      await lb2.hasRoutes({ [vip1]: 200, [vip2]: 100, [vip3]: 200 });
      expect((lb2.exabgp.commands.at(-1)?.atMs ?? Number.NaN) - atMs).toBeLessThan(500);
      expect(await operator.owner(`${fleet.members}/lb1`)).toBe(session);
      writeFileSync(well, '');
      await again.hasRoutes({ [vip1]: 100, [vip2]: undefined });
      await waitFor(async () => (await operator.owner(claim)) === session, {
        what: 'the claim, in the same session',
      });
      await lb2.hasRoutes({ [vip2]: 100, [vip3]: 200 });
    });
  },
);
