import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createClock } from '../../../src/agent/clock.ts';
import { type Direction, startTcpProxy, type Tap, type TcpProxy } from '../../helpers/tcp-proxy.ts';
import { waitFor } from '../../helpers/wait.ts';
import { startZooKeeper, type ZooKeeper, type ZooKeeperServer } from '../../helpers/zookeeper.ts';
import { apex, claimsPath, drainsPath, startCoordinator, vip1, vip2 } from './harness.ts';
import { operatorOf, superuserProperty, wipe } from './operator.ts';

const timeoutMs = 3_000;
let zookeeper: ZooKeeper;
let server: ZooKeeperServer;
let proxy: TcpProxy;
let tap: Tap = () => {};

beforeAll(async () => {
  zookeeper = await startZooKeeper({ properties: [superuserProperty] });
  const [first] = zookeeper.servers;
  if (first === undefined) throw new Error('no server');
  server = first;
});
afterAll(() => zookeeper.stop());
beforeEach(async () => {
  await wipe(server);
  tap = () => {};
  proxy = await startTcpProxy(server, (direction, bytes) => tap(direction, bytes));
});
afterEach(() => proxy.stop());

test.each<{ readonly directions: readonly Direction[] }>([
  { directions: ['toServer', 'toClient'] },
  { directions: ['toServer'] },
  { directions: ['toClient'] },
])(
  'stops believing in half a session timeout when $directions is a black hole',
  async ({ directions }) => {
    const one = startCoordinator([proxy]);
    await one.ready();
    one.coordinator.createClaim(apex, vip1, false);
    await one.next('claimsRead', (event) => event.claims.has(vip1));
    const startMs = one.clock.nowMs();
    proxy.swallow(...directions);
    const { connection, detail } = await one.next('sessionInterrupted');
    const tookMs = one.clock.nowMs() - startMs;
    expect(tookMs).toBeGreaterThan(timeoutMs * 0.3);
    expect(tookMs).toBeLessThan(timeoutMs * 0.62);
    expect(connection).toBe(1);
    expect(detail).toContain('quorum');
    proxy.heal();
    const regained = await one.next('sessionEstablished', (event) => event.connection > 1);
    expect(regained.epoch).toBe(1);
    const { claims } = await one.next(
      'claimsRead',
      (event) => event.connection === regained.connection,
    );
    expect(claims.get(vip1)).toEqual({ kind: 'self' });
  },
);

test('proves the session by heartbeats while nothing else happens', async () => {
  const one = startCoordinator([proxy], { sessionTimeoutMs: 1_000 });
  await one.ready();
  await waitFor(() => one.events.filter((event) => event.kind === 'sessionProven').length > 8, {
    what: 'eight proofs',
  });
  const proofs = one.events.filter((event) => event.kind === 'sessionProven').slice(1);
  for (const [index, proof] of proofs.entries()) {
    const before = proofs[index - 1];
    if (before !== undefined) expect(proof.proofMs - before.proofMs).toBeGreaterThan(1_000 / 6 - 1);
  }
  expect(one.events.some((event) => event.kind === 'sessionInterrupted')).toBe(false);
});

test('takes the next host when one accepts and never answers the handshake', async () => {
  const hole = await startTcpProxy(server);
  hole.swallow('toServer', 'toClient');
  for (const servers of [
    [hole, server],
    [server, hole],
  ]) {
    const one = startCoordinator(servers);
    await one.next('sessionEstablished', () => true, { timeoutMs: timeoutMs / 2 });
    await one.coordinator.close(500);
    // One of the two orders begins with the hole.
    if (one.notes.some((note) => note.startsWith('warn')))
      expect(one.notes[0]).toMatch(/handshake not answered \(timeout after 500 ms\)/);
  }
  expect(hole.accepted).toBe(1);
  await hole.stop();
});

