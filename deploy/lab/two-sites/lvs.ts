import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeDirectory, runIn } from '../namespaces.ts';
import { startNginx } from '../nginx.ts';
import { type Run, repositoryRoot } from '../run.ts';
import { type Neighbor, startSpeaker, vipkeeperCommand } from '../speaker.ts';
import { startZooKeeper } from '../zookeeper.ts';
import {
  families,
  holdTimeSeconds,
  lvsLinkOf,
  prepend,
  type Site,
  sites,
  vipName,
  vips,
} from './plan.ts';

const loopback = '127.0.0.1';

/** Starts the ensemble of each site, which is one server on its LVS, for this lab's purposes. */
export function startEnsembles(run: Run): void {
  for (const { lvs } of sites) startZooKeeper(run, { node: lvs, address: loopback });
}

/** Starts the service of each site, and ExaBGP with vipkeeper, by the configuration that is shipped. */
export function startSites(run: Run): void {
  for (const site of sites) {
    const { lvs } = site;
    startNginx(run, lvs);
    writeTable(run, site, []);
    const example = join(repositoryRoot(), 'deploy', 'exabgp', 'two-sites.yaml');
    copyFileSync(example, configFile(run, site));
    writeFileSync(hostsFile(run, site), hosts());
    startSpeaker(run, lvs, {
      helper: vipkeeperCommand('run', '-f', configFile(run, site)),
      hearsNeighbors: true,
      neighbors: neighborsOf(site),
      environment: environmentOf(run, site),
    });
  }
}

/**
 * Writes the table of IPVS of a site, which the kernel writes elsewhere: three real servers behind each VIP, and none
 * behind those that are named.
 */
export function writeTable(run: Run, site: Site, dead: readonly string[]): void {
  const servers = vips.map(({ address, family }) => {
    const bracket = (text: string) => (family === 'ipv6' ? `[${text}]` : text);
    const real = [1, 2, 3].map((number) => {
      const server = family === 'ipv6' ? `2001:db8:42::${number}` : `198.51.100.${number}`;
      return `  -> ${bracket(server)}:80              Tunnel  1      0          0\n`;
    });
    return `TCP  ${bracket(address)}:80 wlc\n${dead.includes(address) ? '' : real.join('')}`;
  });
  const head = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
`;
  writeFileSync(tableFile(run, site), `${head}${servers.join('')}`);
}

/** Types a vipkeeper command on a site's LVS, with a resolver that knows the name; what it prints, and its exit code. */
export function typeCommand(
  run: Run,
  site: Site,
  words: readonly string[],
): { readonly output: string; readonly code: string } {
  const variables = Object.entries(environmentOf(run, site)).map(
    ([name, value]) => `${name}=${value}`,
  );
  // `ip netns exec` has mounts of its own, so that nobody else sees this hosts file.
  const script = `mount --bind ${hostsFile(run, site)} /etc/hosts && "$@" 2>&1; echo "exit $?"`;
  const text = runIn(
    run,
    site.lvs,
    ...['env', ...variables, 'sh', '-c', script, 'sh'],
    ...vipkeeperCommand(...words, '-f', configFile(run, site)),
  );
  const [, output = '', code = ''] = /^([\s\S]*)exit (\d+)\n$/.exec(text) ?? [];
  return { output, code };
}

/** What the shipped file leaves to the site. */
function environmentOf(run: Run, site: Site): Readonly<Record<string, string>> {
  return {
    HOSTNAME: 'lvs1',
    ZOOKEEPER: `${loopback}:2181`,
    LOCAL_AS: String(site.lvsAsn),
    IPVS_TABLE: tableFile(run, site),
    SITE_1_PREPEND: String(site.number === 1 ? 0 : prepend),
    SITE_2_PREPEND: String(site.number === 2 ? 0 : prepend),
  };
}

function neighborsOf(site: Site): readonly Neighbor[] {
  const { lvsAsn, borderAsn } = site;
  return families.map((family) => {
    const [remote, local] = lvsLinkOf(site)[family];
    const ends = { local, localAs: lvsAsn, remote, remoteAs: borderAsn };
    return { ...ends, routerId: lvsLinkOf(site).ipv4[1], holdTimeSeconds, family };
  });
}

function hosts(): string {
  const names = vips.map(({ address }) => `${address} ${vipName}`);
  return `127.0.0.1 localhost\n${names.join('\n')}\n`;
}

function configFile(run: Run, { lvs }: Site): string {
  return join(nodeDirectory(run, lvs), 'vipkeeper.yaml');
}

function tableFile(run: Run, { lvs }: Site): string {
  return join(nodeDirectory(run, lvs), 'ip_vs');
}

function hostsFile(run: Run, { lvs }: Site): string {
  return join(nodeDirectory(run, lvs), 'hosts');
}
