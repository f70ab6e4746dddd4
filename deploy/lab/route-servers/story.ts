import { birdc } from '../bird-daemon.ts';
import { type Check, holds, within } from '../faults/fault.ts';
import { frrTable, vtysh } from '../frr.ts';
import { landingsOf } from '../landings.ts';
import { findDaemon, ipIn } from '../namespaces.ts';
import { startNginx } from '../nginx.ts';
import { signal } from '../processes.ts';
import type { Run } from '../run.ts';
import { reads, type Scene, type Shown, settlesAs, type Topology } from '../scenes.ts';
import { nowMs, waitFor } from '../wait.ts';
import { buildNetwork } from './network.ts';
import { holdTimeSeconds, routeLimit, vipRange, vips, webNodes } from './plan.ts';
import { countWebSessions, startRouters } from './routers.ts';
import { forwardingOf, offersOfRs4, offersOfRs5, tableOf } from './tables.ts';
import { configure, startWebNodes, strayRoute } from './web-nodes.ts';

/** The network of seed 001: three web nodes, two route servers, and metrics that say who is meant. */
export const routeServers: Topology = {
  name: 'route-servers',
  title: 'three web nodes behind two route servers, IPv6 alone (seed 001)',
  build,
  acts: [
    { title: 'every VIP goes to the web node with the lowest metric', play: everythingUp },
    { title: 'nginx is stopped on W1: its metrics rise, and W3 gets its VIP', play: stopNginx },
    { title: 'nginx is back on W1', play: startAgain },
    { title: "W2 announces W1's own address: no route server takes it", play: strayAnnounced },
    { title: 'W3 loses power: both forget it after the hold time', play: powerOff },
  ],
};

/** As the seed has them: VIP, metrics of W1 to W3, best, backup. */
const allUp = [
  '2001:db8:30::1 102 101 100 W3 W2',
  '2001:db8:30::2 101 100 102 W2 W1',
  '2001:db8:30::3 100 102 101 W1 W3',
];
const w1Down = [
  '2001:db8:30::1 1002 101 100 W3 W2',
  '2001:db8:30::2 1001 100 102 W2 W3',
  '2001:db8:30::3 1000 102 101 W3 W2',
];
const w3Gone = [
  '2001:db8:30::1 102 101 - W2 W1',
  '2001:db8:30::2 101 100 - W2 W1',
  '2001:db8:30::3 100 102 - W1 W2',
];

async function build(run: Run, tell: (line: string) => void): Promise<void> {
  tell('network: r1, er2, er3, dr6, dr7, dr8, rs4, rs5, w1, w2, w3');
  buildNetwork(run);
  tell('routers: BIRD, with OSPF; route servers: rs4 is BIRD, rs5 is FRR');
  await startRouters(run);
  tell('web nodes: nginx, ExaBGP and vipkeeper without ZooKeeper');
  startWebNodes(run);
  const options = { what: 'the sessions of the web nodes', timeoutMs: 30_000, pollMs: 100 };
  await waitFor(() => countWebSessions(run) === 2 * webNodes.length, options);
}

async function everythingUp(run: Run): Promise<Scene> {
  const checks = await becomes(run, allUp, ['w3', 'w2', 'w1']);
  const limits = birdc(run, 'rs4', 'show protocols all W1');
  return {
    shown: [...routeServerTables(run), dr6Table(run)],
    checks: [
      ...checks,
      ...forwards(run, ['dr8', 'dr7', 'w1']),
      reads('both tell DR6 the same', toldBy(run, 'RS5'), toldBy(run, 'RS4')),
      holds(
        `rs4 takes ${routeLimit} routes of W1 at most`,
        new RegExp(`Receive limit: +${routeLimit}\\n`).test(limits),
      ),
      holds(
        `rs4 and W1 agreed on a hold time of ${holdTimeSeconds} s`,
        new RegExp(`Hold timer: +[\\d.]+/${holdTimeSeconds}\\n`).test(limits),
      ),
    ],
  };
}

async function stopNginx(run: Run): Promise<Scene> {
  const nginx = findDaemon(run, 'w1', 'nginx');
  if (nginx === undefined) throw new Error('nginx does not run on w1');
  signal(nginx.pid, 'SIGKILL');
  const checks = await becomes(run, w1Down, ['w3', 'w2', 'w3']);
  return {
    shown: [...routeServerTables(run), dr6Table(run)],
    checks: [...checks, ...forwards(run, ['dr8', 'dr7', 'dr8'])],
  };
}