test('follows an expired session with a new one of the next epoch, where claims can be made again', async () => {
  const one = startCoordinator([proxy], { sessionTimeoutMs: 1_000 });
  await one.ready();
  one.coordinator.createClaim(apex, vip1, false);
  await one.next('claimAnswered', (event) => event.outcome === 'done');
  const operator = await operatorOf(server);
  proxy.swallow('toServer', 'toClient');
  await waitFor(async () => !(await operator.exists(`${claimsPath}/10.20.255.1`)), {
    what: 'the server to expire the session',
  });
  proxy.heal();
  expect(await one.next('sessionEnded')).toMatchObject({ epoch: 1, reason: 'expired' });
  const { connection } = await one.next('sessionEstablished', (event) => event.epoch === 2);
  await one.next(
    'claimsRead',
    (event) => event.connection === connection && event.claims.size === 0,
  );
  one.coordinator.createClaim(apex, vip1, false);
  await one.next('claimsRead', (event) => event.claims.get(vip1)?.kind === 'self', {
    from: one.mark(),
  });
});

test('holds its own claim of an ended session for a predecessor’s, and replaces it', async () => {
  const one = startCoordinator([proxy]);
  await one.ready();
  one.coordinator.createClaim(apex, vip1, false);
  await one.next('claimAnswered', (event) => event.outcome === 'done');
  // A second life of the same process, as after an expiry that ZooKeeper has not carried out yet.
  const two = startCoordinator([server]);
  const { claims } = await two.next('claimsRead');
  expect(claims.get(vip1)).toEqual({ kind: 'predecessor', sameSpeaker: true });
  two.coordinator.createClaim(apex, vip1, true);
  await two.next('claimsRead', (event) => event.claims.get(vip1)?.kind === 'self');
  await one.next('claimsRead', (event) => event.claims.get(vip1)?.kind === 'predecessor');
});

test('is told of the end of its session, however long it had no server', async () => {
  const one = startCoordinator([proxy], { sessionTimeoutMs: 1_000 });
  await one.ready();
  proxy.refuse();
  await one.next('sessionInterrupted');
  const startMs = one.clock.nowMs();
  await waitFor(() => one.clock.nowMs() - startMs > 3_000, { what: 'two renewals to be due' });
  expect(one.events.some((event) => event.kind === 'sessionEnded')).toBe(false);
  proxy.heal();
  const again = await one.next('sessionEstablished', (event) => event.connection > 1);
  expect(await one.next('sessionEnded')).toMatchObject({ epoch: 1, reason: 'expired' });
  expect(again.epoch).toBe(2);
});

test('comes back to an ensemble whose data were lost, with a new client after 4/3 of the timeout', async () => {
  const one = startCoordinator([proxy], { sessionTimeoutMs: 1_000 });
  await one.ready();
  one.coordinator.createClaim(apex, vip1, false);
  await one.next('claimAnswered', (event) => event.outcome === 'done');
  await server.stop();
  server.wipe();
  await server.start();
  // The old client has seen more than the server has, and would be refused for ever.
  await one.next('sessionEnded');
  const { connection } = await one.next('sessionEstablished', (event) => event.epoch === 2);
  await one.next('claimsRead', (event) => event.connection === connection);
});

test('forgets half a packet when the connection breaks in it', async () => {
  const operator = await operatorOf(server);
  for (let index = 0; index < 40; index += 1)
    await operator.create(`${drainsPath}/some-long-member-name-${index}`, '', true).catch(() => {});
  const one = startCoordinator([proxy], { rereadMs: 100 });
  await one.ready();
  const mark = one.mark();
  // Some bytes into the answer of the next reading, which is longer than this.
  proxy.cutAfter(150);
  await one.next('sessionInterrupted');
  // At once: with the old bytes in the way every attempt would run into its deadline.
  const regained = await one.next('sessionEstablished', (event) => event.connection === 2, {
    timeoutMs: 450,
  });
  expect(regained).toMatchObject({ epoch: 1, timeoutMs });
  await one.next('drainsRead', (event) => event.connection === 2);
  expect(one.events.slice(mark).some((event) => event.kind === 'sessionEnded')).toBe(false);
  expect(one.notes.filter((note) => note.startsWith('error'))).toEqual([]);
});

