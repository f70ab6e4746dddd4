import { describe, expect, it, onTestFinished } from 'vitest';
import { missingForBgp } from '../../helpers/namespace.ts';
import { hasZooKeeper, startZooKeeper } from '../../helpers/zookeeper.ts';
import { superuserProperty } from '../zookeeper/operator.ts';
import { vip1, vip2, vip3 } from './agent-config.ts';
import { type Name, passed, Site } from './site.ts';

const missing = missingForBgp();

/** lb3 is not there, so what it owns falls to both. */
const names: readonly Name[] = ['lb1', 'lb2'];
const owners = [`lb1 announced ${vip1}`, `lb2 announced ${vip2}`];
const backups = [`lb1 announced ${vip3}`, `lb2 announced ${vip3}`];
const others = (kind: string) => [`lb1 ${kind} ${vip2}`, `lb2 ${kind} ${vip1}`];

const after = '1s';
/** What the router hears while ZooKeeper is away, and when it is there. */
const starts = [
  { coldStart: undefined, cold: [], warm: [...owners, ...backups] },
  { coldStart: { after, policy: 'freeze' }, cold: [], warm: [...owners, ...backups] },
  { coldStart: { after, policy: 'withdraw' }, cold: [], warm: [...owners, ...backups] },
  { coldStart: { after, policy: 'own' }, cold: owners, warm: backups },
  {
    coldStart: { after, policy: 'all' },
    cold: [...owners, ...backups, ...others('announced')],
    warm: [...others('changed'), ...others('withdrawn')],
  },
] as const;

describe.skipIf(missing !== undefined || !hasZooKeeper())(
  `a start without ZooKeeper ${missing ?? ''}`,
  () => {
    it('waits for ever, or acts by coldStart.policy; and nothing flaps when ZooKeeper is there', async () => {
      const zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
      onTestFinished(() => zooKeeper.stop());
      const [server] = zooKeeper.servers;
      await server?.stop();
      const sites = await Promise.all(
        starts.map(async ({ coldStart, ...rest }) => {
          const zookeeper = coldStart === undefined ? {} : { coldStart };
          const site = await Site.start({ zooKeeper, names, changes: { zookeeper } });
          onTestFinished(() => site.stop());
          return { site, name: coldStart?.policy ?? 'never', ...rest };
        }),
      );
      const heard = () => sites.map(({ name, site }) => [name, ...site.wordsSince(0)]);
      await Promise.all(
        sites.flatMap(({ site }) =>
          site.members.map((member) => member.says('reaches its routers')),
        ),
      );
      await Promise.all(sites.map(({ site, cold }) => site.hears(0, cold.length)));
      await passed(2_000, 'more time than coldStart.after');
      expect(heard()).toEqual(sites.map(({ name, cold }) => [name, ...[...cold].sort()]));
      await server?.start();
      await Promise.all(sites.map(({ site }) => site.atRest()));
      expect(heard()).toEqual(
        sites.map(({ name, cold, warm }) => [name, ...[...cold, ...warm].sort()]),
      );
    });
  },
);
