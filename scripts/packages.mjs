// The Debian packages that tests, lab and bench need, and which of them this machine lacks.

import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Package, and what it is for. */
const packages = {
  zookeeper: 'the coordination service',
  'libnetty-java': 'TLS in ZooKeeper',
  openssl: 'certificates for the tests of TLS',
  exabgp: 'the BGP speaker that runs the agent',
  bird2: 'the routers of the lab',
  frr: 'the other routers of the labs',
  'nginx-light': 'the service behind the VIPs',
  iproute2: 'network namespaces',
  iptables: 'packet loss as a fault',
  procps: 'sysctl',
  bsdutils: 'logger, the way to syslog',
  'util-linux': 'setsid and nsenter',
  curl: 'the health check of the lab',
  prometheus: 'promtool, which checks the alert rules',
  zsh: 'one of the shells that complete command lines',
  fish: 'another one',
  chromium: 'the browser of the tests of the page',
};

/** What a Docker engine of our own takes: the program that is looked for, its package, and what it is for. */
const containerPrograms = [
  { program: 'dockerd', name: 'docker.io', purpose: 'the engine that runs the images' },
  {
    program: 'docker-compose',
    name: 'docker-compose',
    purpose: 'the topology of docker-compose.yml',
  },
  {
    program: 'debootstrap',
    name: 'debootstrap',
    purpose: 'the base image, where no registry answers',
  },
];

/**
 * Compose v2, which Debian 12 does not have: Debian 13's, taken out of its package as a plugin of the docker program. For one
 * architecture, by the name that Node has for it.
 */
export const composePlugin = {
  url: 'http://deb.debian.org/debian/pool/main/d/docker-compose/docker-compose_2.26.1-4_amd64.deb',
  sha256: '47681197cb2b1ab88206b42a1a92fc75f50d9530a6322d03494a473eed0408ea',
  architecture: 'x64',
  pathInPackage: 'usr/libexec/docker/cli-plugins/docker-compose',
  target: '/var/cache/vipkeeper/cli/cli-plugins/docker-compose',
};

/** Packages that the tests of the images lack; none where a Docker engine with compose answers already. */
export function missingContainerPackages() {
  const answers = (...args) => spawnSync('docker', args, { timeout: 10_000 }).status === 0;
  if (answers('version') && (answers('compose', 'version') || isOnPath('docker-compose')))
    return [];
  return containerPrograms.filter(({ program }) => !isOnPath(program)).map(({ name }) => name);
}

/** Names of the packages that are missing; empty on a machine that is ready. */
export function missingPackages() {
  const query = spawnSync(
    'dpkg-query',
    ['-W', `-f=\${Package} \${db:Status-Status}\n`, ...Object.keys(packages)],
    { encoding: 'utf8' },
  );
  const installed = new Set(
    (query.stdout ?? '')
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  const missing = Object.keys(packages).filter((name) => !installed.has(name));
  // ZooKeeper runs on any Java, packaged or not.
  return isOnPath('java') ? missing : [...missing, 'default-jre-headless'];
}

/** What a package is for, in a few words. */
export function purposeOf(name) {
  const container = containerPrograms.find((program) => program.name === name);
  return packages[name] ?? container?.purpose ?? 'Java, which ZooKeeper runs on';
}

/** Whether a program is found on PATH or where Debian keeps what only root runs. */
export function isOnPath(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
