import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createClock } from '../../../src/agent/clock.ts';
import { createClientFactory } from '../../../src/zookeeper/client-factory.ts';
import { launcherOf } from '../../helpers/agent-process.ts';
import { waitFor } from '../../helpers/wait.ts';
import { startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { apex, startCoordinator, vip1 } from './harness.ts';

const name = 'zk.test';
const [first, second, third] = ['127.0.0.2', '127.0.0.3', '127.0.0.4'] as const;
/** Nothing listens here, so it refuses. */
const nobody = '127.0.0.9';
/** Connections are accepted here, and never answered; it is the first in every order. */
const silent = '127.0.0.1';

let ensemble: ZooKeeper;
let port: number;

beforeAll(async () => {
  const places = [first, second, third].map((address) => ({ address, enter: [] }));
  ensemble = await startZooKeeper({ servers: 3, places });
  port = ensemble.servers[0]?.port ?? 0;
  const hole = createServer(() => undefined).listen(port, silent);
  await once(hole, 'listening');
  hole.unref();
});
afterAll(() => ensemble.stop());

/** A coordinator that knows one name, whose addresses the test decides. */
function startByName(addresses: readonly string[]) {
  let current = addresses;
  const clock = createClock();
  const notes: string[] = [];
  const createClient = createClientFactory(
    {
      servers: [{ host: name, port }],
      firstServer: 0,
      share: 0.5,
      tls: undefined,
      resolve: (_host, found) =>
        found(
          null,
          current.map((address) => ({ address, family: 4 })),
        ),
    },
    { clock, note: (_level, place, detail) => notes.push(`${place} ${detail}`) },
  );
  const one = startCoordinator([{ host: name, port }], { clock, createClient });
  return {
    ...one,
    notes,
    change: (...to: readonly string[]) => {
      current = to;
    },
  };
}

const serverOf = (address: string) => {
  const server = ensemble.servers.find(({ host }) => host === address);
  if (server === undefined) throw new Error(`no server at ${address}`);
  return server;
};

test('a dead first address blocks none of the others, be it refused or silent', async () => {
  const startedMs = performance.now();
  const refused = startByName([nobody, second]);
  await refused.next('sessionEstablished');
  // One attempt tries the next address by itself.
  expect(performance.now() - startedMs).toBeLessThan(500);
  expect(refused.notes).toEqual([]);

  const one = startByName([third, silent, nobody]);
  await one.next('sessionEstablished', () => true, { timeoutMs: 3_000 });
  const hung = one.notes.filter((note) => note.includes('not answered'));
  expect(hung).toEqual([
    `${name}:${port} ZooKeeper handshake not answered by ${silent} (timeout after 500 ms)`,
  ]);
});

test('a server behind the name that falls silent is left for another one, in the same session', async () => {
  const one = startByName([first, second, third]);
  await one.ready();
  one.coordinator.createClaim(apex, vip1, false);
  await one.next('claimsRead', ({ claims }) => claims.get(vip1)?.kind === 'self');
  const modes = await Promise.all(ensemble.servers.map((server) => server.mode()));
  // The quorum goes on without either of the followers; on one of the two, at least, we are after the other's pause.
  for (const server of ensemble.servers.filter((_, index) => modes[index] === 'follower')) {
    server.pause();
    // Twice: the first proof may come from an answer that was on its way.
    for (let proof = 0; proof < 2; proof += 1)
      await one.next('sessionProven', () => true, { from: one.mark() });
    server.resume();
    await waitFor(() => server.mode(), { what: 'it to serve again', timeoutMs: 30_000 });
  }
  expect(one.events.filter(({ kind }) => kind === 'sessionEnded')).toEqual([]);
  const claims = one.events.findLast((event) => event.kind === 'claimsRead')?.claims;
  expect(claims?.get(vip1)).toEqual({ kind: 'self' });
});

test('addresses that change are used at the next attempt, and the session goes on', async () => {
  const one = startByName([first]);
  await one.ready();
  one.coordinator.createClaim(apex, vip1, false);
  await one.next('claimAnswered', (event) => event.outcome === 'done');
  one.change(second, third);
  const mark = one.mark();
  await serverOf(first).stop();
  const again = await one.next('sessionEstablished', () => true, { from: mark });
  expect(again.epoch).toBe(1);
  const { claims } = await one.next('claimsRead', () => true, { from: mark });
  expect(claims.get(vip1)).toEqual({ kind: 'self' });
  await serverOf(first).start();
});

test('a name that nobody knows, and then is known, needs no restart', async () => {
  const one = startByName([]);
  await waitFor(() => one.notes.length > 0, { what: 'a note' });
  expect(one.notes).toEqual([`${name}:${port} ${name} has no address`]);
  one.change(second);
  await one.next('sessionEstablished');
});

test('the agent follows what the system resolves, as in /etc/hosts', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'vipkeeper-hosts-'));
  const hosts = join(directory, 'hosts');
  const config = join(directory, 'fleet.json');
  const point = (...addresses: readonly string[]) =>
    writeFileSync(hosts, addresses.map((address) => `${address} ${name}\n`).join(''));
  point(nobody, silent);
  writeFileSync(
    config,
    JSON.stringify({
      zookeeper: { hosts: [`${name}:${port}`], sessionTimeout: '4s' },
      services: { apex: { owns: ['10.20.255.1'] } },
    }),
  );
  const script = 'mount --bind "$1" /etc/hosts && exec "$2" run -f "$3"';
  const args = ['-m', 'sh', '-c', script, 'sh', hosts, launcherOf('vipkeeper'), config];
  const agent = spawn('unshare', args, { stdio: ['pipe', 'ignore', 'pipe'] });
  let log = '';
  agent.stderr.on('data', (bytes: Buffer) => {
    log += bytes.toString();
  });
  onTestFinished(async () => {
    if (agent.exitCode === null && agent.kill('SIGKILL')) await once(agent, 'exit');
    rmSync(directory, { recursive: true });
  });
  await waitFor(() => log.includes(`not answered by ${silent}`), { what: 'the silent address' });
  // In place: the file is the one that is mounted.
  point(third);
  await waitFor(() => log.includes('ZooKeeper session new session'), { what: 'a session' }).catch(
    (error: Error) => {
      throw new Error(`${error.message}; ${log}`);
    },
  );
});
