import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launcherOf } from '../../helpers/agent-process.ts';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { Fleet, vip1, vip2, vip3 } from '../agent/fleet.ts';
import { superuserProperty } from '../zookeeper/operator.ts';

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** Runs a command of ours, as a script does: there is no terminal. */
function vipkeeper(...args: readonly string[]): Promise<Ran> {
  const environment = { ...process.env, SUDO_USER: 'jd' };
  const child = spawn(process.execPath, [launcherOf('vipkeeper'), ...args], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, error] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => {
    out += bytes.toString();
  });
  child.stderr.on('data', (bytes: Buffer) => {
    error += bytes.toString();
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, error })));
}

const drain = { drain: { timeout: '5s' } };

describe.skipIf(!hasZooKeeper())('an operator', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  /** Three LBs at rest, and the flags that lead to them. */
  async function threeLbs() {
    const fleet = new Fleet(zooKeeper);
    const agents = ['lb1', 'lb2', 'lb3'].map((member) => fleet.start({ member, service: drain }));
    const [lb1, lb2, lb3] = agents;
    if (lb1 === undefined || lb2 === undefined || lb3 === undefined) throw new Error('no agents');
    await lb1.hasRoutes({ [vip1]: 100 });
    await lb2.hasRoutes({ [vip2]: 100 });
    await lb3.hasRoutes({ [vip3]: 100 });
    const operator = await fleet.operator();
    await waitFor(async () => (await operator.children(fleet.claims)).length === 3, {
      what: 'claims',
    });
    const at = ['-z', zooKeeper.connectString, '--root', fleet.root];
    return { fleet, lb1, lb2, lb3, operator, at };
  }

  it('takes members, VIPs and services out, and back', { timeout: 90_000 }, async () => {
    const { fleet, lb1, lb2, lb3, operator, at } = await threeLbs();
    const reason = ['--reason', 'disk swap'];
    const drained = await vipkeeper(
      'drain',
      'apex',
      'lb1',
      ...at,
      '--wait',
      ...reason,
      '--for',
      '1h',
    );
    expect(drained.out).toMatch(/^lb1 of apex is drained until [-\d]{10} [:\d]{8} UTC\n$/);
    expect(drained.error).toMatch(/^waiting for apex: .*lb1.*\napex: done after \d+\.\d s\n$/s);
    expect(drained.code).toBe(0);
    expect([...lb1.exabgp.routes]).toEqual([]);
    expect([...lb2.exabgp.routes.keys()].sort()).toEqual([`${vip1}/32`, `${vip2}/32`]);
    const path = `${fleet.root}/drain/apex/lb1`;
    const data = JSON.parse(await operator.data(path));
    const who = expect.stringMatching(/^jd@./);
    expect(data).toMatchObject({ version: 1, reason: 'disk swap', who });
    expect(Date.parse(data.expires) - Date.parse(data.since)).toBe(3_600_000);
    const again = await vipkeeper('drain', 'apex', 'lb1', ...at, '--json');
    const same = { service: 'apex', kind: 'drain', name: 'lb1', path, who, reason: 'disk swap' };
    expect(JSON.parse(again.out).results).toMatchObject([{ ...same, outcome: 'already' }]);
    const back = await vipkeeper('undrain', 'apex', 'lb1', ...at, '--wait');
    expect(back).toMatchObject({ code: 0, out: 'lb1 of apex is not drained any more\n' });
    expect(lb1.exabgp.routes.has(`${vip1}/32`)).toBe(true);

    const out = await vipkeeper('drain', 'apex', vip2, ...at, '--yes', '--wait');
    expect(out).toMatchObject({
      code: 0,
      out: `${vip2}/32 of apex is drained until it is undrained\n`,
    });
    expect([...lb2.exabgp.routes]).toEqual([]);
    expect((await vipkeeper('undrain', 'apex', vip2, ...at, '--wait')).code).toBe(0);
    expect(lb2.exabgp.routes.has(`${vip2}/32`)).toBe(true);

    const asked = await vipkeeper('maintenance', 'on', 'apex', ...at);
    expect(asked.code).toBe(77);
    expect(asked.error).toBe(
      `vipkeeper: all of apex goes dark everywhere, 3 VIPs: ${vip1}/32, ${vip2}/32, ${vip3}/32; nothing was changed. --yes does it\n`,
    );
    expect(await operator.exists(fleet.maintenance)).toBe(false);
    const on = await vipkeeper('maintenance', 'on', 'apex', ...at, '--yes', '--wait', ...reason);
    expect(on).toMatchObject({ code: 0, out: 'apex is in maintenance\n' });
    for (const agent of [lb1, lb2, lb3]) expect([...agent.exabgp.routes]).toEqual([]);
    const shown = await vipkeeper('maintenance', 'show', ...at);
    expect(shown.out).toMatch(/^apex is in maintenance since \S+, by jd@.*: disk swap\n$/);
    const off = await vipkeeper('maintenance', 'off', 'apex', ...at, '--wait', '--json');
    expect(off.code).toBe(0);
    expect(JSON.parse(off.out).results).toMatchObject([
      { kind: 'maintenance', outcome: 'done', missing: [] },
    ]);
    expect(lb3.exabgp.routes.has(`${vip3}/32`)).toBe(true);
  });

  it('drains an LB by a hook on it, unless nobody is there to take over', {
    timeout: 60_000,
  }, async () => {
    const fleet = new Fleet(zooKeeper);
    const short = { drain: { timeout: '500ms' } };
    const { agent, operator } = await fleet.settle({ service: short }, []);
    const file = fleet.configFile({ service: short });
    const refused = await vipkeeper('drain', '--self', '-f', file, '--wait');
    expect(refused.code).toBe(77);
    expect(refused.error).toMatch(
      /^vipkeeper: without lb1 nobody would announce 10.20.255.1\/32, .* of apex: .*--force does it all the same\n$/,
    );
    expect(await operator.children(`${fleet.root}/drain/apex`)).toEqual([]);
    const forced = await vipkeeper('drain', '--self', '-f', file, '--wait', '--force');
    expect(forced).toMatchObject({
      code: 0,
      out: 'lb1 of apex is drained until it is undrained\n',
    });
    await agent.hasRoutes({});
  });

  it('hears what is missing in the fleet, or which right on which znode', {
    timeout: 60_000,
  }, async () => {
    const fleet = new Fleet(zooKeeper);
    const { agent, operator } = await fleet.settle({}, []);
    const at = ['-z', zooKeeper.connectString, '--root', fleet.root];
    agent.signal('SIGSTOP');
    const on = ['maintenance', 'on', 'apex', ...at, '--yes'];
    const late = await vipkeeper(...on, '--wait', '--timeout', '1s', '--json');
    agent.signal('SIGCONT');
    expect(late.code).toBe(75);
    // Its record for people may be a second old.
    const announces = expect.stringMatching(/^lb1 still announces 10.20.255.1\/32/);
    const missing = [announces, `${vip1}/32 still claimed`];
    expect(JSON.parse(late.out).results).toMatchObject([{ outcome: 'done', missing }]);
    expect(late.error).toMatch(/apex: not done within 1\.\d s: lb1 still announces/);
    await agent.hasRoutes({});
    await operator.remove(fleet.maintenance);
    await operator.setAcl(`${fleet.root}/maintenance`, 1, 'world', 'anyone');
    const locked = await vipkeeper(...on);
    expect(locked.code).toBe(69);
    expect(locked.out).toMatch(
      /^failed: \S+\/maintenance\/apex: .*NO_AUTH.*: this needs the create permission on \S+\/maintenance; /,
    );
  });
});
