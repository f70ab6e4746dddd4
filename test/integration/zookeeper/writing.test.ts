import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createClock } from '../../../src/agent/clock.ts';
import type { MemberReport } from '../../../src/core/event.ts';
import type { MemberId } from '../../../src/core/settings.ts';
import { createAcls } from '../../../src/zookeeper/acl.ts';
import type { LibraryClient } from '../../../src/zookeeper/library.ts';
import { type Answer, createRequests } from '../../../src/zookeeper/requests.ts';
import { encodeClaim } from '../../../src/zookeeper/znode-data.ts';
import { startTcpProxy } from '../../helpers/tcp-proxy.ts';
import { waitFor } from '../../helpers/wait.ts';
import { startZooKeeper, type ZooKeeper, type ZooKeeperServer } from '../../helpers/zookeeper.ts';
import {
  apex,
  claimsPath,
  instance,
  makeCoordinator,
  membersPath,
  startCoordinator,
  vip1,
  vip2,
} from './harness.ts';
import { type Operator, operatorOf, superuserProperty, wipe } from './operator.ts';

let zookeeper: ZooKeeper;
let server: ZooKeeperServer;
let operator: Operator;
const claim1 = `${claimsPath}/10.20.255.1`;
const lb1 = `${membersPath}/lb1`;
const report: MemberReport = { health: 'up', announces: [vip1], isLeaving: false };

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

const claimOf = (member: string, pid: number) =>
  encodeClaim({ member: member as MemberId, instance: instance(pid), wallMs: 0 });

test('creates an ephemeral claim that says whose it is', async () => {
  const one = startCoordinator([server]);
  await one.ready();
  one.coordinator.createClaim(apex, vip1, false);
  const answer = await one.next('claimAnswered');
  expect(answer).toEqual({
    kind: 'claimAnswered',
    service: apex,
    vip: vip1,
    operation: 'create',
    outcome: 'done',
    detail: '',
    connection: 1,
  });
  expect(await operator.owner(claim1)).not.toMatch(/^0*$/);
  expect(JSON.parse(await operator.data(claim1))).toMatchObject({
    v: 1,
    member: 'lb1',
    instance: { host: 'lb', pid: 100 },
    since: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/),
  });
});

test('answers that a claim exists, and reads again who holds it', async () => {
  await operator.create(claim1, claimOf('lb2', 5), true);
  const one = startCoordinator([server]);
  await one.ready();
  const mark = one.mark();
  one.coordinator.createClaim(apex, vip1, false);
  await one.next('claimAnswered', (event) => event.outcome === 'exists');
  await one.next('claimsRead', (event) => event.claims.get(vip1)?.kind === 'member', {
    from: mark,
  });
  expect(await operator.owner(claim1)).toBe(operator.session);
});

test('tells no reading from before a write after its answer', async () => {
  const one = startCoordinator([server], { own: [vip1, vip2] });
  await one.ready();
  for (let round = 0; round < 30; round += 1) {
    const mark = one.mark();
    one.coordinator.createClaim(apex, vip1, false);
    one.coordinator.createClaim(apex, vip2, false);
    await one.next('claimsRead', (event) => event.claims.size === 2, { from: mark });
    one.coordinator.deleteClaim(apex, vip2);
    one.coordinator.deleteClaim(apex, vip1);
    await one.next('claimsRead', (event) => event.claims.size === 0, {
      from: one.events.findLastIndex((event) => event.kind === 'claimsRead'),
    });
    const held = new Set<string>();
    for (const event of one.events.slice(mark)) {
      if (event.kind === 'claimAnswered' && event.outcome === 'done') {
        if (event.operation === 'create') held.add(event.vip);
        else held.delete(event.vip);
      }
      // What is answered must be in what is told after it, unless the next delete is on its way.
      if (event.kind === 'claimsRead' && held.size === 2) expect(event.claims.size).toBe(2);
    }
  }
});

