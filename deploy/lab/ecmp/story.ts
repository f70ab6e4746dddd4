import { birdc } from '../bird-daemon.ts';
import { type Check, holds } from '../faults/fault.ts';
import { frrTable, vtysh } from '../frr.ts';
import { describeLandings, landingsOf } from '../landings.ts';
import { ipIn } from '../namespaces.ts';
import type { Run } from '../run.ts';
import { reads, type Scene, type Shown, settlesAs, type Topology } from '../scenes.ts';
import { stopExabgp } from '../speaker.ts';
import { buildNetwork, startRouters } from './network.ts';
import { clientAddresses, edgeIspAddress, servers, vip } from './plan.ts';
import { configure, startServerSpeaker, startServers } from './servers.ts';

/** The network of seed 004: the router is the load balancer. */
export const ecmp: Topology = {
  name: 'ecmp',
  title: 'one VIP on two servers, spread by flow (seed 004)',
  build,
  acts: [
    { title: 'both servers announce the VIP: its flows are spread over both', play: bothUp },
    { title: 'ExaBGP is stopped on server-1: server-2 gets every flow', play: stopOne },
    { title: 'it is started again', play: startAgain },
    { title: 'server-2 is lowered to local-preference 50: server-1 gets every flow', play: lower },
    { title: 'server-2 is raised again', play: raise },
  ],
};

const [one, two] = servers;
/** New connections per look, each from a port, and so a flow, of its own. */
const flows = 40;
/** With 40 flows that fall evenly, fewer on one side come once in ten million looks. */
const fewestFlows = 4;

async function build(run: Run, tell: (line: string) => void): Promise<void> {
  tell('network: client, isp, edge, server-1, server-2');
  buildNetwork(run);
  tell('routers: isp is BIRD, edge is FRR');
  await startRouters(run);
  tell('servers: nginx, ExaBGP and vipkeeper without ZooKeeper');
  startServers(run);
}

async function bothUp(run: Run): Promise<Scene> {
  const checks = await spreads(run, [one.name, two.name]);
  const table = birdc(run, 'isp', 'show route');
  const isTold = table.includes(`${vip}/32`) && table.includes(`via ${edgeIspAddress}`);
  return {
    shown: tables(run),
    checks: [...checks, holds('the ISP knows the VIP behind the edge', isTold)],
  };
}

async function stopOne(run: Run): Promise<Scene> {
  await stopExabgp(run, one.name, 'SIGTERM');
  const checks = await spreads(run, [two.name]);
  return { shown: tables(run), checks };
}

async function startAgain(run: Run): Promise<Scene> {
  startServerSpeaker(run, one);
  return { shown: [], checks: await spreads(run, [one.name, two.name]) };
}

async function lower(run: Run): Promise<Scene> {
  configure(run, two, 50);
  const checks = await spreads(run, [one.name]);
  const known = vtysh(run, 'edge', `show bgp ipv4 unicast ${vip}/32`);
  return {
    shown: tables(run),
    checks: [...checks, holds('the other path stays known', known.includes('localpref 50'))],
  };
}

async function raise(run: Run): Promise<Scene> {
  configure(run, two, 100);
  return { shown: [], checks: await spreads(run, [one.name, two.name]) };
}

/** Waits until the edge forwards to these servers, and looks where new connections land. */
async function spreads(run: Run, towards: readonly string[]): Promise<readonly Check[]> {
  await settlesAs(() => nextHops(run), towards, 20_000);
  const counts = clientAddresses.map((source) => landingsOf(run, 'client', { vip, flows, source }));
  return [
    reads('the edge forwards to', nextHops(run), towards),
    ...counts.map((count, index) => {
      const isShared = towards.every((name) => (count.get(name) ?? 0) >= fewestFlows);
      return {
        ...holds(
          `flows of ${clientAddresses[index]} land on ${towards.join(' and ')} alone`,
          isShared && count.size === towards.length,
        ),
        figure: describeLandings(count),
      };
    }),
  ];
}

/** The servers that the edge's kernel forwards the VIP to. */
function nextHops(run: Run): readonly string[] {
  const text = ipIn(run, 'edge', 'route', 'show', `${vip}/32`);
  return servers.filter(({ address }) => text.includes(`via ${address} `)).map(({ name }) => name);
}

function tables(run: Run): readonly Shown[] {
  const bgp = 'show bgp ipv4 unicast';
  const kernel = ['route', 'show', `${vip}/32`];
  return [
    { node: 'edge', command: `vtysh -c '${bgp}'`, output: frrTable(vtysh(run, 'edge', bgp)) },
    { node: 'edge', command: `ip ${kernel.join(' ')}`, output: ipIn(run, 'edge', ...kernel) },
  ];
}
