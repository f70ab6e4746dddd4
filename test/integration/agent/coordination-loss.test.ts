import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingForBgp } from '../../helpers/namespace.ts';
import {
  hasZooKeeper,
  startZooKeeper,
  type ZooKeeper,
  type ZooKeeperServer,
} from '../../helpers/zookeeper.ts';
import { superuserProperty } from '../zookeeper/operator.ts';
import { vip1, vip2, vip3 } from './agent-config.ts';
import { type Marks, type Name, passed, Site } from './site.ts';

const missing = missingForBgp();

/** lb3 is not there, so what it owns is carried by both: there is something to lose. */
const names: readonly Name[] = ['lb1', 'lb2'];
const owners = (kind: string) => [`lb1 ${kind} ${vip1}`, `lb2 ${kind} ${vip2}`];
const others = (kind: string) => [`lb1 ${kind} ${vip2}`, `lb2 ${kind} ${vip1}`];
const backups = (kind: string) => [`lb1 ${kind} ${vip3}`, `lb2 ${kind} ${vip3}`];

/** What the router hears when a policy acts, and when ZooKeeper is back. */
const policies = {
  freeze: { lost: [], back: [] },
  own: { lost: backups('withdrawn'), back: backups('announced') },
  // A route that is given back becomes less preferred before it goes.
  all: { lost: others('announced'), back: [...others('changed'), ...others('withdrawn')] },
  withdraw: {
    lost: [...owners('withdrawn'), ...backups('withdrawn')],
    back: [...owners('announced'), ...backups('announced')],
  },
} as const;

/** One site in the outage that all are in. */
interface Watched {
  readonly policy: keyof typeof policies;
  readonly site: Site;
  /** Where what the router heard, and the logs, ended at the beginning. */
  readonly mark: number;
  readonly logs: Marks;
}

describe.skipIf(missing !== undefined || !hasZooKeeper())(
  `ZooKeeper is gone, and comes back ${missing ?? ''}`,
  () => {
    let zooKeeper: ZooKeeper;
    let server: ZooKeeperServer;
    /** One for every policy. */
    const sites = new Map<keyof typeof policies, Site>();

    beforeAll(async () => {
      zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
      const [first] = zooKeeper.servers;
      if (first === undefined) throw new Error('no server');
      server = first;
      const start = async (policy: keyof typeof policies) => {
        const changes = { zookeeper: { onCoordinationLoss: policy } };
        sites.set(policy, await Site.start({ zooKeeper, names, changes }));
      };
      await Promise.all([start('freeze'), start('own'), start('all'), start('withdraw')]);
    });
    afterAll(async () => {
      await Promise.all([...sites.values()].map((site) => site.stop()));
      await zooKeeper.stop();
    });

    async function watch(
      ...wanted: readonly (keyof typeof policies)[]
    ): Promise<readonly Watched[]> {
      const found = [...sites].filter(([policy]) => wanted.length === 0 || wanted.includes(policy));
      await Promise.all(found.map(([, site]) => site.atRest()));
      return found.map(([policy, site]) => ({
        policy,
        site,
        mark: site.mark(),
        logs: site.logMarks(),
      }));
    }

    async function allAreAtRestForGood(watched: readonly Watched[]): Promise<void> {
      await Promise.all(watched.map(({ site, logs }) => site.allSay(/session: live/, logs)));
      await Promise.all(watched.map(({ site }) => site.atRest()));
      await passed(3_000, 'the sessions of before to expire, with all they hold');
      await Promise.all(watched.map(({ site }) => site.atRest()));
    }

    const heard = (watched: readonly Watched[]) =>
      watched.map(({ policy, site, mark }) => [policy, ...site.wordsSince(mark)]);
    const expected = (watched: readonly Watched[], ...phases: readonly ('lost' | 'back')[]) =>
      watched.map(({ policy }) => [
        policy,
        ...phases.flatMap((phase) => [...policies[policy][phase]]).sort(),
      ]);

    it.each([
      // The server's sessions outlive it: they are in its log, and begin anew when it does.
      { what: 'killed', begin: () => server.stop(), end: () => server.start() },
      // They expire the moment it goes on.
      { what: 'hung', begin: async () => server.pause(), end: async () => server.resume() },
    ])(
      '$what: the policies act when blind and not before, and end without a flap',
      async ({ begin, end }) => {
        const watched = await watch();
        await begin();
        await Promise.all(watched.map(({ site, logs }) => site.allSay(/session: suspended/, logs)));
        expect(heard(watched)).toEqual(expected(watched));
        await Promise.all(watched.map(({ site, logs }) => site.allSay(/session: blind/, logs)));
        await Promise.all(
          watched.map(({ site, mark, policy }) => site.hears(mark, policies[policy].lost.length)),
        );
        await passed(1_000, 'more of the outage');
        expect(heard(watched)).toEqual(expected(watched, 'lost'));
        await end();
        await allAreAtRestForGood(watched);
        expect(heard(watched)).toEqual(expected(watched, 'lost', 'back'));
      },
    );

    it('an agent that is killed in the outage finds its routes as they were, and claims again', async () => {
      const watched = await watch('freeze');
      for (const { site, logs } of watched) {
        server.pause();
        await site.allSay(/session: blind/, logs);
        const lb1 = site.member('lb1');
        const before = lb1.agentPid();
        process.kill(before, 'SIGKILL');
        await lb1.says('reaches its routers', logs.get('lb1'));
        expect(lb1.agentPid()).not.toBe(before);
        server.resume();
      }
      await allAreAtRestForGood(watched);
      expect(heard(watched)).toEqual([['freeze']]);
    });

    it('under `all`, a VIP whose owner dies in the outage is never dark, though its claim outlives it', async () => {
      const [watched] = await watch('all');
      if (watched === undefined) throw new Error('not started');
      const { site, mark } = watched;
      await server.stop();
      await site.carriedBy(vip2, 'lb1', 'lb2');
      await site.powerOff('lb2');
      await site.carriedBy(vip2, 'lb1');
      const lb1 = site.member('lb1');
      const log = lb1.mark();
      await server.start();
      await lb1.says(`${vip2}/32 of apex: announced as backup, because its claim`, log);
      await site.startMember('lb2');
      await site.atRest();
      expect(site.changesSince(mark).filter(({ carriers }) => carriers.length === 0)).toEqual([]);
    });
  },
);
