import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runCommand, succeeds } from './commands.ts';
import { type ComposeName, compose } from './compose.ts';

/** What is built for the tests: the images of the compose file, and a host. */
export const images = {
  vipkeeper: 'vipkeeper-test',
  zooKeeper: 'vipkeeper-test-zookeeper',
  router: 'vipkeeper-test-router',
  /** A Debian with systemd, ExaBGP and Node. */
  host: 'vipkeeper-test-host',
} as const;

const pullMs = 60_000;
const buildMs = 900_000;

/**
 * Builds all images from this tree. Base images come from a registry; where none answers, Debian is made by debootstrap
 * and Node is this machine's. They are kept by the engine, and made once.
 * @throws Error when neither works, or an image cannot be built.
 */
export async function buildImages(name: ComposeName): Promise<void> {
  const base = await baseImage('debian:bookworm-slim', 'vipkeeper-base', makeDebian);
  const node = await baseImage('node:20-bookworm-slim', 'vipkeeper-node', makeNode);
  process.env['BASE'] = base;
  process.env['NODE'] = node;
  // The host's network, since our own engine has no other.
  process.env['BUILD_NETWORK'] = 'host';
  process.env['VIPKEEPER_IMAGE'] = images.vipkeeper;
  process.env['ZOOKEEPER_IMAGE'] = images.zooKeeper;
  process.env['ROUTER_IMAGE'] = images.router;
  const bases = ['--build-arg', `BASE=${base}`, '--build-arg', `NODE=${node}`];
  const host = ['--file', 'test/containers/debian.Dockerfile', '--tag', images.host];
  // Side by side: each waits for a mirror and a disk most of the time.
  await Promise.all([
    compose(name, ['build', 'zk1', 'lb1', 'router'], buildMs),
    runCommand(['docker', 'build', '--network', 'host', ...bases, ...host, 'test/containers'], {
      timeoutMs: buildMs,
    }),
  ]);
  // What earlier builds leave without a name.
  await runCommand(['docker', 'image', 'prune', '--force']);
}

async function baseImage(
  official: string,
  ours: string,
  make: (tag: string, directory: string) => Promise<void> | void,
): Promise<string> {
  for (const name of [official, ours]) if (await hasImage(name)) return name;
  if (await succeeds(['docker', 'pull', '--quiet', official], { timeoutMs: pullMs }))
    return official;
  const directory = mkdtempSync(join(tmpdir(), 'vipkeeper-base-'));
  try {
    await make(ours, directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return ours;
}

function hasImage(name: string): Promise<boolean> {
  return succeeds(['docker', 'image', 'inspect', name]);
}

async function makeDebian(tag: string, directory: string): Promise<void> {
  await runCommand(['debootstrap', '--variant=minbase', 'bookworm', directory], {
    timeoutMs: buildMs,
  });
  // As in Debian's own slim image: no documentation, and dpkg waits for no disk.
  const settings = ['force-unsafe-io', ...slimmed.map((path) => `path-exclude=${path}/*`), ''];
  writeFileSync(join(directory, 'etc/dpkg/dpkg.cfg.d/slim'), settings.join('\n'));
  for (const path of [...slimmed, '/var/cache/apt/archives', '/var/lib/apt/lists'])
    rmSync(join(directory, path), { recursive: true, force: true });
  importImage(tag, directory);
}

const slimmed = ['/usr/share/doc', '/usr/share/man', '/usr/share/info', '/usr/share/locale'];

function makeNode(tag: string, directory: string): void {
  const target = join(directory, 'usr/local/bin/node');
  mkdirSync(dirname(target), { recursive: true });
  run('cp', process.execPath, target);
  importImage(tag, directory);
}

function importImage(tag: string, directory: string): void {
  run('sh', '-c', 'tar -C "$1" -c . | docker import - "$2"', 'sh', directory, tag);
}

function run(file: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(file, args, { encoding: 'utf8' });
  if (status !== 0)
    throw new Error(`${file} ${args.join(' ')} failed: ${error?.message ?? stderr}`);
}