async function startAgain(run: Run): Promise<Scene> {
  startNginx(run, 'w1');
  return { checks: await becomes(run, allUp, ['w3', 'w2', 'w1']), shown: [] };
}

/** A slip in one node's file. The VIPs themselves are not touched by it. */
async function strayAnnounced(run: Run): Promise<Scene> {
  const w2 = webNode('w2');
  configure(run, w2, [...w2.vips, strayRoute]);
  const filtered = () => birdc(run, 'rs4', 'show route filtered');
  const isRefused = () => filtered().includes(strayRoute);
  await waitFor(isRefused, { what: 'the stray route at rs4', timeoutMs: 10_000, pollMs: 100 });
  const command = 'show bgp view EXABGP ipv6 unicast';
  const table = vtysh(run, 'rs5', command);
  const passedOn = birdc(run, 'dr6', 'show route protocol RS4');
  const shown = [
    { node: 'rs4', command: 'birdc show route filtered', output: withoutBanner(filtered()) },
  ];
  configure(run, w2, w2.vips);
  return {
    shown,
    checks: [
      holds('rs5 does not have it', !table.includes(strayRoute)),
      holds('DR6 was not told of it', !passedOn.includes(strayRoute)),
      reads('rs4 has the table as before', tableOf(offersOfRs4(run)), allUp),
    ],
  };
}

async function powerOff(run: Run): Promise<Scene> {
  const fromMs = nowMs();
  ipIn(run, 'w3', 'link', 'set', 'eth0', 'down');
  const checks = await becomes(run, w3Gone, ['w2', 'w2', 'w1']);
  const boundMs = (holdTimeSeconds + 1) * 1_000;
  return {
    shown: routeServerTables(run).slice(0, 1),
    checks: [...checks, within('time until both have the new table', nowMs() - fromMs, boundMs)],
  };
}

/** Waits for a table at both route servers, and asks every VIP from the other side of the network. */
async function becomes(
  run: Run,
  table: readonly string[],
  answers: readonly string[],
): Promise<readonly Check[]> {
  await settlesAs(() => tableOf(offersOfRs4(run)), table, 20_000);
  await settlesAs(() => tableOf(offersOfRs5(run)), table, 20_000);
  const expected = vips.map((vip, index) => `${vip} ${answers[index]}`);
  await settlesAs(() => answersOf(run), expected, 10_000);
  return [
    reads('rs4 (BIRD) has the expected table', tableOf(offersOfRs4(run)), table),
    reads('rs5 (FRR) has the expected table', tableOf(offersOfRs5(run)), table),
    reads('r1 is answered by the expected nodes', answersOf(run), expected),
  ];
}

function forwards(run: Run, towards: readonly string[]): readonly Check[] {
  const expected = vips.map((vip, index) => `${vip} ${towards[index]}`);
  return [reads('DR6 forwards as expected', forwardingOf(run, 'dr6'), expected)];
}

/** Next-hops that DR6 has from a route server: the web nodes', not its own. */
function toldBy(run: Run, protocol: string): readonly string[] {
  const text = birdc(run, 'dr6', `show route all protocol ${protocol}`);
  return (text.match(/^\S+(?=\s+unicast)|BGP\.next_hop: \S+/gm) ?? []).slice();
}

/** Who answers on each VIP: `2001:db8:30::1 w3`. */
function answersOf(run: Run): readonly string[] {
  return vips.map((vip) => {
    const [name = ''] = landingsOf(run, 'r1', { vip, flows: 1 }).keys();
    return `${vip} ${name}`;
  });
}

function routeServerTables(run: Run): readonly Shown[] {
  const command = 'show bgp view EXABGP ipv6 unicast';
  const route = `show route where net ~ [ ${vipRange}+ ]`;
  return [
    { node: 'rs5', command: `vtysh -c '${command}'`, output: frrTable(vtysh(run, 'rs5', command)) },
    {
      node: 'rs4',
      command: `birdc ${route}`,
      output: withoutBanner(birdc(run, 'rs4', route)),
    },
    {
      node: 'rs5, as the seed draws it',
      command: 'Route W1 W2 W3 Best Backup',
      output: tableOf(offersOfRs5(run)).join('\n'),
    },
  ];
}

function dr6Table(run: Run): Shown {
  const route = `show route where net ~ [ ${vipRange}+ ]`;
  const output = withoutBanner(birdc(run, 'dr6', route));
  return { node: 'dr6', command: `birdc ${route}`, output };
}

function withoutBanner(text: string): string {
  return text.split('\n').slice(2).join('\n');
}

function webNode(name: string) {
  const node = webNodes.find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`no web node is called ${name}`);
  return node;
}
