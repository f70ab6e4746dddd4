import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FleetAct } from '../../../src/observe/fleet-view.ts';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { Fleet, vip1, vip2, vip3 } from '../agent/fleet.ts';
import { superuserProperty } from '../zookeeper/operator.ts';
import { threeLbs, vipkeeper } from './vipkeeper.ts';

describe.skipIf(!hasZooKeeper())('an operator', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  it('takes members, VIPs and services out, and back', { timeout: 150_000 }, async () => {
    const { fleet, lb1, lb2, lb3, operator, at } = await threeLbs(zooKeeper);
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
    const hook = ['--for', '1m', '--reason', 'the pod ends', '--wait', '--json'];
    const again = await vipkeeper('drain', 'apex', 'lb1', ...at, ...hook);
    const same = { service: 'apex', kind: 'drain', name: 'lb1', path, who, reason: 'disk swap' };
    expect(JSON.parse(again.out).results).toMatchObject([
      { ...same, outcome: 'kept', expires: data.expires, missing: [] },
    ]);
    expect(JSON.parse(await operator.data(path))).toEqual(data);
    const back = await vipkeeper('undrain', 'apex', 'lb1', ...at, '--wait');
    expect(back.code).toBe(0);
    expect(back.out).toMatch(
      /^lb1 of apex is not drained any more \(before: since .* until .*, by jd@.*: disk swap\)\n$/,
    );
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
    expect(shown.out).toMatch(/^apex is in maintenance since \S+ \S+ UTC, by jd@.*: disk swap\n$/);
    const off = await vipkeeper('maintenance', 'off', 'apex', ...at, '--wait', '--json');
    expect(off.code).toBe(0);
    expect(JSON.parse(off.out).results).toMatchObject([
      { kind: 'maintenance', outcome: 'done', missing: [] },
    ]);
    expect(lb3.exabgp.routes.has(`${vip3}/32`)).toBe(true);

    // By hand: who it was is in nobody's hands.
    await operator.create(`${fleet.root}/drain/apex/lb3`, '{"who":"ann","reason":"fan"}');
    await lb3.hasRoutes({});
    await operator.remove(`${fleet.root}/drain/apex/lb3`);
    await lb3.hasRoutes({ [vip3]: 100 });
    const acts = await waitFor(
      async () => {
        const { out: json } = await vipkeeper('history', ...at, '--json', '--since', '1h');
        const told: readonly FleetAct[] = JSON.parse(json).acts;
        return told.length >= 8 ? told : undefined;
      },
      { what: 'records of all acts', timeoutMs: 30_000 },
    );
    expect(
      acts.map((act) => `${act.kind} ${act.name ?? 'apex'} ${act.action} ${act.source}`),
    ).toEqual([
      'drain lb1 set command',
      'drain lb1 lifted command',
      `drain ${vip2}/32 set command`,
      `drain ${vip2}/32 lifted command`,
      'maintenance apex set command',
      'maintenance apex lifted command',
      'drain lb3 set member',
      'drain lb3 lifted member',
    ]);
    expect(acts.slice(0, 6)).toMatchObject(Array(6).fill({ who, service: 'apex' }));
    expect(acts[6]).toMatchObject({ who: 'ann', why: 'fan' });
    expect(acts[7]).not.toHaveProperty('who');
    const { out: moves } = await vipkeeper('history', 'apex', '--vip', vip1, ...at);
    expect(moves).toMatch(
      / none -> backup +announced as backup, because its claim has been missing: lb1 is drained by jd@\S+ \(disk swap\)\n/,
    );
    expect(moves).toMatch(/ UTC +all +lb1 +drain +by jd@\S+ \(disk swap\), until .* UTC\n/);
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

  it('hears that nothing was changed where ZooKeeper does not answer', {
    timeout: 60_000,
  }, async () => {
    const away = await vipkeeper('drain', 'apex', 'lb1', '-z', '127.0.0.1:1');
    expect(away.code).toBe(69);
    expect(away.error).toMatch(
      /^vipkeeper: ZooKeeper could not be reached .*; nothing was changed\n$/,
    );
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
