// Makes a fresh Debian 12 with Node 20 ready for tests, lab and bench: Debian's packages, node_modules, dist.
// With `--containers` a Docker engine too. Quiet and quick when nothing is missing. Runs before anything is installed, so it uses Node alone.

import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import {
  composePlugin,
  isOnPath,
  missingContainerPackages,
  missingPackages,
  purposeOf,
} from './packages.mjs';

const apt = [
  'env',
  'DEBIAN_FRONTEND=noninteractive',
  'apt-get',
  '-qq',
  '-y',
  '-o',
  'DPkg::Lock::Timeout=120',
];

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

requireNode(20, 19);
installPackages();
installComposePlugin();
installModules();
buildWhenStale();

function requireNode(major, minor) {
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return;
  fail(`vipkeeper needs Node ${major}.${minor} or newer; this is ${process.versions.node}`);
}

function installPackages() {
  const isForContainers = process.argv.includes('--containers');
  const missing = [...missingPackages(), ...(isForContainers ? missingContainerPackages() : [])];
  if (missing.length === 0) return;
  const asRoot = rootPrefix();
  if (!isOnPath('apt-get') || asRoot === undefined) {
    sayMissing(missing, 'this user may not install packages (neither root nor sudo)');
    return;
  }
  say(`installing Debian packages: ${missing.join(' ')}`);
  const releaseGuard = guardServices(asRoot);
  try {
    const updated = run([...asRoot, ...apt, 'update']);
    const installed = run([...asRoot, ...apt, 'install', '--no-install-recommends', ...missing]);
    if (installed.ok) disableServices(asRoot, missing);
    else
      sayMissing(
        missing,
        `apt-get failed:\n${updated.ok ? '' : updated.output}${installed.output}`,
      );
  } finally {
    releaseGuard();
  }
}

/** What goes before a command to run it as root; undefined when there is no way to. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  if (!isOnPath('sudo')) return undefined;
  // sudo may ask a person for a password, but must not hang a machine that has none to answer.
  if (process.stdin.isTTY) return ['sudo'];
  return run(['sudo', '-n', 'true']).ok ? ['sudo', '-n'] : undefined;
}

/**
 * Keeps Debian's services from starting while their packages are installed (policy-rc.d, see invoke-rc.d(8)): they would
 * take ports that tests use. A policy that is already there is left alone.
 */
function guardServices(asRoot) {
  const file = '/usr/sbin/policy-rc.d';
  if (existsSync(file)) return () => undefined;
  const script = `printf '#!/bin/sh\\nexit 101\\n' > ${file} && chmod 755 ${file}`;
  run([...asRoot, 'sh', '-c', script]);
  const release = () => run([...asRoot, 'rm', '-f', file]);
  // An interrupted installation must not leave a machine on which no service ever starts.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
      release();
      process.exit(1);
    });
  }
  return release;
}

/** And from starting at the next boot; only those that came with this installation. */
function disableServices(asRoot, installed) {
  const units = {
    bird2: ['bird'],
    'nginx-light': ['nginx'],
    exabgp: ['exabgp'],
    frr: ['frr'],
    prometheus: ['prometheus'],
    'docker.io': ['docker.service', 'docker.socket', 'containerd'],
  };
  const fresh = installed.flatMap((name) => units[name] ?? []);
  if (fresh.length > 0 && isOnPath('systemctl')) run([...asRoot, 'systemctl', 'disable', ...fresh]);
}

/** Only where the tests can start an engine of their own, which runs it from there; the host has nothing of it. */
function installComposePlugin() {
  const { url, sha256, architecture, pathInPackage, target } = composePlugin;
  if (!process.argv.includes('--containers') || process.getuid?.() !== 0) return;
  if (process.arch !== architecture || existsSync(target) || !isOnPath('dockerd')) return;
  if (run(['docker', 'compose', 'version']).ok) return;
  say('fetching compose v2');
  const directory = mkdtempSync(join(tmpdir(), 'vipkeeper-compose-'));
  const file = join(directory, 'compose.deb');
  try {
    for (const command of [
      ['/usr/lib/apt/apt-helper', 'download-file', url, file, `SHA256:${sha256}`],
      ['dpkg-deb', '--extract', file, directory],
    ]) {
      const { ok, output } = run(command);
      if (!ok) return say(`compose v2 cannot be had; going on without:\n${output}`);
    }
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(directory, pathInPackage), target);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function sayMissing(missing, reason) {
  say(`${missing.length} Debian packages are missing, and ${reason}`);
  for (const name of missing) say(`  ${name}: ${purposeOf(name)}`);
  say(`install them by hand: apt-get install --no-install-recommends ${missing.join(' ')}`);
  say('going on; tests that need them are skipped');
}

function installModules() {
  const stamp = 'node_modules/.package-lock.json';
  if (existsSync(stamp) && modifiedMs(stamp) >= modifiedMs('package-lock.json')) return;
  say('installing node_modules');
  const installed = run(['npm', 'ci', '--no-audit', '--no-fund']);
  if (!installed.ok) fail(`npm ci failed:\n${installed.output}`);
}

function buildWhenStale() {
  const built = ['dist/vipkeeper.js', 'dist/exazk.js', 'dist/lab.js', 'dist/bench.js'].filter(
    existsSync,
  );
  const sources = [
    'src',
    'deploy',
    'bench',
    'scripts/build.mjs',
    'package.json',
    'package-lock.json',
  ];
  const newestSourceMs = Math.max(...sources.flatMap(filesUnder).map(modifiedMs));
  const isFresh = built.includes('dist/vipkeeper.js') && built.includes('dist/lab.js');
  if (isFresh && Math.min(...built.map(modifiedMs)) >= newestSourceMs) return;
  say('building');
  const result = run([process.execPath, 'scripts/build.mjs']);
  if (!result.ok) fail(`the build failed:\n${result.output}`);
}

function filesUnder(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).flatMap((name) => filesUnder(join(path, name)));
}

function modifiedMs(path) {
  return statSync(path).mtimeMs;
}

/** Runs a command to its end, quietly. */
function run([file, ...args]) {
  const result = spawnSync(file, args, {
    encoding: 'utf8',
    stdio: ['inherit', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`;
  return { ok: result.status === 0, output };
}

function say(line) {
  process.stderr.write(`setup: ${line}\n`);
}

function fail(line) {
  say(line);
  process.exit(1);
}
