import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type Ensemble, missingForEnsemble, startEnsemble } from '../../helpers/ensemble.ts';
import { sessionsAt } from '../../helpers/four-letter-words.ts';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, type ZooKeeperServer } from '../../helpers/zookeeper.ts';
import { operatorOf, superuserProperty } from '../zookeeper/operator.ts';
import { vip1, vip2, vip3 } from './agent-config.ts';
import { type Name, passed, Site } from './site.ts';

const missing = missingForEnsemble();
const timeoutMs = 3_000;
const tickMs = 500;
const zookeeper = { sessionTimeout: `${timeoutMs}ms` };
const names: readonly Name[] = ['lb1', 'lb2', 'lb3'];
const vipOf = { lb1: vip1, lb2: vip2, lb3: vip3 } as const;

describe.skipIf(missing !== undefined || !hasZooKeeper())(
  `three ZooKeeper servers, three LBs ${missing ?? ''}`,
  () => {
    let ensemble: Ensemble;
    let site: Site;
    /** Where each member began. */
    const firstServers = new Map<Name, ZooKeeperServer>();

    beforeAll(async () => {
      ensemble = await startEnsemble({
        tickTimeMs: tickMs,
        // For so many ticks a follower that hears nothing of its leader goes on answering reads.
        config: ['syncLimit=6'],
        // A server without a quorum answers reads of those who are content with that; we are not.
        properties: [superuserProperty, '-Dreadonlymode.enabled=true'],
      });
      site = await Site.start({ zooKeeper: ensemble, changes: { zookeeper } });
    });
    afterAll(async () => {
      await site.stop();
      await ensemble.stop();
    });
    beforeEach(async () => {
      for (const server of ensemble.servers) server.resume();
      ensemble.heal();
      await isWhole();
      await site.atRest();
    });

    async function isWhole(): Promise<void> {
      await waitFor(
        async () => {
          const modes = await Promise.all(ensemble.servers.map((server) => server.mode()));
          return modes.sort().join() === 'follower,follower,leader';
        },
        { what: 'the ensemble to be whole', timeoutMs: 30_000, everyMs: 50 },
      );
    }

    /** The server that a member is connected to now. */
    async function serverOf(name: Name): Promise<ZooKeeperServer> {
      return waitFor(async () => serverOfSession(await sessionOf(name)), {
        what: `the server of ${name}`,
      });
    }

    async function sessionOf(name: Name): Promise<string | undefined> {
      const operator = await site.operator();
      const session = await operator.owner(`${site.claims}/${vipOf[name]}`);
      operator.close();
      return session;
    }

    async function serverOfSession(id: string | undefined): Promise<ZooKeeperServer | undefined> {
      for (const server of ensemble.servers)
        if (id !== undefined && (await sessionsAt(server)).includes(id)) return server;
      return undefined;
    }

    /** Somebody who is connected to that server; brought there by a new life when nobody is. */
    async function memberAt(server: ZooKeeperServer): Promise<Name> {
      const home = async (name: Name) => (await serverOf(name)) === server;
      for (const name of names) if (await home(name)) return name;
      // A member begins with the server that follows from its id, and these three with different ones.
      const name = [...firstServers].find(([, first]) => first === server)?.[0];
      if (name === undefined) throw new Error('nobody begins there');
      const member = site.member(name);
      const pid = member.agentPid();
      process.kill(pid, 'SIGKILL');
      await waitFor(() => member.agentPid() !== pid, { what: `another agent on ${name}` });
      await waitFor(() => home(name), { what: `${name} to claim again`, everyMs: 50 });
      await site.atRest();
      return name;
    }

    /** Breaks and repairs; when all is as it was, and every session that could have died has, nobody moved. */
    async function expectNoChange(breakAndRepair: () => Promise<void>): Promise<void> {
      const mark = site.mark();
      await breakAndRepair();
      await isWhole();
      await site.atRest();
      await passed(timeoutMs + tickMs, 'lost sessions to expire');
      await site.atRest();
      expect(site.wordsSince(mark)).toEqual([]);
    }

    it('restarted one by one: no route changes', async () => {
      for (const name of names) firstServers.set(name, await serverOf(name));
      expect(new Set(firstServers.values()).size).toBe(3);
      await expectNoChange(async () => {
        for (const server of ensemble.servers) {
          server.kill('SIGTERM');
          await server.stop();
          await server.start();
          await isWhole();
        }
      });
    });

    it.each(['leader', 'follower'] as const)('%s killed: no route changes', async (role) => {
      const server = await serverInRole(role);
      await expectNoChange(async () => {
        const logs = site.logMarks(await memberAt(server));
        await server.stop();
        await site.allSay('same session regained', logs);
        await site.atRest();
        await server.start();
      });
    });

    it.each(['leader', 'follower'] as const)('%s hangs: no route changes', async (role) => {
      const server = await serverInRole(role);
      await expectNoChange(async () => {
        const logs = site.logMarks(await memberAt(server));
        server.pause();
        await site.allSay('same session regained', logs);
        await passed(timeoutMs, 'the others to settle without it');
        server.resume();
      });
    });

    it.each(['leader', 'follower'] as const)(
      '%s cut off from the others, and still serving reads: no route changes',
      async (role) => {
        const server = await serverInRole(role);
        await expectNoChange(async () => {
          const name = await memberAt(server);
          const session = await sessionOf(name);
          const reader = await operatorOf(server);
          const logs = site.logMarks(name);
          ensemble.isolate(server);
          await site.allSay(/session: suspended/, logs);
          expect(await soon(reader.exists(`${site.claims}/${vipOf[name]}`))).toBe(true);
          await site.allSay('same session regained', logs);
          const next = await waitFor(() => serverOfSession(session), { what: 'its next server' });
          expect(next).not.toBe(server);
          await passed(timeoutMs, 'it to notice');
          ensemble.heal();
        });
      },
    );

    async function serverInRole(role: 'leader' | 'follower'): Promise<ZooKeeperServer> {
      if (role === 'leader') return ensemble.leader();
      const [follower] = await ensemble.followers();
      if (follower === undefined) throw new Error('no follower');
      return follower;
    }

    it('one server left, which can only be read: it is not believed, and no route changes', async () => {
      const [last] = await ensemble.followers();
      const others = ensemble.servers.filter((server) => server !== last);
      await expectNoChange(async () => {
        const logs = site.logMarks();
        await Promise.all(others.map((server) => server.stop()));
        await waitFor(async () => (await last?.mode()) === 'read', {
          what: 'the last one to be read-only',
          timeoutMs: 30_000,
        });
        await site.allSay(/session: blind/, logs);
        // One that has never seen a view has nothing to lose by believing the first that is offered.
        const lb1 = site.member('lb1');
        const respawned = lb1.mark();
        process.kill(lb1.agentPid(), 'SIGKILL');
        await lb1.says('reaches its routers', respawned);
        await passed(timeoutMs, 'members to try it');
        for (const [name, from] of logs)
          expect(site.member(name).said(/session (same|new|: live)/, from)).toEqual([]);
        await Promise.all(others.map((server) => server.start()));
      });
    });

    it('a follower cut off with a member: the majority takes over, that member does nothing', async () => {
      const [minority] = await ensemble.followers();
      if (minority === undefined) throw new Error('no follower');
      const place = ({ host, port }: ZooKeeperServer) => `${host}:${port}`;
      const majority = ensemble.servers.filter((server) => server !== minority);
      const cut = await Site.start({
        zooKeeper: ensemble,
        changes: (name) => ({
          zookeeper: {
            ...zookeeper,
            hosts: name === 'lb3' ? [place(minority)] : majority.map(place),
          },
        }),
      });
      onTestFinished(() => cut.stop());
      await cut.atRest();
      const reader = await operatorOf(minority);
      const [mark, logs] = [cut.mark(), cut.logMarks('lb3')];
      ensemble.isolate(minority);
      cut.member('lb1').exabgp.signal('SIGKILL');
      await cut.carriedBy(vip1, 'lb2');
      // What the minority says is old by now, and it says it.
      expect(await soon(reader.exists(`${cut.claims}/${vip1}`))).toBe(true);
      await cut.allSay(/session: suspended/, logs);
      await cut.allSay(/session: blind/, logs);
      // Its claim expires on the other side, where the others cannot know that it goes on.
      await cut.carriedBy(vip3, 'lb2', 'lb3');
      expect(cut.changesSince(mark).filter(({ speaker }) => speaker === 'lb3')).toEqual([]);
      expect(
        cut.changesSince(mark).map(({ speaker, kind, vip }) => `${speaker} ${kind} ${vip}`),
      ).toEqual([`lb1 withdrawn ${vip1}`, `lb2 announced ${vip1}`, `lb2 announced ${vip3}`]);
      const healed = cut.mark();
      ensemble.heal();
      await cut.carriedBy(vip1, 'lb2', 'lb3');
      await cut.carriedBy(vip3, 'lb3');
      await cut.startMember('lb1');
      await cut.atRest();
      expect(cut.changesSince(healed).filter(({ carriers }) => carriers.length === 0)).toEqual([]);
    });
  },
);

/** What is said within a second: the library waits for ever for a server that does not answer. */
function soon<Value>(answer: Promise<Value>): Promise<Value | undefined> {
  return Promise.race([answer, passed(1_000, 'no answer').then(() => undefined)]);
}
