import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One network namespace with a directory of its own, and the processes that run in it. */
export interface Namespace {
  readonly directory: string;
  /** Starts a program inside; it is killed with this process. Output goes to `logFile`. */
  run(program: string, args: readonly string[], options: RunOptions): Running;
  /** Ends all processes started here, by their ids, and removes namespace and directory. */
  remove(): void;
}

export interface RunOptions {
  readonly logFile: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A started process. */
export interface Running {
  readonly pid: number;
  readonly exited: Promise<number | string>;
  signal(name: NodeJS.Signals): void;
}

/** With a process id behind it: namespaces and temporary directories that go once that process is gone. */
export const stalePrefix = 'vk-test-';
let count = 0;

/** Why real BGP speakers cannot run here; undefined when they can. */
export function missingForBgp(): string | undefined {
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const missing = ['/usr/sbin/exabgp', '/usr/sbin/bird', '/usr/sbin/birdc'].find(
    (path) => !existsSync(path),
  );
  return missing === undefined ? undefined : `${missing} is not installed`;
}

/** Makes a namespace whose loopback has these addresses, so that speakers inside can talk to each other. */
export function createNamespace(addresses: readonly string[]): Namespace {
  removeStaleNamespaces();
  count += 1;
  const name = `${stalePrefix}${process.pid}-${count}`;
  ip('netns', 'add', name);
  ip('-n', name, 'link', 'set', 'lo', 'up');
  for (const address of addresses) ip('-n', name, 'address', 'add', address, 'dev', 'lo');
  const directory = mkdtempSync(join(tmpdir(), `${name}-`));
  const running = new Map<number, Running>();

  const remove = (): void => {
    process.off('exit', remove);
    for (const child of running.values()) {
      // A stopped process does not act on anything but SIGKILL.
      child.signal('SIGKILL');
    }
    ip('netns', 'delete', name);
    rmSync(directory, { recursive: true, force: true });
  };
  process.on('exit', remove);

  return {
    directory,
    run(program, args, options) {
      const child = start(name, program, args, options);
      running.set(child.pid, child);
      child.exited.then(
        () => running.delete(child.pid),
        () => running.delete(child.pid),
      );
      return child;
    },
    remove,
  };
}

function start(name: string, program: string, args: readonly string[], options: RunOptions) {
  const log = openSync(options.logFile, 'a');
  // Both wrappers exec, so that the id is the program's own; it dies with this process, however that ends.
  const wrapped = ['netns', 'exec', name, 'setpriv', '--pdeathsig', 'KILL', program, ...args];
  const child = spawn('ip', wrapped, {
    stdio: ['ignore', log, log],
    env: { ...process.env, ...options.environment },
  });
  closeSync(log);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program} did not start`);
  let hasExited = false;
  return {
    pid,
    exited: new Promise<number | string>((resolve) => {
      child.on('exit', (code, signal) => {
        hasExited = true;
        resolve(code ?? signal ?? 'unknown');
      });
    }),
    signal(signalName: NodeJS.Signals) {
      // After its end the id may be somebody else's.
      if (!hasExited) process.kill(pid, signalName);
    },
  };
}

/** Removes what test processes left behind that ended without cleaning up; their children died with them. */
export function removeStaleNamespaces(): void {
  const isStale = (name: string): boolean => {
    const owner = name.startsWith(stalePrefix)
      ? Number.parseInt(name.slice(stalePrefix.length), 10)
      : Number.NaN;
    return Number.isInteger(owner) && !existsSync(`/proc/${owner}`);
  };
  const names = ip('netns', 'list')
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '');
  for (const name of names.filter(isStale)) ip('netns', 'delete', name);
  for (const entry of readdirSync(tmpdir()).filter(isStale))
    rmSync(join(tmpdir(), entry), { recursive: true, force: true });
}

function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8' });
}
