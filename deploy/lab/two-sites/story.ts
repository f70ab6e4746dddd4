import { type Check, holds } from '../faults/fault.ts';
import { frrTable, vtysh } from '../frr.ts';
import { describeLandings, landingsOf } from '../landings.ts';
import type { Run } from '../run.ts';
import { reads, type Scene, type Shown, settlesAs, type Topology } from '../scenes.ts';
import { startEnsembles, startSites, typeCommand, writeTable } from './lvs.ts';
import { buildNetwork, startRouters } from './network.ts';
import { families, hostLength, siteA, siteB, vipName, vips } from './plan.ts';

/** The networks of seed 002: two sites, told apart by their AS paths. */
export const twoSites: Topology = {
  name: 'two-sites',
  title: 'two sites with the same VIPs, one of them drained by name (seed 002)',
  build,
  acts: [
    { title: 'each site gets the VIPs that it is preferred for', play: bothUp },
    { title: `site A is drained: vip withdraw ${vipName}`, play: withdraw },
    { title: `and brought back: vip announce ${vipName}`, play: announce },
    { title: 'site B loses every real server behind one VIP', play: loseRealServers },
    { title: 'they are back', play: regainRealServers },
  ],
};

const pathA = '65001 65101';
const longA = `${pathA} 65101 65101`;
const pathB = '65002 65102';
const longB = `${pathB} 65102 65102`;

/** Paths that router1 knows for each VIP, the one that it uses first. */
const bothSites = [
  `192.0.2.1 ${pathA}, ${longB}`,
  `192.0.2.2 ${pathB}, ${longA}`,
  `2001:db8::1 ${pathA}, ${longB}`,
  `2001:db8::2 ${pathB}, ${longA}`,
];
const siteBAlone = [
  `192.0.2.1 ${longB}`,
  `192.0.2.2 ${pathB}`,
  `2001:db8::1 ${longB}`,
  `2001:db8::2 ${pathB}`,
];
const oneVipLess = bothSites.map((row) =>
  row.startsWith('192.0.2.2 ') ? `192.0.2.2 ${longA}` : row,
);

const flows = 5;

async function build(run: Run, tell: (line: string) => void): Promise<void> {
  tell('network: client, router1, border-a, lvs-a, border-b, lvs-b');
  buildNetwork(run);
  startEnsembles(run);
  tell('routers: router1 is FRR, border-a and border-b are BIRD');
  await startRouters(run);
  tell('sites: ZooKeeper, nginx, ExaBGP and vipkeeper on lvs-a, and the same on lvs-b');
  startSites(run);
}

async function bothUp(run: Run): Promise<Scene> {
  const checks = await becomes(run, bothSites, ['lvs-a', 'lvs-b', 'lvs-a', 'lvs-b']);
  return { shown: [...tables(run), pathsOf(run)], checks };
}

async function withdraw(run: Run): Promise<Scene> {
  const words = ['vip', 'withdraw', vipName, '--reason', 'new switch'];
  const first = typeCommand(run, siteA, words);
  const checks = await becomes(run, siteBAlone, ['lvs-b', 'lvs-b', 'lvs-b', 'lvs-b']);
  const second = typeCommand(run, siteA, words);
  const typed = `vipkeeper vip withdraw ${vipName} --reason 'new switch' -f vipkeeper.yaml`;
  return {
    shown: [
      { node: 'lvs-a', command: typed, output: first.output },
      pathsOf(run),
      { node: 'lvs-a', command: typed, output: second.output },
    ],
    checks: [
      holds('a line for each route', countLines(first.output, 'withdrawn from now on') === 4),
      ...checks,
      holds(
        'a second time it says that it was so already',
        countLines(second.output, 'was withdrawn already') === 4,
      ),
      reads('exit codes', [first.code, second.code], ['0', '0']),
    ],
  };
}

async function announce(run: Run): Promise<Scene> {
  const { output, code } = typeCommand(run, siteA, ['vip', 'announce', vipName]);
  const checks = await becomes(run, bothSites, ['lvs-a', 'lvs-b', 'lvs-a', 'lvs-b']);
  const typed = `vipkeeper vip announce ${vipName} -f vipkeeper.yaml`;
  return {
    shown: [{ node: 'lvs-a', command: typed, output }, pathsOf(run)],
    checks: [
      holds('a line for each route', countLines(output, 'restored') === 4),
      ...checks,
      reads('exit code', [code], ['0']),
    ],
  };
}

/** What vip_watchdog did every minute, done by a check of vipkeeper. */
async function loseRealServers(run: Run): Promise<Scene> {
  writeTable(run, siteB, ['192.0.2.2']);
  const checks = await becomes(run, oneVipLess, ['lvs-a', 'lvs-a', 'lvs-a', 'lvs-b']);
  return { shown: tables(run).slice(0, 1), checks };
}

async function regainRealServers(run: Run): Promise<Scene> {
  writeTable(run, siteB, []);
  return { shown: [], checks: await becomes(run, bothSites, ['lvs-a', 'lvs-b', 'lvs-a', 'lvs-b']) };
}

async function becomes(
  run: Run,
  paths: readonly string[],
  answers: readonly string[],
): Promise<readonly Check[]> {
  await settlesAs(() => readPaths(run), paths, 20_000);
  const expected = vips.map(({ address }, index) => `${address} ${answers[index]} ${flows}`);
  await settlesAs(() => readLandings(run), expected, 5_000);
  return [
    reads('router1 knows the expected paths', readPaths(run), paths),
    reads('new connections land where expected', readLandings(run), expected),
  ];
}

function readLandings(run: Run): readonly string[] {
  return vips.map(({ address }) => {
    const landings = landingsOf(run, 'client', { vip: address, flows });
    return `${address} ${describeLandings(landings)}`;
  });
}

interface Path {
  readonly path: string;
  readonly bestpath?: boolean;
}

function readPaths(run: Run): readonly string[] {
  const known = new Map<string, readonly Path[]>(
    families.flatMap((family) => {
      const text = vtysh(run, 'router1', `show bgp ${family} unicast json`);
      const { routes = {} } = JSON.parse(text) as { readonly routes?: Record<string, Path[]> };
      return Object.entries(routes);
    }),
  );
  return vips.map(({ address, family }) => {
    const paths = known.get(`${address}/${hostLength[family]}`) ?? [];
    const sorted = [...paths].sort((one, other) => rankOf(one) - rankOf(other));
    return `${address} ${sorted.map(({ path }) => path).join(', ')}`;
  });
}

function rankOf({ bestpath }: Path): number {
  return bestpath === true ? 0 : 1;
}

function tables(run: Run): readonly Shown[] {
  return families.map((family) => {
    const command = `show bgp ${family} unicast`;
    return {
      node: 'router1',
      command: `vtysh -c '${command}'`,
      output: frrTable(vtysh(run, 'router1', command)),
    };
  });
}

/** As the seed looks at it. */
function pathsOf(run: Run): Shown {
  const command = 'show bgp ipv6 unicast 2001:db8::1/128';
  const lines = vtysh(run, 'router1', command).split('\n');
  const output = lines.find((line) => line.startsWith('Paths:')) ?? 'no path';
  return { node: 'router1', command: `vtysh -c '${command}' | grep Paths`, output };
}

function countLines(text: string, words: string): number {
  return text.split('\n').filter((line) => line.includes(words)).length;
}
