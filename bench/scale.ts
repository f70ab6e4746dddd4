import type { EventKind } from '../src/core/event.ts';
import type { RequestCounts } from '../test/helpers/counted-client.ts';
import { startManySessions } from '../test/helpers/many-sessions.ts';
import { waitFor } from '../test/helpers/wait.ts';
import type { ZooKeeper, ZooKeeperServer } from '../test/helpers/zookeeper.ts';
import { servicesNamed, startAgent, timeoutMs, vipOf } from './scale-agent.ts';
import { row } from './statistics.ts';

const memberCount = 200;
/** A whole fleet in one process would be measured by what the process cannot do. */
const agentCount = 20;
const serviceCount = 1_000;

/** What large fleets and many services cost one agent and the ensemble, by the adapter to ZooKeeper alone. */
export async function measureScale(ensemble: ZooKeeper): Promise<readonly string[]> {
  const [server] = ensemble.servers;
  if (server === undefined) throw new Error('no server');
  return [
    row('measured', 'value', 'bound'),
    row('---', '---', '---'),
    ...(await measureMembers(ensemble, server)),
    ...(await measureBurst(ensemble, server)),
    ...(await measureServices(ensemble, server)),
  ];
}

/** Some of a service's members are agents in this process, whose requests are counted together. */
async function measureMembers(
  ensemble: ZooKeeper,
  server: ZooKeeperServer,
): Promise<readonly string[]> {
  const counts = noRequests();
  const services = servicesNamed(['fleet']);
  const names = Array.from({ length: agentCount }, (_, index) => `lb${index}`);
  const agents = names.map((member) => startAgent(server, { member, services, counts }));
  await waitFor(() => agents.every((agent) => agent.isRead()), { what: 'all', timeoutMs: 30_000 });
  const others = await startManySessions({
    connectString: ensemble.connectString,
    timeoutMs,
    sessions: Array.from({ length: memberCount }, (_, index) => [
      `/scale/member/fleet/other${index}`,
    ]),
  });
  const heard = (holds: (agent: (typeof agents)[number]) => boolean) =>
    waitFor(() => agents.every(holds), { what: `every agent to hear ${holds}`, timeoutMs: 60_000 });
  await heard((agent) => agent.memberCount() === memberCount);
  const watches = (await server.watchCount()) / agentCount;
  const late = startAgent(server, { member: 'late', services, counts: noRequests() });
  await waitFor(() => late.isRead(), { what: 'the late one', timeoutMs: 30_000 });
  const cost = async (
    change: () => void,
    holds: (agent: (typeof agents)[number]) => boolean,
  ): Promise<number> => {
    const { reads } = counts;
    change();
    await heard(holds);
    return (counts.reads - reads) / agentCount;
  };
  const join = await cost(
    () => late.publish(false),
    (agent) => agent.memberCount() === memberCount + 1,
  );
  const change = await cost(
    () => late.publish(true),
    (agent) => agent.leavingCount() === 1,
  );
  const leave = await cost(
    () => void late.close(),
    (agent) => agent.memberCount() === memberCount,
  );
  await Promise.all(agents.map((agent) => agent.close()));
  await others.kill();
  const name = `${memberCount} members of a service`;
  return [
    row(`${name}: watches of one agent`, watches, 'members + 4'),
    row(`${name}: one more joins, reads of each agent`, join, '2'),
    row(`${name}: one changes its state, reads of each agent`, change, '1'),
    row(`${name}: one leaves, reads of each agent`, leave, '1'),
  ];
}

