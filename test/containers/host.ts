import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { waitFor } from '../helpers/wait.ts';
import { runCommand } from './commands.ts';
import { images } from './images.ts';

/** Builds the Debian package of this tree; resolves to its file. */
export async function buildPackage(): Promise<string> {
  const directory = temporaryDirectory();
  await runCommand(['deploy/debian/build', directory], {
    environment: { SOURCE_DATE_EPOCH: '1700000000' },
  });
  return join(directory, readdirSync(directory)[0] ?? '');
}

/** A Debian whose process 1 is systemd. */
export interface SystemdHost {
  /** Runs a script there as root, and resolves to what it printed. */
  run(script: string): Promise<string>;
}

/** Starts one in a network of Docker, for this test, with the package of this tree as /package.deb. */
export async function startSystemdHost(network: string): Promise<SystemdHost> {
  const rights = ['--cap-add', 'SYS_ADMIN', '--cgroupns', 'private'];
  const unconfined = ['seccomp=unconfined', 'apparmor=unconfined'];
  const output = await runCommand([
    ...['docker', 'run', '--detach', '--network', network, '--env', 'container=docker', ...rights],
    ...unconfined.flatMap((option) => ['--security-opt', option]),
    ...['/run', '/run/lock', '/tmp'].flatMap((path) => ['--tmpfs', path]),
    ...['--volume', `${await buildPackage()}:/package.deb:ro`],
    ...[images.host, 'sh', '-c'],
    'mount -o remount,rw /sys/fs/cgroup; exec /lib/systemd/systemd',
  ]);
  const id = output.trim();
  onTestFinished(async () => void (await runCommand(['docker', 'rm', '--force', '-v', id])));
  const run = (script: string) => runCommand(['docker', 'exec', id, 'sh', '-ec', script]);
  await waitFor(
    async () => /^(running|degraded)/.test(await run('systemctl is-system-running || :')),
    {
      what: 'systemd to boot',
      timeoutMs: 60_000,
      everyMs: 200,
    },
  );
  return { run };
}
