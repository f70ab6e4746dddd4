import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { MemberId, ServiceName } from '../../../src/core/settings.ts';
import { encodeClaim } from '../../../src/zookeeper/znode-data.ts';
import { waitFor } from '../../helpers/wait.ts';
import { startZooKeeper, type ZooKeeper, type ZooKeeperServer } from '../../helpers/zookeeper.ts';
import {
  apex,
  claimsPath,
  drainsPath,
  instance,
  makeCoordinator,
  membersPath,
  startCoordinator,
  vip,
  vip1,
  vip2,
} from './harness.ts';
import { type Operator, operatorOf, superuserProperty, wipe } from './operator.ts';

const edge = 'edge' as ServiceName;
const vip3 = vip('10.20.255.3');
const [lb1, lb2] = ['lb1' as MemberId, 'lb2' as MemberId];
const pathsOf = (name: ServiceName) => ({
  claims: `/exabgp/service/${name}`,
  maintenance: `/${name}/maintenance/${name}`,
  members: `/exabgp/member/${name}`,
  drains: `/exabgp/drain/${name}`,
});
const ofApex = {
  name: apex,
  vips: [
    { vip: vip1, owner: lb1 },
    { vip: vip2, owner: undefined },
  ],
};
const ofEdge = { name: edge, vips: [{ vip: vip3, owner: lb1 }] };

let zookeeper: ZooKeeper;
let server: ZooKeeperServer;
let operator: Operator;

beforeAll(async () => {
  zookeeper = await startZooKeeper({ properties: [superuserProperty] });
  const [first] = zookeeper.servers;
  if (first === undefined) throw new Error('no server');
  server = first;
});
afterAll(() => zookeeper.stop());

beforeEach(async () => {
  await wipe(server);
  operator = await operatorOf(server);
});

test('reads a service that is new at once, makes the parent of its maintenance, and writes for it', async () => {
  const one = startCoordinator([server], { pathsOf });
  await one.ready();
  const from = one.mark();
  one.coordinator.setServices([ofApex, ofEdge]);
  for (const kind of ['maintenanceRead', 'drainsRead', 'claimsRead', 'membersRead'] as const)
    await one.next(kind, (event) => event.service === edge, { from });
  // What was there before is not read again for that.
  expect(one.events.slice(from).filter((event) => 'service' in event)).toHaveLength(4);
  await waitFor(() => operator.exists('/edge/maintenance'), { what: 'the parent' });
  one.coordinator.createClaim(edge, vip3, false);
  await one.next('claimsRead', (event) => event.claims.get(vip3)?.kind === 'self', { from });
});

test('reads it with the connection that comes when there is none yet', async () => {
  const one = makeCoordinator([server], { pathsOf });
  one.coordinator.setServices([ofApex, ofEdge]);
  one.coordinator.start();
  await one.next('claimsRead', (event) => event.service === edge);
  await one.next('claimsRead', (event) => event.service === apex);
});

test('does not know a service without paths, which is a bug', () => {
  const one = makeCoordinator([server]);
  expect(() => one.coordinator.setServices([ofEdge])).toThrow('no paths for edge');
});

test('reads the claims anew when the VIPs are others, with the name of who holds one that is ours now', async () => {
  const author = { member: lb2, instance: instance(100), wallMs: 0 };
  await operator.create(`${claimsPath}/10.20.255.2`, encodeClaim(author), true);
  await operator.create(`${claimsPath}/10.20.255.3`, '', true);
  const one = startCoordinator([server]);
  await one.ready();
  const first = await one.next('claimsRead');
  expect([...first.claims]).toEqual([[vip2, { kind: 'unmarked' }]]);
  const from = one.mark();
  const vips = [vip2, vip3].map((of) => ({ vip: of, owner: lb1 }));
  one.coordinator.setServices([{ name: apex, vips }]);
  const { claims } = await one.next('claimsRead', () => true, { from });
  expect([...claims]).toEqual([
    [vip2, { kind: 'member', member: lb2 }],
    [vip3, { kind: 'unmarked' }],
  ]);
});

test('reads the drains anew when the VIPs are others, for one of them may be of interest now', async () => {
  await operator.create(`${drainsPath}/10.20.255.3`, '');
  const one = startCoordinator([server]);
  await one.ready();
  const before = await one.next('drainsRead');
  expect([...before.drained]).toEqual([]);
  const from = one.mark();
  one.coordinator.setServices([{ name: apex, vips: [...ofApex.vips, { vip: vip3, owner: lb2 }] }]);
  const { drained } = await one.next('drainsRead', () => true, { from });
  expect([...drained]).toEqual([vip3]);
});

test('knows its own claim on a VIP that has another owner now, as long as that is listed', async () => {
  const one = startCoordinator([server]);
  await one.ready();
  one.coordinator.createClaim(apex, vip1, false);
  await one.next('claimsRead', ({ claims }) => claims.get(vip1)?.kind === 'self');
  const from = one.mark();
  const vips = [vip1, vip2, vip3].map((of) => ({ vip: of, owner: lb2 }));
  one.coordinator.setServices([{ name: apex, vips }]);
  const { claims } = await one.next('claimsRead', () => true, { from });
  expect(claims.get(vip1)).toEqual({ kind: 'self' });
});

test('reads nothing when nothing is other', async () => {
  const one = startCoordinator([server]);
  await one.ready();
  const from = one.mark();
  one.coordinator.setServices([ofApex]);
  await operator.create(`${claimsPath}/10.20.255.2`, '', true);
  await one.next('claimsRead', (event) => event.claims.has(vip2), { from });
  expect(one.events.slice(from).filter(({ kind }) => kind === 'claimsRead')).toHaveLength(1);
});

test('deletes its member znode, and then hears no more of a service that is not among them', async () => {
  const one = startCoordinator([server], { pathsOf });
  await one.ready();
  const report = { health: 'up', announces: [], isLeaving: false } as const;
  one.coordinator.publishMember(apex, report);
  await one.next('membersRead', (event) => event.own?.kind === 'self');
  const from = one.mark();
  one.coordinator.unpublishMember(apex);
  await one.next('memberAnswered', (event) => event.outcome === 'done', { from });
  await one.next('membersRead', (event) => event.own === undefined, { from });
  expect(await operator.exists(`${membersPath}/lb1`)).toBe(false);
  one.coordinator.unpublishMember(apex);
  await one.next('memberAnswered', (event) => event.outcome === 'absent', { from });
  one.coordinator.setServices([ofEdge]);
  await one.next('claimsRead', (event) => event.service === edge, { from });
  const after = one.mark();
  await operator.create(`${claimsPath}/10.20.255.2`, '', true);
  await operator.create('/exabgp/service/edge/10.20.255.3', '', true);
  await one.next('claimsRead', (event) => event.claims.has(vip3), { from: after });
  expect(
    one.events.slice(after).some((event) => 'service' in event && event.service === apex),
  ).toBe(false);
  expect(() => one.coordinator.unpublishMember(apex)).toThrow('unknown service apex');
});