test('replaces the claim of a predecessor without any watcher seeing it absent', async () => {
  await operator.create(claim1, claimOf('lb1', 7), true);
  const one = startCoordinator([server], { dead: [7] });
  const peer = startCoordinator([server], { member: 'lb2', own: [vip2], vips: [vip1, vip2] });
  await Promise.all([one.ready(), peer.ready()]);
  let [seen, absent] = [0, 0];
  let isOver = false;
  const look = () =>
    operator.client.getChildren(claimsPath, (_error, names) => {
      seen += 1;
      if (!names.includes('10.20.255.1')) absent += 1;
      if (!isOver) look();
    });
  for (let index = 0; index < 20; index += 1) look();
  one.coordinator.createClaim(apex, vip1, true);
  await one.next('claimAnswered', (event) => event.outcome === 'done');
  await one.next('claimsRead', (event) => event.claims.get(vip1)?.kind === 'self');
  const before = seen;
  await waitFor(() => seen > before + 100, { what: 'more looks' });
  isOver = true;
  expect(absent).toBe(0);
  expect(await operator.owner(claim1)).not.toBe(operator.session);
  const reads = peer.events.filter((event) => event.kind === 'claimsRead');
  expect(reads.every((event) => event.claims.has(vip1))).toBe(true);
});

test('replaces nothing that a living process or another member holds', async () => {
  await operator.create(claim1, claimOf('lb2', 7), true);
  const one = startCoordinator([server], { dead: [7] });
  await one.ready();
  one.coordinator.createClaim(apex, vip1, true);
  const answer = await one.next('claimAnswered');
  expect(answer).toMatchObject({ outcome: 'exists', detail: 'held by member lb2' });
  expect(await operator.owner(claim1)).toBe(operator.session);
});

test('replaces a claim that has gone meanwhile by creating it', async () => {
  const one = startCoordinator([server]);
  await one.ready();
  one.coordinator.createClaim(apex, vip1, true);
  await one.next('claimAnswered', (event) => event.outcome === 'done');
  expect(await operator.exists(claim1)).toBe(true);
});

test('does not replace a node that was written since it was looked at', async () => {
  const requests = createRequests({
    clock: createClock(),
    liveClient: () => operator.client as unknown as LibraryClient,
    deadlineMs: () => 5_000,
    acls: createAcls(false),
  });
  const replace = (version: number) =>
    new Promise<Answer<void>>((resolve) =>
      requests.replace(claim1, version, Buffer.from('new'), resolve),
    );
  await operator.create(claim1, 'old', true);
  await operator.setData(claim1, 'written');
  // Version 0 is the one that the library takes for any.
  expect(await replace(0)).toMatchObject({ ok: false, problem: 'badVersion' });
  expect(await operator.data(claim1)).toBe('written');
  expect(await replace(1)).toMatchObject({ ok: true });
  expect(await operator.data(claim1)).toBe('new');
  await operator.remove(claim1);
  expect(await replace(0)).toMatchObject({ ok: false, problem: 'noNode' });
});

test('deletes its own claim and a predecessor’s, never another’s', async () => {
  const one = startCoordinator([server], { own: [vip1, vip2], dead: [7] });
  await one.ready();
  one.coordinator.createClaim(apex, vip1, false);
  await one.next('claimsRead', (event) => event.claims.get(vip1)?.kind === 'self');
  one.coordinator.deleteClaim(apex, vip1);
  await one.next('claimAnswered', (event) => event.operation === 'delete');
  expect(await operator.exists(claim1)).toBe(false);

  await operator.create(claim1, claimOf('lb1', 7), true);
  let mark = one.mark();
  one.coordinator.deleteClaim(apex, vip1);
  await one.next('claimAnswered', (event) => event.outcome === 'done', { from: mark });
  expect(await operator.exists(claim1)).toBe(false);

  await operator.create(claim1, claimOf('lb2', 7), true);
  mark = one.mark();
  one.coordinator.deleteClaim(apex, vip1);
  const kept = await one.next('claimAnswered', () => true, { from: mark });
  expect(kept).toMatchObject({ outcome: 'absent', detail: 'not ours: held by member lb2' });
  expect(await operator.exists(claim1)).toBe(true);

  mark = one.mark();
  one.coordinator.deleteClaim(apex, vip2);
  await one.next('claimAnswered', (event) => event.outcome === 'absent', { from: mark });
});

