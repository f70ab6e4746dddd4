import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createClock } from '../../../src/agent/clock.ts';
import type { Clock } from '../../../src/core/clock.ts';
import { startTcpProxy, type TcpProxy } from '../../helpers/tcp-proxy.ts';
import { waitFor } from '../../helpers/wait.ts';
import { startZooKeeper, type ZooKeeper, type ZooKeeperServer } from '../../helpers/zookeeper.ts';
import { apex, claimsPath, makeCoordinator, startCoordinator, vip1, vip2 } from './harness.ts';
import { operatorOf, wipe } from './operator.ts';

let zookeeper: ZooKeeper;
let server: ZooKeeperServer;
let proxy: TcpProxy;

beforeAll(async () => {
  zookeeper = await startZooKeeper();
  const [first] = zookeeper.servers;
  if (first === undefined) throw new Error('no server');
  server = first;
});
afterAll(() => zookeeper.stop());
beforeEach(async () => {
  await wipe(server);
  proxy = await startTcpProxy(server);
});
afterEach(() => proxy.stop());

/** A real clock that knows how many of its timers are set. */
function countingClock(): Clock & { readonly timers: Set<object> } {
  const clock = createClock();
  const timers = new Set<object>();
  return {
    ...clock,
    timers,
    setTimer(delayMs, fire) {
      const timer = {};
      timers.add(timer);
      const cancel = clock.setTimer(delayMs, () => {
        timers.delete(timer);
        fire();
      });
      return () => {
        timers.delete(timer);
        cancel();
      };
    },
  };
}

test('closing a live session removes its claims at once, and says nothing more', async () => {
  const clock = countingClock();
  const one = startCoordinator([proxy], { clock });
  const peer = startCoordinator([server], { member: 'lb2', own: [vip2] });
  await Promise.all([one.ready(), peer.ready()]);
  one.coordinator.createClaim(apex, vip1, false);
  await peer.next('claimsRead', (event) => event.claims.has(vip1));
  const mark = peer.mark();
  const startMs = clock.nowMs();
  const said = one.mark();
  await one.coordinator.close(1_000);
  await peer.next('claimsRead', (event) => !event.claims.has(vip1), { from: mark });
  expect(clock.nowMs() - startMs).toBeLessThan(500);
  one.coordinator.createClaim(apex, vip1, false);
  one.coordinator.publishMember(apex, { health: 'up', announces: [], isLeaving: true });
  await one.coordinator.close(1_000);
  expect(one.mark()).toBe(said);
  expect(clock.timers.size).toBe(0);
  const operator = await operatorOf(server);
  expect(await operator.exists(`${claimsPath}/10.20.255.1`)).toBe(false);
});

test('writes that were asked for before the close are in before it', async () => {
  const operator = await operatorOf(server);
  const one = startCoordinator([proxy]);
  await one.ready();
  const before = await operator.childChanges(claimsPath);
  one.coordinator.createClaim(apex, vip1, false);
  await one.coordinator.close(1_000);
  // Made, and removed with the session.
  expect(await operator.childChanges(claimsPath)).toBe((before ?? 0) + 2);
  expect(await operator.exists(`${claimsPath}/10.20.255.1`)).toBe(false);
});

test('gives up at the deadline when the server does not answer', async () => {
  const clock = countingClock();
  const one = startCoordinator([proxy], { clock });
  await one.ready();
  proxy.swallow('toServer', 'toClient');
  const startMs = clock.nowMs();
  await one.coordinator.close(200);
  const tookMs = clock.nowMs() - startMs;
  expect(tookMs).toBeGreaterThanOrEqual(199);
  expect(tookMs).toBeLessThan(400);
  expect(clock.timers.size).toBe(0);
});

test('gives up at the deadline on a stopped server', async () => {
  const one = startCoordinator([server]);
  await one.ready();
  server.pause();
  const startMs = one.clock.nowMs();
  await one.coordinator.close(200);
  const tookMs = one.clock.nowMs() - startMs;
  server.resume();
  expect(tookMs).toBeLessThan(400);
});

test('closes in every state, at once and without a trace', async () => {
  const clock = countingClock();
  const close = async (one: ReturnType<typeof makeCoordinator>) => {
    const startMs = clock.nowMs();
    await one.coordinator.close(1_000);
    expect(clock.nowMs() - startMs).toBeLessThan(200);
    expect(clock.timers.size).toBe(0);
  };
  await close(makeCoordinator([proxy], { clock }));
  await close(startCoordinator([proxy], { clock }));

  proxy.swallow('toServer', 'toClient');
  const shaking = startCoordinator([proxy], { clock });
  const before = proxy.accepted;
  await waitFor(() => proxy.accepted > before, { what: 'a connection without a handshake' });
  await close(shaking);
  proxy.heal();

  proxy.refuse();
  const waiting = startCoordinator([proxy], { clock });
  await waitFor(() => waiting.notes.length > 0, { what: 'a refused connection' });
  await close(waiting);
  proxy.heal();

  const lost = startCoordinator([proxy], { clock });
  await lost.ready();
  proxy.refuse();
  await lost.next('sessionInterrupted');
  await close(lost);
  expect(lost.events.at(-1)?.kind).toBe('sessionInterrupted');
});
