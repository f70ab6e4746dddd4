import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '../helpers/wait.ts';
import { succeeds } from './commands.ts';

/** A Docker engine that answers, or why there is none. */
export type Engine =
  | { readonly kind: 'running'; readonly isOurs: boolean; stop(): Promise<void> }
  | { readonly kind: 'none'; readonly why: string };

/** Images stay here from run to run; everything else of a run is in a directory that ends with it. */
const cache = '/var/cache/vipkeeper';
/** Where scripts/setup.mjs has put compose v2. */
const plugins = join(cache, 'cli');

/** Nothing of the host is changed: no bridge of Docker's own, no packet filter, no forwarding. */
const dockerd = (directory: string, socket: string): readonly string[] => [
  'setpriv',
  ...['--pdeathsig', 'TERM'],
  // Two test runs take turns: a data root serves one engine.
  ...['flock', '--no-fork', '--wait', '600', join(cache, 'lock')],
  'dockerd',
  ...['--host', `unix://${socket}`],
  ...['--data-root', join(cache, 'docker')],
  ...['--exec-root', join(directory, 'exec')],
  ...['--pidfile', join(directory, 'pid')],
  '--bridge=none',
  '--iptables=false',
  '--ip6tables=false',
  '--ip-masq=false',
  '--ip-forward=false',
];

/** Finds the engine of this machine, or starts Debian's for as long as the tests run. */
export async function openEngine(): Promise<Engine> {
  if (await succeeds(['docker', 'version']))
    return { kind: 'running', isOurs: false, stop: () => Promise.resolve() };
  const isInstalled = existsSync('/usr/sbin/dockerd') && (await succeeds(['docker', '--version']));
  if (!isInstalled)
    return { kind: 'none', why: 'no Docker engine answers, and docker.io is not installed' };
  if (process.getuid?.() !== 0)
    return { kind: 'none', why: 'no Docker engine answers, and only root can start one' };
  const directory = mkdtempSync(join(tmpdir(), 'vipkeeper-docker-'));
  mkdirSync(cache, { recursive: true });
  return startEngine(directory);
}

async function startEngine(directory: string): Promise<Engine> {
  const socket = join(directory, 'socket');
  const logFile = join(directory, 'log');
  const [file = '', ...args] = dockerd(directory, socket);
  const log = openSync(logFile, 'a');
  const child = spawn(file, args, { stdio: ['ignore', log, log] });
  let failure = '';
  child.once('error', (error) => {
    failure = error.message;
  });
  process.env['DOCKER_HOST'] = `unix://${socket}`;
  if (existsSync(plugins)) process.env['DOCKER_CONFIG'] = plugins;
  // Its image cannot be pulled everywhere; what it would clean up is swept here.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  process.env['TESTCONTAINERS_HOST_OVERRIDE'] = '127.0.0.1';
  const stop = async () => {
    process.removeListener('exit', sweep);
    sweep();
    await end(child, directory);
  };
  const hasEnded = () => failure !== '' || child.exitCode !== null || child.signalCode !== null;
  await waitFor(async () => hasEnded() || (await succeeds(['docker', 'version'])), {
    what: 'dockerd to answer',
    timeoutMs: 660_000,
    everyMs: 200,
  });
  if (hasEnded()) {
    const tail = failure || readFileSync(logFile, 'utf8').trim().split('\n').slice(-3).join('; ');
    if (failure === '') await end(child, directory);
    else forget(directory);
    return { kind: 'none', why: `dockerd does not start: ${tail}` };
  }
  // What a run left that was killed; and an interrupted run leaves nothing either.
  sweep();
  process.once('exit', sweep);
  return { kind: 'running', isOurs: true, stop };
}

/** Removes all containers and networks of our own engine. */
function sweep(): void {
  const docker = (...args: string[]) =>
    execFileSync('docker', args, {
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 30_000,
    }).toString();
  const containers = docker('ps', '--all', '--quiet').split('\n').filter(Boolean);
  if (containers.length > 0) docker('rm', '--force', '--volumes', ...containers);
  docker('network', 'prune', '--force');
}

async function end(child: ChildProcess, directory: string): Promise<void> {
  child.kill('SIGTERM');
  await waitFor(() => child.exitCode !== null || child.signalCode !== null, {
    what: 'the end of dockerd',
    timeoutMs: 30_000,
  });
  // dockerd leaves the network namespace of the host mounted here.
  spawnSync('umount', [join(directory, 'exec/netns/default')]);
  forget(directory);
}

function forget(directory: string): void {
  for (const name of ['DOCKER_HOST', 'DOCKER_CONFIG']) delete process.env[name];
  rmSync(directory, { recursive: true, force: true });
}