test('carries out create and delete of one claim in the order asked for', async () => {
  const one = startCoordinator([server]);
  await one.ready();
  one.coordinator.createClaim(apex, vip1, false);
  one.coordinator.deleteClaim(apex, vip1);
  one.coordinator.createClaim(apex, vip1, false);
  await waitFor(() => one.events.filter((event) => event.kind === 'claimAnswered').length === 3, {
    what: 'three answers',
  });
  const answers = one.events.filter((event) => event.kind === 'claimAnswered');
  expect(answers.map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual([
    'create done',
    'delete done',
    'create done',
  ]);
});

test('publishes its member node, updates it, and makes it again when somebody deleted it', async () => {
  const one = startCoordinator([server]);
  await one.ready();
  one.coordinator.publishMember(apex, report);
  one.coordinator.publishMember(apex, { ...report, isLeaving: true });
  await waitFor(() => one.events.filter((event) => event.kind === 'memberAnswered').length === 2, {
    what: 'two answers',
  });
  expect(JSON.parse(await operator.data(lb1))).toMatchObject({ isLeaving: true, health: 'up' });
  await one.next('membersRead', (event) => event.own?.kind === 'self');
  let mark = one.mark();
  await operator.remove(lb1);
  await one.next('membersRead', (event) => event.own === undefined, { from: mark });
  mark = one.mark();
  one.coordinator.publishMember(apex, report);
  await one.next('memberAnswered', (event) => event.outcome === 'done', { from: mark });
  expect(await operator.owner(lb1)).not.toMatch(/^0*$/);
});

test('replaces a predecessor’s member node and leaves a twin’s alone', async () => {
  await operator.create(lb1, claimOf('lb1', 7), true);
  const one = startCoordinator([server], { dead: [7] });
  await one.ready();
  one.coordinator.publishMember(apex, report);
  await one.next('memberAnswered', (event) => event.outcome === 'done');
  expect(await operator.owner(lb1)).not.toBe(operator.session);
  await one.coordinator.close(500);

  await operator.create(lb1, claimOf('lb1', 8), true);
  const two = startCoordinator([server]);
  await two.ready();
  two.coordinator.publishMember(apex, report);
  const answer = await two.next('memberAnswered');
  expect(answer.outcome).toBe('exists');
  expect(answer.detail).toContain('pid 8 on host lb');
});

test('answers at once while not connected, and leaves nothing to be written later', async () => {
  const proxy = await startTcpProxy(server);
  const one = startCoordinator([proxy]);
  await one.ready();
  proxy.refuse();
  await one.next('sessionInterrupted');
  const mark = one.mark();
  one.coordinator.createClaim(apex, vip1, false);
  one.coordinator.publishMember(apex, report);
  one.coordinator.deleteClaim(apex, vip1);
  expect(one.mark()).toBe(mark);
  await waitFor(() => one.mark() === mark + 3, { what: 'three answers', timeoutMs: 1_000 });
  for (const event of one.events.slice(mark))
    expect(event).toMatchObject({ outcome: 'notConnected' });
  proxy.heal();
  await one.next('sessionEstablished', (event) => event.connection === 2);
  await one.next('claimsRead', (event) => event.connection === 2);
  // Its own write comes after anything that could have been left over.
  one.coordinator.createClaim(apex, vip2, false);
  await one.next('claimAnswered', (event) => event.outcome === 'done');
  expect(await operator.children(claimsPath)).toEqual(['10.20.255.2']);
  expect(await operator.exists(lb1)).toBe(false);
  await one.coordinator.close(500);
  await proxy.stop();
});

test('answers notConnected before it was ever started', async () => {
  const one = makeCoordinator([server]);
  one.coordinator.createClaim(apex, vip1, false);
  expect(one.mark()).toBe(0);
  await one.next('claimAnswered', (event) => event.outcome === 'notConnected');
});

test('calls a write whose answer was lost unknown, and reads back that it was applied', async () => {
  const proxy = await startTcpProxy(server);
  const one = startCoordinator([proxy]);
  await one.ready();
  proxy.swallow('toClient');
  one.coordinator.createClaim(apex, vip1, false);
  await one.next('claimAnswered', (event) => event.outcome === 'unknown', { timeoutMs: 2_000 });
  await one.next('sessionInterrupted');
  proxy.heal();
  const regained = await one.next('sessionEstablished', (event) => event.connection === 2);
  expect(regained.epoch).toBe(1);
  await one.next(
    'claimsRead',
    (event) => event.connection === 2 && event.claims.get(vip1)?.kind === 'self',
  );
  await one.coordinator.close(500);
  await proxy.stop();
});
