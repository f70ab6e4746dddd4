import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../helpers/wait.ts';
import { startZooKeeper, type ZooKeeper, type ZooKeeperServer } from '../../helpers/zookeeper.ts';
import { apex, claimsPath, type Recorded, startCoordinator, vip1, vip2 } from './harness.ts';
import { operatorOf } from './operator.ts';

const timeoutMs = 4_000;
let zookeeper: ZooKeeper;

beforeAll(async () => {
  zookeeper = await startZooKeeper({ servers: 3 });
});
afterAll(() => zookeeper.stop());

afterEach(async () => {
  // Whatever a test did, the next one begins with three servers that serve.
  for (const server of zookeeper.servers) server.resume();
  await waitFor(
    async () =>
      (await Promise.all(zookeeper.servers.map((server) => server.mode()))).every(Boolean),
    { what: 'the ensemble', timeoutMs: 30_000, everyMs: 50 },
  );
});

async function serverOf(one: Recorded): Promise<ZooKeeperServer> {
  const found = zookeeper.servers.find((server) => `${server.host}:${server.port}` === one.place());
  if (found === undefined) throw new Error(`no server at ${one.place()}`);
  return found;
}

async function leader(): Promise<ZooKeeperServer> {
  const modes = await Promise.all(zookeeper.servers.map((server) => server.mode()));
  const found = zookeeper.servers[modes.indexOf('leader')];
  if (found === undefined) throw new Error('no leader');
  return found;
}

async function withoutLeader(): Promise<readonly ZooKeeperServer[]> {
  const first = await leader();
  return zookeeper.servers.filter((server) => server !== first);
}

/** A member with a claim, connected to that server first, though it knows all of them. */
async function startClaimant(first: ZooKeeperServer): Promise<Recorded> {
  const others = zookeeper.servers.filter((server) => server !== first);
  for (let turn = 0; turn < 3; turn += 1) {
    // Where a member begins follows from its id, so the list is turned until that is the wanted one.
    const list = [first, ...others];
    const turned = [...list.slice(turn), ...list.slice(0, turn)];
    const one = startCoordinator(turned, { sessionTimeoutMs: timeoutMs });
    await one.ready();
    if ((await serverOf(one)) !== first) {
      await one.coordinator.close(500);
      continue;
    }
    one.coordinator.createClaim(apex, vip1, false);
    await one.next('claimsRead', (event) => event.claims.has(vip1));
    return one;
  }
  throw new Error('never connected to the wanted server');
}

/** The same session again on another server, with its claim never gone. */
async function expectRegained(one: Recorded, from: ZooKeeperServer): Promise<void> {
  const mark = one.events.findIndex((event) => event.kind === 'sessionInterrupted');
  const regained = await one.next('sessionEstablished', () => true, { from: Math.max(0, mark) });
  expect(regained.epoch).toBe(1);
  expect(await serverOf(one)).not.toBe(from);
  const { claims } = await one.next('claimsRead', (event) => event.connection > 1);
  expect(claims.get(vip1)).toEqual({ kind: 'self' });
  expect(one.events.some((event) => event.kind === 'sessionEnded')).toBe(false);
}

test('moves to another server within half a session timeout when its follower hangs', async () => {
  const [follower] = await withoutLeader();
  const one = await startClaimant(follower!);
  const peer = startCoordinator([await leader()], { member: 'lb2', own: [vip2] });
  await peer.next('claimsRead', (event) => event.claims.has(vip1));
  const startMs = one.clock.nowMs();
  follower!.pause();
  await one.next('sessionInterrupted');
  expect(one.clock.nowMs() - startMs).toBeLessThan(timeoutMs * 0.62);
  await expectRegained(one, follower!);
  const reads = peer.events.filter((event) => event.kind === 'claimsRead');
  const first = reads.findIndex((event) => event.claims.has(vip1));
  expect(reads.slice(first).every((event) => event.claims.has(vip1))).toBe(true);
});

test('moves at once when its follower is killed', async () => {
  const [follower] = await withoutLeader();
  const one = await startClaimant(follower!);
  const startMs = one.clock.nowMs();
  await follower!.stop();
  await one.next('sessionEstablished', (event) => event.connection > 1);
  expect(one.clock.nowMs() - startMs).toBeLessThan(1_000);
  await expectRegained(one, follower!);
  await follower!.start();
});

test('keeps its session when the leader is killed', async () => {
  const first = await leader();
  const one = await startClaimant(first);
  await first.stop();
  await expectRegained(one, first);
  await first.start();
});

test('does not take a follower’s reads for proof when the quorum is silent', async () => {
  const [follower] = await withoutLeader();
  const one = await startClaimant(follower!);
  const operator = await operatorOf(follower!);
  const startMs = one.clock.nowMs();
  for (const server of zookeeper.servers) if (server !== follower) server.pause();
  await one.next('sessionInterrupted');
  const tookMs = one.clock.nowMs() - startMs;
  // The follower itself still answers, and knows nothing of it.
  expect(await operator.exists(`${claimsPath}/10.20.255.1`)).toBe(true);
  expect(tookMs).toBeLessThan(timeoutMs * 0.62);
  for (const server of zookeeper.servers) server.resume();
  await one.next('sessionEstablished', (event) => event.connection > 1);
});

test('regains the same session after the ensemble was down for longer than its timeout', async () => {
  const followers = await withoutLeader();
  const one = await startClaimant(followers[0]!);
  const startMs = one.clock.nowMs();
  await Promise.all(followers.map((server) => server.stop()));
  await one.next('sessionInterrupted');
  await waitFor(() => one.clock.nowMs() - startMs > timeoutMs * 1.5, {
    what: 'the session to be presumed lost',
    timeoutMs: 20_000,
  });
  await Promise.all(followers.map((server) => server.start()));
  const regained = await one.next('sessionEstablished', (event) => event.connection > 1);
  expect(regained.epoch).toBe(1);
  await one.next(
    'claimsRead',
    (event) => event.connection > 1 && event.claims.get(vip1)?.kind === 'self',
  );
});