test('survives an error code that the library does not know', async () => {
  let isArmed = false;
  tap = (direction, bytes) => {
    // Answers to requests: length, xid, zxid, error code. The first one may be a heartbeat's, of which nobody is told.
    if (!isArmed || direction !== 'toClient' || bytes.length < 20 || bytes.readInt32BE(4) <= 0)
      return;
    bytes.writeInt32BE(-125, 16);
  };
  const one = startCoordinator([proxy], { rereadMs: 100, sessionTimeoutMs: 10_000 });
  await one.ready();
  isArmed = true;
  await waitFor(() => one.notes.find((note) => note.includes('-125')), { what: 'the note' });
  isArmed = false;
  const mark = one.mark();
  await one.next('drainsRead', () => true, { from: mark });
  expect(one.events.some((event) => event.kind === 'sessionInterrupted')).toBe(false);
});

test('cuts a connection on which it reads nonsense, and goes on with the same session', async () => {
  let isArmed = false;
  tap = (direction, bytes) => {
    if (!isArmed || direction !== 'toClient' || bytes.length < 24) return;
    isArmed = false;
    // A watch event of a type that does not exist makes the library throw.
    bytes.writeInt32BE(-1, 4);
    bytes.writeInt32BE(77, 20);
  };
  const one = startCoordinator([proxy], { rereadMs: 100 });
  await one.ready();
  isArmed = true;
  await one.next('sessionInterrupted');
  const regained = await one.next('sessionEstablished', (event) => event.connection === 2);
  expect(regained.epoch).toBe(1);
  await one.next('claimsRead', (event) => event.connection === 2);
  expect(one.notes.some((note) => note.includes('client library failed'))).toBe(true);
});

test('hears of what changed while away, and of changes after it came back', async () => {
  const operator = await operatorOf(server);
  const one = startCoordinator([proxy]);
  await one.ready();
  proxy.refuse();
  await one.next('sessionInterrupted');
  await operator.create(`${claimsPath}/10.20.255.2`, '', true);
  proxy.heal();
  await one.next('claimsRead', (event) => event.connection === 2 && event.claims.has(vip2));
  const mark = one.mark();
  await operator.remove(`${claimsPath}/10.20.255.2`);
  const after = await one.next('claimsRead', (event) => !event.claims.has(vip2), { from: mark });
  expect(after.connection).toBe(2);
});

test('brakes when connections are accepted and lost again and again', async () => {
  const one = startCoordinator([proxy]);
  await one.ready();
  const connectedMs: number[] = [];
  let told = 0;
  await waitFor(
    () => {
      const established = one.events.filter((event) => event.kind === 'sessionEstablished');
      if (established.length > told) {
        told = established.length;
        connectedMs.push(one.clock.nowMs());
        proxy.cut();
      }
      return told === 8;
    },
    { what: 'eight connections', everyMs: 1 },
  );
  const pauses = connectedMs.map((atMs, index) => atMs - (connectedMs[index - 1] ?? atMs));
  expect(one.notes.filter((note) => note.includes('keep breaking'))).toHaveLength(1);
  expect(Math.max(...pauses)).toBeGreaterThan(timeoutMs / 4 - 10);
  expect(one.events.some((event) => event.kind === 'sessionEnded')).toBe(false);
});

test('refuses to write after a pause of the process, whatever the library says', async () => {
  const real = createClock();
  let offsetMs = 0;
  const one = startCoordinator([proxy], {
    clock: { ...real, nowMs: () => real.nowMs() + offsetMs },
  });
  await one.ready();
  offsetMs = timeoutMs;
  one.coordinator.createClaim(apex, vip1, false);
  await one.next('claimAnswered', (event) => event.outcome === 'notConnected');
  await one.next('sessionInterrupted');
  const regained = await one.next('sessionEstablished', (event) => event.connection === 2);
  expect(regained.epoch).toBe(1);
});
