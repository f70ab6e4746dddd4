import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClock } from '../../../src/agent/clock.ts';
import { examineEnsemble } from '../../../src/cli/doctor/ensemble.ts';
import { lines } from '../../cli/doctor/doctor-host.ts';
import { load, valid } from '../../config/load.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import {
  digestId,
  type Operator,
  operatorOf,
  superuser,
  superuserProperty,
} from '../zookeeper/operator.ts';

const clock = createClock();

describe.skipIf(!hasZooKeeper())('the doctor at ZooKeeper', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  async function operator(): Promise<Operator> {
    const [server] = zooKeeper.servers;
    if (server === undefined) throw new Error('no server');
    return operatorOf(server, { digest: superuser });
  }

  async function examine(
    root: string,
    more = '',
    hosts = zooKeeper.connectString,
    at = clock,
    timeout = '4s',
  ) {
    const text = `
zookeeper: { hosts: "${hosts}", root: ${root}, sessionTimeout: ${timeout}${more} }
services:
  apex: { vips: { 10.20.255.1: lb1 }, checks: [{ tcp: "127.0.0.1:80" }] }`;
    const { config } = valid(load(text, { hostname: 'lb1' }));
    return lines(await examineEnsemble(config, at));
  }

  it('finds nothing wrong, and leaves nothing behind', async () => {
    const person = await operator();
    await person.create('/well/member/apex');
    expect(await examine('/well')).toEqual([
      expect.stringMatching(
        /^ok zookeeper 127.0.0.1:\d+: answered after \d+ ms, session timeout 4s$/,
      ),
      "ok clock: within 2 s of ZooKeeper's",
      'ok znode rights: claims and members of apex may be read and written',
    ]);
    expect(await person.children('/well')).toEqual(['member']);
    expect(await person.children('/well/member')).toEqual(['apex']);
    expect(await person.childChanges('/well/member/apex')).toBe(0);
    expect(await person.childChanges('/well')).toBe(1);
  });

  it('has nothing to look at without ZooKeeper', async () => {
    const text = 'services: { web: { owns: [10.20.255.9], checks: [{ tcp: "127.0.0.1:80" }] } }';
    const { config } = valid(load(text, { hostname: 'lb1' }));
    expect(lines(await examineEnsemble(config, clock))).toEqual([
      'skipped zookeeper: not configured: VIPs are announced by health alone',
    ]);
  });

  it('tries each server on its own', async () => {
    const [dead, alive] = await examine('/each', '', `127.0.0.1:1,${zooKeeper.connectString}`);
    expect(dead).toMatch(/^failed zookeeper 127.0.0.1:1: .*ECONNREFUSED.*; check zookeeper.hosts/);
    expect(alive).toMatch(/^ok zookeeper/);
  });

  it('tells a session timeout that is not granted', async () => {
    // 20 ticks are the most, and a tick is half a second here.
    expect((await examine('/time', '', undefined, clock, '30s'))[0]).toMatch(
      /^warning zookeeper .* grants a session timeout of 10s instead of 30s; it allows 2 to 20 of its ticks/,
    );
  });

  it('tells a clock that is wrong', async () => {
    const person = await operator();
    await person.create('/late/member/apex');
    const late = { ...clock, wallMs: () => clock.wallMs() - 90_000 };
    expect((await examine('/late', '', undefined, late))[1]).toMatch(
      /^warning clock: (89|90) s behind ZooKeeper's, so drains end at the wrong time; run chrony/,
    );
    const early = { ...clock, wallMs: () => clock.wallMs() + 3_600_000 };
    expect((await examine('/late', '', undefined, early))[1]).toMatch(
      /^warning clock: 36(00|01) s ahead of ZooKeeper's/,
    );
  });

  it('names the znode that lacks a right, and what it is', async () => {
    const person = await operator();
    await person.create('/locked/service/apex');
    await person.create('/locked/member/apex');
    await person.setAcl('/locked/service/apex', 1, 'world', 'anyone');
    const found = (await examine('/locked')).slice(2);
    expect(found).toEqual([
      expect.stringMatching(
        /^failed znode rights: apex: \/locked\/service\/apex: .*NO_AUTH.*: this needs the create and delete permission on \/locked\/service\/apex; .*; docs\/zookeeper.md, "Who may write"$/,
      ),
    ]);
  });

  it('knows maintenance that only operators may set, and credentials that may do all', async () => {
    const person = await operator();
    for (const folder of ['service', 'member', 'maintenance', 'drain'])
      await person.create(`/closed/${folder}/apex`);
    await person.setAcl('/closed/maintenance', 31, 'digest', digestId('ops:night'));
    expect((await examine('/closed')).slice(2)).toEqual([
      'ok znode rights: claims and members of apex may be read and written',
      'warning znode rights: apex: this configuration may not set maintenance and drains; right if only operators may (zookeeper.acl.operators)',
    ]);
    expect((await examine('/closed', ', auth: { digest: "ops:night" }')).slice(2)).toEqual([
      'ok znode rights: claims and members of apex may be read and written',
    ]);
  });
});
