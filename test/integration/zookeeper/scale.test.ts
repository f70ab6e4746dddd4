import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createClock } from '../../../src/agent/clock.ts';
import type { MemberId, ServiceName } from '../../../src/core/settings.ts';
import { createClientFactory } from '../../../src/zookeeper/client-factory.ts';
import { encodeMember } from '../../../src/zookeeper/znode-data.ts';
import { countRequests, type RequestCounts } from '../../helpers/counted-client.ts';
import { startManySessions } from '../../helpers/many-sessions.ts';
import { waitFor } from '../../helpers/wait.ts';
import { startZooKeeper, type ZooKeeper, type ZooKeeperServer } from '../../helpers/zookeeper.ts';
import {
  claimsPath,
  drainsPath,
  instance,
  maintenancePath,
  membersPath,
  type StartOptions,
  startCoordinator,
  vip,
  vip1,
} from './harness.ts';
import { type Operator, operatorOf, superuserProperty, wipe } from './operator.ts';

let zookeeper: ZooKeeper;
let server: ZooKeeperServer;

beforeAll(async () => {
  zookeeper = await startZooKeeper({ tickTimeMs: 1_000, properties: [superuserProperty] });
  [server] = zookeeper.servers as [ZooKeeperServer];
});
afterAll(() => zookeeper.stop());
beforeEach(() => wipe(server));

/** A coordinator whose requests are counted. */
function startCounted(options: StartOptions) {
  const counts: RequestCounts = { reads: 0, writes: 0, heartbeats: 0 };
  const clock = createClock();
  const factory = createClientFactory(
    { servers: [server], firstServer: 0, share: 0, tls: undefined },
    { clock, note: () => undefined },
  );
  const one = startCoordinator([server], {
    clock,
    createClient: countRequests(factory, counts),
    rereadMs: 3_600_000,
    ...options,
  });
  return { ...one, counts };
}

const manyVips = Array.from({ length: 200 }, (_, index) => `10.21.0.${index + 1}`);

/** As many sessions as there are names, each with a claim and a member znode of service apex. */
const startFleet = () =>
  startManySessions({
    connectString: zookeeper.connectString,
    timeoutMs: 2_000,
    sessions: manyVips.map((text, index) => [
      `${claimsPath}/${text}`,
      `${membersPath}/lb${index + 1}`,
    ]),
  });

const report = (isLeaving: boolean) =>
  encodeMember(
    { member: 'lb900' as MemberId, instance: instance(7), wallMs: 0 },
    { health: 'up', announces: [], isLeaving },
  );

test('with 200 members, a change of one costs an agent one or two reads', async () => {
  const fleet = await startFleet();
  const before = await server.watchCount();
  const one = startCounted({ member: 'observer', own: [], vips: manyVips.map(vip) });
  await one.next('membersRead', ({ members }) => members.size === 200);
  // Four parts, each member's data, and the parent of maintenance.
  await one.ready();
  expect(one.counts.reads).toBe(205);
  expect((await server.watchCount()) - before).toBe(204);

  const operator = await operatorOf(server);
  const cost = async (change: () => Promise<void>, holds: (size: number) => boolean) => {
    const mark = one.mark();
    const { reads } = one.counts;
    await change();
    await one.next('membersRead', ({ members }) => holds(members.size), { from: mark });
    return one.counts.reads - reads;
  };
  const path = `${membersPath}/lb900`;
  expect(
    await cost(
      () => operator.create(path, report(false), true),
      (size) => size === 201,
    ),
  ).toBe(2);
  expect(
    await cost(
      () => operator.setData(path, report(true)),
      () => true,
    ),
  ).toBe(1);
  expect(
    await cost(
      () => operator.remove(path),
      (size) => size === 200,
    ),
  ).toBe(1);
  await fleet.kill();
});

/** A longer list waits for so long before it is read. */
const pauseMs = 50;

/** How long each lot of children took to go, never less than it really did; a lot is what expires at one tick. */
async function lotsUntilEmpty(operator: Operator, path: string): Promise<readonly number[]> {
  const lots: { startMs: number; endMs: number }[] = [];
  let before = { askedMs: performance.now(), count: (await operator.children(path)).length };
  while (before.count > 0) {
    const askedMs = performance.now();
    const { length: count } = await operator.children(path);
    if (count < before.count) {
      const lot = lots.at(-1);
      const endMs = performance.now();
      if (lot === undefined || before.askedMs - lot.endMs > pauseMs)
        lots.push({ startMs: before.askedMs, endMs });
      else lot.endMs = endMs;
    }
    before = { askedMs, count };
  }
  return lots.map(({ startMs, endMs }) => endMs - startMs);
}

test('of 200 sessions that expire together, those that go within 50 ms are told in one reading of each part', async () => {
  const fleet = await startFleet();
  const one = startCounted({ member: 'observer', own: [], vips: manyVips.map(vip) });
  await one.next('membersRead', ({ members }) => members.size === 200);
  await one.next('claimsRead', ({ claims }) => claims.size === 200);
  const operator = await operatorOf(server);
  const mark = one.mark();
  await fleet.kill();
  const lots = await lotsUntilEmpty(operator, claimsPath);
  await one.next('claimsRead', ({ claims }) => claims.size === 0, { from: mark });
  await one.next('membersRead', ({ members }) => members.size === 0, { from: mark });
  const told = one.events.slice(mark).map(({ kind }) => kind);
  // One where all goes within the pause; where a slow machine takes longer, one for each pause.
  const most = lots.reduce((sum, tookMs) => sum + 1 + Math.floor(tookMs / pauseMs), 0);
  for (const kind of ['claimsRead', 'membersRead'])
    expect(told.filter((other) => other === kind).length).toBeLessThanOrEqual(most);
});

test('a thousand services of an agent are read with four reads and watches each', async () => {
  const names = Array.from({ length: 1_000 }, (_, index) => `s${index}`);
  const services = names.map((name) => ({
    name: name as ServiceName,
    paths: {
      claims: `${claimsPath}-${name}`,
      members: `${membersPath}-${name}`,
      drains: `${drainsPath}-${name}`,
      maintenance: `${maintenancePath}-${name}`,
    },
    vips: [vip1],
    ownVips: [],
  }));
  const first = startCounted({ services });
  const partsRead = (one: typeof first) =>
    new Set(
      one.events.flatMap((event) => ('service' in event ? [`${event.kind} ${event.service}`] : [])),
    ).size;
  // The first agent makes all parents.
  await waitFor(() => partsRead(first) === 4_000, { what: 'a complete view', timeoutMs: 30_000 });
  const before = await server.watchCount();
  const one = startCounted({ services, member: 'lb2' });
  await waitFor(() => partsRead(one) === 4_000, { what: 'a complete view', timeoutMs: 30_000 });
  expect(one.counts.reads).toBe(4_001);
  expect(one.counts.writes).toBe(0);
  expect((await server.watchCount()) - before).toBe(4_000);
  expect(one.events.filter(({ kind }) => kind === 'sessionInterrupted')).toEqual([]);

  const operator = await operatorOf(server);
  const mark = one.mark();
  await operator.create(`${claimsPath}-s500/10.20.255.1`, '', true);
  await one.next('claimsRead', ({ service }) => service === 's500', { from: mark });
  expect(one.counts.reads).toBe(4_002);
});
