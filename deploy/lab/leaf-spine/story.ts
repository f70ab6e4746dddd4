import { writeAgentConfig } from '../agent-config.ts';
import { startLeaves } from '../bird.ts';
import { birdc } from '../bird-daemon.ts';
import { startExabgp } from '../exabgp.ts';
import { type Check, holds } from '../faults/fault.ts';
import { frrTable, vtysh } from '../frr.ts';
import { describeLandings, type Landings, landingsOf } from '../landings.ts';
import { startNginx } from '../nginx.ts';
import { type LoadBalancer, loadBalancers, vips, vipsOf } from '../plan.ts';
import type { Run } from '../run.ts';
import { reads, type Scene, type Shown, type Topology } from '../scenes.ts';
import { chooseSetup, healthcheckMetrics, ownership } from '../setups.ts';
import { stopExabgp } from '../speaker.ts';
import { buildTopology } from '../topology.ts';
import { waitFor } from '../wait.ts';
import { startZooKeeper } from '../zookeeper.ts';
import { readPaths, relaxMultipath, startSpine } from './spine.ts';

/** The problem of seed 003, and what became of it: metrics are lost between ASes, ownership is not. */
export const leafSpine: Topology = {
  name: 'leaf-spine',
  title: 'three LBs behind a leaf-spine: metrics of healthcheck, and ownership (seed 003)',
  build,
  acts: [
    {
      title: 'healthcheck, paths of several ASes are not equal: the first LB gets everything',
      play: metrics,
    },
    {
      title: 'healthcheck, and they are made equal: every LB gets a share of everything',
      play: metricsWithEcmp,
    },
    { title: 'vipkeeper with ownership: every LB gets its own VIPs', play: owned },
  ],
};

/** New connections to each VIP: when three share them evenly, fewer than 3 for one come once in ten million looks. */
const flows = 60;
const fewestFlows = 3;

async function build(run: Run, tell: (line: string) => void): Promise<void> {
  tell('network: client, spine, leaf1, leaf2, leaf3, lb1, lb2, lb3, zk');
  buildTopology(run);
  startZooKeeper(run);
  tell('routers: leaves are BIRD, the spine is FRR, every one an AS of its own');
  await startLeaves(run);
  await startSpine(run);
  for (const { name } of loadBalancers) startNginx(run, name);
}

async function metrics(run: Run): Promise<Scene> {
  chooseSetup(run, healthcheckMetrics);
  // One after the other, since it matters who was first.
  for (const [index, { name }] of loadBalancers.entries()) {
    startExabgp(run, name);
    await untilPaths(run, index + 1);
  }
  const landings = readLandings(run);
  const paths = [...readPaths(run).values()].flat();
  return {
    shown: [...loadBalancers.map((balancer) => leafTable(run, balancer)), ...tables(run)],
    checks: [
      ...loadBalancers.map((balancer) => metricsAt(run, balancer)),
      holds(
        'not one metric is left at the spine',
        paths.every(({ metric }) => metric === undefined),
      ),
      ...landings.map(([vip, landed]) => landsOn(vip, landed, ['lb1'], 'whosever it is')),
    ],
  };
}

async function metricsWithEcmp(run: Run): Promise<Scene> {
  relaxMultipath(run);
  const everybody = loadBalancers.map(({ name }) => name);
  const isSpread = () => readLandings(run).every(([, landed]) => landed.size === everybody.length);
  await waitFor(isSpread, { what: 'flows on every LB', timeoutMs: 10_000 }).catch(() => undefined);
  return {
    shown: tables(run),
    checks: readLandings(run).map(([vip, landed]) =>
      landsOn(vip, landed, everybody, 'whosever it is'),
    ),
  };
}

async function owned(run: Run): Promise<Scene> {
  // SIGTERM would be kinder, but healthcheck then waits for an answer of the ExaBGP that waits for its end.
  for (const { name } of loadBalancers) await stopExabgp(run, name, 'SIGKILL');
  await untilPaths(run, 0);
  chooseSetup(run, ownership);
  writeAgentConfig(run);
  for (const { name } of loadBalancers) startExabgp(run, name);
  await untilPaths(run, 1);
  return {
    shown: tables(run),
    checks: readLandings(run).map(([vip, landed]) => {
      const owner = loadBalancers.find(({ name }) =>
        vipsOf(name).some(({ address }) => address === vip),
      );
      return landsOn(vip, landed, [owner?.name ?? ''], 'its owner');
    }),
  };
}

/** Waits until the spine has so many paths to every VIP. */
async function untilPaths(run: Run, count: number): Promise<void> {
  const isSo = () => [...readPaths(run).values()].every((paths) => paths.length === count);
  await waitFor(isSo, { what: `${count} paths to each VIP`, timeoutMs: 30_000, pollMs: 100 });
}

/** What healthcheck announces: its own VIPs first, each later one a metric more. */
function metricsAt(run: Run, { leaf, name }: LoadBalancer): Check {
  const order = [...vipsOf(name), ...vips.filter(({ owner }) => owner !== name)];
  const expected = order.map(({ address }, index) => `${address} ${100 + index}`).sort();
  const text = birdc(run, leaf, 'show route all protocol lb_ipv4');
  const text6 = birdc(run, leaf, 'show route all protocol lb_ipv6');
  const found = [...`${text}\n${text6}`.matchAll(/^(\S+)\/\d+ +unicast[\s\S]*?BGP\.med: (\d+)/gm)];
  const read = found.map(([, vip, med]) => `${vip} ${med}`).sort();
  return reads(`${leaf} has the metrics of ${name}`, read, expected);
}

function landsOn(vip: string, landed: Landings, names: readonly string[], why: string): Check {
  const isShared = names.every((name) => (landed.get(name) ?? 0) >= fewestFlows);
  const what = `connections to ${vip} land on ${names.join(', ')} alone, ${why}`;
  return {
    ...holds(what, isShared && landed.size === names.length),
    figure: describeLandings(landed),
  };
}

function readLandings(run: Run): readonly (readonly [string, Landings])[] {
  return vips.map(({ address }) => [address, landingsOf(run, 'client', { vip: address, flows })]);
}

function leafTable(run: Run, { leaf }: LoadBalancer): Shown {
  const words = 'show route all protocol lb_ipv4';
  const lines = birdc(run, leaf, words).split('\n');
  const output = lines.filter((line) => /unicast|med/.test(line)).join('\n');
  return { node: leaf, command: `birdc ${words} | grep -E 'unicast|med'`, output };
}

function tables(run: Run): readonly Shown[] {
  const command = 'show bgp ipv4 unicast';
  return [
    {
      node: 'spine',
      command: `vtysh -c '${command}'`,
      output: frrTable(vtysh(run, 'spine', command)),
    },
  ];
}
