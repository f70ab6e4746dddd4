import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createClock } from '../../../src/agent/clock.ts';
import type { FleetReading } from '../../../src/core/fleet.ts';
import type { MemberId } from '../../../src/core/settings.ts';
import { createFleetReader, type FleetReaderOptions } from '../../../src/zookeeper/fleet-reader.ts';
import { encodeClaim, encodeMember } from '../../../src/zookeeper/znode-data.ts';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { instance, vip1 } from './harness.ts';
import { type Operator, operatorOf, superuser, superuserProperty } from './operator.ts';

const author = { member: 'lb1' as MemberId, instance: instance(1), wallMs: 0 };
const readOnly = 1;

describe.skipIf(!hasZooKeeper())('a fleet as ZooKeeper has it', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  const person = async () => {
    const [server] = zooKeeper.servers;
    if (server === undefined) throw new Error('no server');
    return operatorOf(server, { digest: superuser });
  };

  function watch(root: string, more: Partial<FleetReaderOptions> = {}) {
    const readings: FleetReading[] = [];
    const losses: string[] = [];
    const reader = createFleetReader(
      {
        servers: zooKeeper.servers,
        chroot: '',
        sessionTimeoutMs: 3_000,
        auth: undefined,
        tls: undefined,
        root,
        ...more,
      },
      {
        clock: createClock(),
        read: (reading) => readings.push(reading),
        lost: (detail) => losses.push(detail),
        note: () => undefined,
      },
    );
    onTestFinished(() => reader.close(500));
    reader.start();
    const until = (what: string, holds: (reading: FleetReading) => boolean) =>
      waitFor(() => readings.find(holds), { what, timeoutMs: 15_000, everyMs: 2 });
    return { readings, losses, until };
  }

  /** The folders of a service, and what stands above them. */
  async function makeService(operator: Operator, root: string, service: string) {
    await operator.create(root).catch(() => undefined);
    for (const folder of ['service', 'maintenance', 'member', 'drain', 'status']) {
      await operator.create(`${root}/${folder}`).catch(() => undefined);
      if (folder !== 'maintenance') await operator.create(`${root}/${folder}/${service}`);
    }
  }

  it('is told with everything in it, whoever wrote it', async () => {
    const operator = await person();
    await makeService(operator, '/full', 'apex');
    const claims = '/full/service/apex';
    await operator.create(`${claims}/10.20.255.1`, encodeClaim(author), true);
    await operator.create(`${claims}/10.20.255.2`, '', true);
    await operator.create(`${claims}/10.20.255.3`, 'lb7');
    await operator.create(
      '/full/member/apex/lb1',
      encodeMember(author, { health: 'up', announces: [vip1], isLeaving: false }),
      true,
    );
    await operator.create(
      '/full/drain/apex/lb2',
      '{"who":"jd","reason":"disk","expires":"2026-11-21T18:00:00Z"}',
    );
    await operator.create('/full/maintenance/apex', 'new firmware');
    await operator.create('/full/status/apex/lb9', '{"v":1}');
    const { services, refusals, root } = await watch('/full').until('a reading', () => true);
    const { session } = operator;
    const [apex] = services;
    expect({ root, refusals, services: services.length }).toEqual({
      root: '/full',
      refusals: [],
      services: 1,
    });
    expect(apex?.claims).toMatchObject([
      { name: '10.20.255.1', session, member: 'lb1', mistake: undefined },
      { name: '10.20.255.2', session, member: undefined, mistake: undefined },
      { name: '10.20.255.3', session: undefined, member: undefined, mistake: 'not JSON' },
    ]);
    expect(apex?.members).toMatchObject([
      { name: 'lb1', session, report: { health: 'up', announces: [vip1] } },
    ]);
    expect(apex?.drains).toMatchObject([
      { name: 'lb2', who: 'jd', why: 'disk', expiresMs: Date.UTC(2026, 10, 21, 18) },
    ]);
    expect(apex?.maintenance).toMatchObject({ who: undefined, why: 'new firmware' });
    expect(Math.abs((apex?.maintenance?.sinceMs ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(apex?.statuses.map(({ member, data }) => `${member} ${data}`)).toEqual(['lb9 {"v":1}']);
  });

  it('is told anew after each change: a note rewritten, a claim gone, a service made', async () => {
    const operator = await person();
    await makeService(operator, '/live', 'apex');
    await operator.create('/live/service/apex/10.20.255.1', '', true);
    await operator.create('/live/maintenance/apex', 'one');
    const { until, readings } = watch('/live');
    await until('the first', () => true);
    await operator.setData('/live/maintenance/apex', 'two');
    await until('the note', ({ services }) => services[0]?.maintenance?.why === 'two');
    await operator.remove('/live/maintenance/apex');
    await until('its end', ({ services }) => services[0]?.maintenance === undefined);
    await operator.remove('/live/service/apex/10.20.255.1');
    await until('the loss', ({ services }) => services[0]?.claims.length === 0);
    await operator.create('/live/maintenance/web');
    await until('a service', ({ services }) => services[1]?.maintenance !== undefined);
    expect(readings.at(-1)?.services.map(({ service }) => service)).toEqual(['apex', 'web']);
  });

  it('may be empty, and nothing is made by looking at it', async () => {
    const operator = await person();
    const { services } = await watch('/none').until('a reading', () => true);
    expect(services).toEqual([]);
    const { services: one } = await watch('/none', { service: 'apex' }).until('one', () => true);
    expect(one).toMatchObject([{ service: 'apex', claims: [], members: [] }]);
    expect(await operator.exists('/none')).toBe(false);
  });

  it('is read with no right but to read, and says what it may not read', async () => {
    const operator = await person();
    await makeService(operator, '/guarded', 'apex');
    await operator.create('/guarded/drain/apex/lb1');
    await operator.setAcl('/guarded', readOnly, 'world', 'anyone');
    for (const folder of ['service', 'member', 'maintenance', 'drain', 'status'])
      await operator.setAcl(`/guarded/${folder}`, readOnly, 'world', 'anyone');
    await operator.setAcl('/guarded/status/apex', readOnly, 'digest', 'somebody:else');
    await operator.setAcl('/guarded/drain/apex/lb1', readOnly, 'digest', 'somebody:else');
    const { services, refusals } = await watch('/guarded').until('a reading', () => true);
    expect(services[0]?.drains).toMatchObject([{ name: 'lb1', who: undefined }]);
    expect(refusals).toMatchObject([
      { path: '/guarded/drain/apex/lb1', why: expect.stringContaining('read permission') },
      { path: '/guarded/status/apex', why: expect.stringContaining('read permission') },
    ]);
  });

  it('is told without delay at 100 members and 300 VIPs, and a wave of changes in a few readings', async () => {
    const operator = await person();
    await makeService(operator, '/large', 'apex');
    const vips = Array.from({ length: 300 }, (_, index) => `10.20.${index >> 8}.${index & 255}`);
    const claim = (name: string) =>
      operator.create(`/large/service/apex/${name}`, encodeClaim(author), true);
    await Promise.all(vips.map(claim));
    const status = JSON.stringify({ v: 1, text: 'x'.repeat(70_000) });
    const members = Array.from({ length: 100 }, (_, index) => `lb${index}`);
    await Promise.all(
      members.flatMap((name) => [
        operator.create(`/large/status/apex/${name}`, status),
        operator.create(`/large/member/apex/${name}`, encodeClaim(author), true),
      ]),
    );
    const { readings, until } = watch('/large');
    const whole = await until('a reading', ({ services }) => services.length === 1);
    expect(whole.services[0]?.claims).toHaveLength(300);
    expect(whole.services[0]?.statuses.at(-1)?.data).toHaveLength(status.length);
    const startMs = performance.now();
    await operator.remove('/large/service/apex/10.20.0.7');
    await until('one claim less', ({ services }) => services[0]?.claims.length === 299);
    expect(performance.now() - startMs).toBeLessThan(2_000);
    const before = readings.length;
    await Promise.all(members.map((name) => operator.setData(`/large/status/apex/${name}`, '{}')));
    await until('all records', ({ services }) =>
      services.every(({ statuses }) => statuses.every(({ data }) => data?.length === 2)),
    );
    expect(readings.length - before).toBeLessThan(20);
  });

  it('is known to be out of date while ZooKeeper is away, and told again when it is back', async () => {
    const operator = await person();
    await makeService(operator, '/lost', 'apex');
    const { until, readings, losses } = watch('/lost');
    await until('the first', () => true);
    const [server] = zooKeeper.servers;
    await server?.stop();
    await waitFor(() => losses.length > 0, { what: 'the loss', timeoutMs: 15_000 });
    const before = readings.length;
    await server?.start();
    await waitFor(() => readings.length > before, { what: 'a new reading', timeoutMs: 15_000 });
    expect(readings.at(-1)?.services.map(({ service }) => service)).toEqual(['apex']);
  });
});
