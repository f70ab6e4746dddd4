import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { superuser, superuserProperty } from '../zookeeper/operator.ts';
import { Fleet, vip1, vip2, vip3 } from './fleet.ts';

const saying =
  'echo $VIPKEEPER_EVENT $VIPKEEPER_SERVICE $VIPKEEPER_VIP $VIPKEEPER_FROM $VIPKEEPER_TO >>';

describe.skipIf(!hasZooKeeper())('hooks', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  /** What a fleet's hooks have written. */
  const saidIn = (fleet: Fleet) => {
    const file = join(fleet.directory, 'said');
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  };

  it('are run for a takeover, a release, maintenance, health and a drain', async () => {
    const fleet = new Fleet(zooKeeper);
    const said = join(fleet.directory, 'said');
    const sick = join(fleet.directory, 'sick');
    const names = ['onUp', 'onDown', 'onTakeover', 'onRelease', 'onMaintenance', 'onDrain'];
    const hooks = Object.fromEntries(names.map((name) => [name, `${saying} ${said}`]));
    const checks = [{ exec: `! test -e ${sick}`, interval: '100ms', rise: 1, fall: 1 }];
    const { operator } = await fleet.settle({ more: { hooks }, service: { checks } });
    const says = (line: string) =>
      waitFor(() => saidIn(fleet).includes(line), { what: `${line} among ${saidIn(fleet)}` });
    await says('onUp apex unknown up');
    await operator.remove(`${fleet.claims}/${vip2}`);
    await says(`onTakeover apex ${vip2}/32 withdrawn backup`);
    await operator.create(`${fleet.claims}/${vip2}`, '', true);
    await says(`onRelease apex ${vip2}/32 backup withdrawn`);
    await operator.create(`${fleet.root}/drain/apex/${vip3}`);
    await says(`onDrain apex ${vip3}/32 withdrawn withdrawn`);
    writeFileSync(sick, '');
    await says('onDown apex up down');
    await operator.create(fleet.maintenance);
    await says('onMaintenance apex service maintenance');
    await operator.remove(fleet.maintenance);
    await says('onMaintenance apex maintenance service');
  });

  it('that hang hold up no route, and are ended at their timeout', async () => {
    const fleet = new Fleet(zooKeeper);
    const hooks = { onChange: 'echo waiting; sleep 60', timeout: '500ms' };
    const { agent, operator } = await fleet.settle({ more: { hooks } });
    const sinceMs = performance.now();
    await operator.remove(`${fleet.claims}/${vip2}`);
    await agent.hasRoutes({ [vip1]: 100, [vip2]: 200 });
    expect(performance.now() - sinceMs).toBeLessThan(300);
    const line = await agent.says('hook onChange of apex');
    expect(line).toMatchObject({
      level: 'warn',
      msg: expect.stringMatching(/^hook onChange of apex \S+: timed out after 500 ms: waiting$/),
    });
  });

  it('do not see the secrets that the agent was given', async () => {
    const fleet = new Fleet(zooKeeper);
    const seen = join(fleet.directory, 'seen');
    const { agent } = await fleet.settle(
      {
        zookeeper: { auth: { digest: `\${ZK_SECRET}` } },
        more: { hooks: { onChange: `env > ${seen}.new; mv ${seen}.new ${seen}` } },
      },
      [vip2, vip3],
      { environment: { ZK_SECRET: superuser, HARMLESS: 'yes' } },
    );
    await agent.hasRoutes({ [vip1]: 100 });
    const environment = await waitFor(() => readFileSync(seen, 'utf8'), { what: 'a hook' });
    expect(environment).toContain('HARMLESS=yes');
    expect(environment).not.toContain('ZK_SECRET');
  });

  it('are the others after a reload', async () => {
    const fleet = new Fleet(zooKeeper);
    const { agent, operator } = await fleet.settle();
    const said = join(fleet.directory, 'said');
    fleet.configFile({ more: { hooks: { onTakeover: `${saying} ${said}` } } });
    agent.signal('SIGHUP');
    await agent.says('the configuration has changed');
    await operator.remove(`${fleet.claims}/${vip2}`);
    await waitFor(() => saidIn(fleet).length > 0, { what: 'the new hook' });
  });
});
