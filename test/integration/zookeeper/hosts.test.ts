import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTcpProxy } from '../../helpers/tcp-proxy.ts';
import { waitFor } from '../../helpers/wait.ts';
import { startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { startCoordinator } from './harness.ts';

let zookeeper: ZooKeeper;
beforeAll(async () => {
  zookeeper = await startZooKeeper();
});
afterAll(() => zookeeper.stop());

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((address) => address?.address === '::1');

test.skipIf(!hasIpv6)('connects to an IPv6 literal', async () => {
  const six = await startZooKeeper({ address: '::1' });
  const one = startCoordinator(six.servers);
  await one.ready();
  expect(one.place()).toBe(six.connectString);
  await one.coordinator.close(500);
  await six.stop();
});

test('connects by name', async () => {
  const one = startCoordinator(zookeeper.servers.map(({ port }) => ({ host: 'localhost', port })));
  await one.ready();
});

test('says once what came back from each host that it cannot reach, and keeps trying', async () => {
  const proxy = await startTcpProxy(zookeeper.servers[0]!);
  proxy.refuse();
  const { port } = proxy;
  const one = startCoordinator([
    { host: 'no-such-host.invalid', port: 2181 },
    { host: '127.0.0.1', port: 1 },
    { host: '127.0.0.1', port },
  ]);
  await waitFor(() => proxy.accepted >= 4, { what: 'four attempts' });
  const warnings = one.notes.filter((note) => note.startsWith('warn')).toSorted();
  expect(warnings).toHaveLength(3);
  expect(warnings[0]).toMatch(/^warn 127\.0\.0\.1:1 .*ECONNREFUSED/);
  expect(warnings[1]).toMatch(new RegExp(`^warn 127\\.0\\.0\\.1:${port} .*(closed|ECONNRESET)`));
  expect(warnings[2]).toMatch(/^warn no-such-host\.invalid:2181 .*(ENOTFOUND|EAI_AGAIN)/);
  proxy.heal();
  await one.ready();
  // After a success the same failure is news again.
  proxy.refuse();
  await waitFor(() => one.notes.filter((note) => note.includes(`:${port} conn`)).length > 2, {
    what: 'a second warning',
  });
  await one.coordinator.close(500);
  await proxy.stop();
});