/** All other members die in one moment, as with their rack. */
async function measureBurst(
  ensemble: ZooKeeper,
  server: ZooKeeperServer,
): Promise<readonly string[]> {
  const texts = Array.from({ length: memberCount }, (_, index) => `10.21.0.${index + 1}`);
  const services = servicesNamed(['burst'], texts.map(vipOf));
  const counts = noRequests();
  const agent = startAgent(server, { member: 'observer', services, counts });
  await waitFor(() => agent.isRead(), { what: 'the view', timeoutMs: 30_000 });
  const sessions = await startManySessions({
    connectString: ensemble.connectString,
    timeoutMs,
    sessions: texts.map((text, index) => [
      `/scale/service/burst/${text}`,
      `/scale/member/burst/lb${index}`,
    ]),
  });
  await waitFor(() => agent.claimCount() === memberCount && agent.memberCount() === memberCount, {
    what: 'all of them',
    timeoutMs: 30_000,
  });
  const mark = agent.events.length;
  await sessions.kill();
  await waitFor(() => agent.claimCount() === 0 && agent.memberCount() === 0, {
    what: 'the end of all',
    timeoutMs: 60_000,
  });
  const told = agent.events.slice(mark);
  const sizes = (kind: EventKind) =>
    told.flatMap(({ event, atMs }) => {
      if (event.kind !== kind) return [];
      const size = event.kind === 'claimsRead' ? event.claims.size : 0;
      return [
        kind === 'claimsRead' ? `${size} at ${(atMs - (told[0]?.atMs ?? 0)).toFixed(0)} ms` : '',
      ];
    });
  await agent.close();
  const name = `${memberCount} sessions expire together`;
  return [
    row(`${name}: claims left, as told`, sizes('claimsRead').join(', '), ''),
    row(
      `${name}: readings of claims, of members`,
      `${sizes('claimsRead').length}, ${sizes('membersRead').length}`,
      '1 each (2 when they fall into two ticks)',
    ),
  ];
}

/** One agent for many services, each with two other members and two claims of theirs. */
async function measureServices(
  ensemble: ZooKeeper,
  server: ZooKeeperServer,
): Promise<readonly string[]> {
  const names = Array.from({ length: serviceCount }, (_, index) => `s${index}`);
  const services = servicesNamed(names, [vipOf('10.22.0.1'), vipOf('10.22.0.2')]);
  const maker = startAgent(server, { member: 'maker', services, counts: noRequests() });
  await waitFor(() => maker.isRead(), { what: 'the parents', timeoutMs: 120_000, everyMs: 50 });
  await maker.close();
  const peers = await startManySessions({
    connectString: ensemble.connectString,
    timeoutMs,
    sessions: [1, 2].map((peer) =>
      names.flatMap((name) => [
        `/scale/service/${name}/10.22.0.${peer}`,
        `/scale/member/${name}/lb${peer}`,
      ]),
    ),
  });
  const before = { watches: await server.watchCount(), heapMb: heapMb() };
  const counts = noRequests();
  const lag = startLagMeter();
  const agent = startAgent(server, { member: 'lb9', services, counts });
  const startedMs = performance.now();
  await waitFor(() => agent.isRead(), { what: 'the view', timeoutMs: 120_000, everyMs: 1 });
  const viewMs = performance.now() - startedMs;
  const { reads } = counts;
  const worstLagMs = lag.stop();
  const proofGapMs = agent.longestProofGapMs();
  const watches = (await server.watchCount()) - before.watches;
  const memoryMb = heapMb() - before.heapMb;
  const mark = counts.reads;
  peers.child.stdin?.end();
  await waitFor(() => agent.claimCount() === 0, { what: 'the losses', timeoutMs: 60_000 });
  const lossReads = counts.reads - mark;
  await agent.close();
  const name = `${serviceCount} services of an agent`;
  return [
    row(`${name}: reads at connect`, reads, '6 per service'),
    row(`${name}: watches`, watches, '6 per service'),
    row(`${name}: time to a complete view (ms)`, viewMs, ''),
    row(`${name}: worst lag of the event loop meanwhile (ms)`, worstLagMs, ''),
    row(
      `${name}: longest time between proofs of the session meanwhile (ms)`,
      proofGapMs,
      `${timeoutMs / 2}`,
    ),
    row(`${name}: memory of the adapter (MB)`, memoryMb, ''),
    row(`${name}: both peers of all leave at once, reads`, lossReads, '4 per service'),
  ];
}

const noRequests = (): RequestCounts => ({ reads: 0, writes: 0, heartbeats: 0 });

/** What lives after a collection; `npm run bench` lets it be asked for. */
function heapMb(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
}

/** How late timers of 1 ms are at worst. */
function startLagMeter() {
  let worstMs = 0;
  let lastMs = performance.now();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    worstMs = Math.max(worstMs, nowMs - lastMs - 1);
    lastMs = nowMs;
  }, 1);
  return {
    stop() {
      clearInterval(timer);
      return worstMs;
    },
  };
}
