import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { superuserProperty } from '../zookeeper/operator.ts';
import { Fleet, lastGoodState, vip1, vip2, vip3 } from './fleet.ts';

const vip9 = '10.20.255.9';
const vips = { [vip1]: 'lb1', [vip2]: 'lb2', [vip3]: 'lb3' };
/** The file is looked at every second, and must be the same twice. */
const noticeMs = 2_000;

describe.skipIf(!hasZooKeeper())('a reload', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  it('at SIGHUP sends one announce for other attributes, and touches nothing else', async () => {
    const fleet = new Fleet(zooKeeper);
    const { operator, agent, claim } = await fleet.settle();
    const owner = await operator.owner(claim);
    const from = agent.exabgp.commands.length;
    fleet.configFile({ service: { announce: { owner: { med: 50 } } } });
    agent.signal('SIGHUP');
    await agent.hasRoutes({ [vip1]: 50 });
    await agent.says('the configuration has changed');
    expect(agent.exabgp.commands.slice(from).map(({ text }) => text)).toEqual([
      expect.stringMatching(`^announce route ${vip1}/32 .*med 50`),
    ]);
    expect(await operator.owner(claim)).toBe(owner);
  });

  it('brings a VIP and takes it away again, by announce, claim, and hand-over', async () => {
    const fleet = new Fleet(zooKeeper);
    const { operator, agent } = await fleet.settle();
    const claim9 = `${fleet.claims}/${vip9}`;
    fleet.configFile({ service: { vips: { ...vips, [vip9]: 'lb1' } } });
    agent.signal('SIGHUP');
    await agent.hasRoutes({ [vip1]: 100, [vip9]: 100 });
    await waitFor(() => operator.exists(claim9), { what: 'the claim of the new VIP' });
    fleet.configFile({ service: { drain: { timeout: '500ms' } } });
    agent.signal('SIGHUP');
    await waitFor(async () => !(await operator.exists(claim9)), { what: 'its claim to go' });
    await agent.hasRoutes({ [vip1]: 100 });
  });

  it('brings a service with checks, and takes it away again with its znodes', async () => {
    const fleet = new Fleet(zooKeeper);
    const { operator, agent } = await fleet.settle();
    const file = fleet.configFile();
    const config = JSON.parse(readFileSync(file, 'utf8'));
    const checks = [{ exec: 'exit 0', interval: '100ms', rise: 1 }];
    const www = { vips: { [vip9]: 'lb1' }, checks, drain: { timeout: '300ms' } };
    config.services.www = www;
    writeFileSync(file, JSON.stringify(config));
    agent.signal('SIGHUP');
    await agent.hasRoutes({ [vip1]: 100, [vip9]: 100 });
    await waitFor(() => operator.exists(`${fleet.root}/service/www/${vip9}`), {
      what: 'the claim in the new service',
    });
    fleet.configFile();
    agent.signal('SIGHUP');
    await agent.hasRoutes({ [vip1]: 100 });
    await waitFor(async () => !(await operator.exists(`${fleet.root}/member/www/lb1`)), {
      what: 'the member znode of the service to go',
    });
  });

  it('applies what it can, and names what takes effect at the next start', async () => {
    const fleet = new Fleet(zooKeeper);
    const { agent } = await fleet.settle();
    fleet.configFile({
      zookeeper: { sessionTimeout: '5s', root: `${fleet.root}b` },
      stateDir: join(fleet.directory, 'state'),
      service: { announce: { owner: { med: 50 } } },
    });
    agent.signal('SIGHUP');
    await agent.hasRoutes({ [vip1]: 50 });
    const line = await agent.says('takes effect at the next start');
    expect(line).toMatchObject({
      level: 'warn',
      msg: 'reload: takes effect at the next start: zookeeper.sessionTimeout, stateDir, the znode paths of apex',
    });
  });

  it('does not make the agent another member', async () => {
    const fleet = new Fleet(zooKeeper);
    const { agent, operator, claim } = await fleet.settle();
    const state = await lastGoodState(agent, operator, [claim]);
    renameSync(fleet.configFile({ member: 'lb2' }), join(fleet.directory, 'lb1.yaml'));
    agent.signal('SIGHUP');
    await agent.says('member: expected lb1, found lb2; another member id takes a restart');
    await state.stillStands();
  });

  it('of a wrong file tells every mistake and changes nothing; of the same file that is read again, once', async () => {
    const fleet = new Fleet(zooKeeper);
    const { agent, operator, claim } = await fleet.settle();
    const state = await lastGoodState(agent, operator, [claim]);
    const file = fleet.configFile();
    const wrong = '{ membr: lb1, zookeeper: { hosts: zk1 }, services: { apex: { vips: 7 } } }';
    writeFileSync(file, wrong);
    await agent.says('nothing was changed');
    const mistakes = agent.said(/: expected .+, found .+; .+ \[CONFIG_\w+\]$/);
    expect(mistakes.map(({ level }) => level)).toEqual(['error', 'error']);
    // Touched, and moved to another place in the file system, but with the same mistakes.
    writeFileSync(`${file}.new`, wrong);
    renameSync(`${file}.new`, file);
    const from = agent.log.length;
    agent.signal('SIGHUP');
    await agent.says('nothing was changed', { from });
    writeFileSync(file, '');
    await agent.says('nothing was changed', { from: agent.log.length });
    expect(agent.said('nothing was changed')).toHaveLength(3);
    agent.signal('SIGUSR1');
    const { fields } = await agent.says('state of lb1');
    expect(fields['config']).toMatchObject({
      hash: expect.stringMatching(/^[0-9a-f]{12}$/),
      rejected: { why: expect.stringContaining('CONFIG_WRONG_TYPE') },
    });
    await state.stillStands();
    fleet.configFile({ service: { announce: { owner: { med: 50 } } } });
    await agent.hasRoutes({ [vip1]: 50 });
  });

  it('follows a file that another one replaces, and a link that is turned as in a ConfigMap', async () => {
    const fleet = new Fleet(zooKeeper);
    const mount = join(fleet.directory, 'mount');
    const put = (version: string, med: number) => {
      mkdirSync(join(mount, version), { recursive: true });
      const from = fleet.configFile({ service: { announce: { owner: { med } } } });
      renameSync(from, join(mount, version, 'vipkeeper.yaml'));
      rmSync(join(mount, '..data_tmp'), { force: true });
      symlinkSync(version, join(mount, '..data_tmp'));
      renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
    };
    put('..one', 10);
    symlinkSync('..data/vipkeeper.yaml', join(mount, 'vipkeeper.yaml'));
    const operator = await fleet.operator();
    await operator.create(fleet.claims);
    for (const vip of [vip2, vip3]) await operator.create(`${fleet.claims}/${vip}`, '', true);
    const agent = fleet.spawn(['run', '-f', join(mount, 'vipkeeper.yaml')]);
    await agent.hasRoutes({ [vip1]: 10 });
    put('..two', 20);
    rmSync(join(mount, '..one'), { recursive: true });
    const sinceMs = performance.now();
    await agent.hasRoutes({ [vip1]: 20 });
    expect(performance.now() - sinceMs).toBeLessThan(noticeMs + 2_000);
    const next = fleet.configFile({ service: { announce: { owner: { med: 30 } } } });
    renameSync(next, join(mount, '..two', 'vipkeeper.yaml'));
    await agent.hasRoutes({ [vip1]: 30 });
  });

  it('leaves a session that the next life, configured like that, goes on with', async () => {
    const fleet = new Fleet(zooKeeper);
    const stateDir = join(fleet.directory, 'state');
    const { operator, agent } = await fleet.settle({ stateDir });
    const changes = { stateDir, service: { vips: { ...vips, [vip9]: 'lb1' } } };
    fleet.configFile(changes);
    agent.signal('SIGHUP');
    const claim9 = `${fleet.claims}/${vip9}`;
    await waitFor(() => operator.exists(claim9), { what: 'the claim of the new VIP' });
    const owner = await operator.owner(claim9);
    await waitFor(() => readFileSync(join(stateDir, 'state.json'), 'utf8').includes(vip9), {
      what: 'the state to be written',
    });
    await agent.stop();
    const next = fleet.start(changes);
    await next.hasRoutes({ [vip1]: 100, [vip9]: 100 });
    await next.says("continued from this agent's earlier life");
    expect(await operator.owner(claim9)).toBe(owner);
    expect(next.said('is ignored')).toEqual([]);
  });

  it('changes what is logged', async () => {
    const fleet = new Fleet(zooKeeper);
    const { agent } = await fleet.settle({ log: { level: 'warn' } });
    fleet.configFile({ log: { level: 'info' } });
    agent.signal('SIGHUP');
    expect((await agent.says('the configuration has changed')).level).toBe('info');
  });
});
