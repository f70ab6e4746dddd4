import { execFileSync, type StdioOptions, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSameLife, signal, startTicksOf } from './processes.ts';
import type { Run } from './run.ts';

/** A long-running process inside a namespace, started by this or an earlier lab command. */
export interface Daemon {
  readonly pid: number;
  readonly startTicks: number;
}

export interface DaemonOptions {
  readonly run: Run;
  readonly node: string;
  /** Names its log files and pid file. */
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly environment?: Readonly<Record<string, string>>;
  /** Descriptors of sockets for it, which it has from 3 on. */
  readonly sockets?: readonly number[];
}

/** The namespace that is this node of this run. */
export function namespaceOf(run: Run, node: string): string {
  return `${run.prefix}${node}`;
}

/** Runs a short command inside a node and returns what it printed. */
export function runIn(run: Run, node: string, ...command: readonly string[]): string {
  return runHere('ip', 'netns', 'exec', namespaceOf(run, node), ...command);
}

/** Runs `ip` on a node's links and addresses. */
export function ipIn(run: Run, node: string, ...words: readonly string[]): string {
  return runHere('ip', '-n', namespaceOf(run, node), ...words);
}

/** Runs a short command; a failure carries what it said. */
export function runHere(command: string, ...words: readonly string[]): string {
  try {
    return execFileSync(command, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const said = String((error as { stderr?: unknown }).stderr ?? error).trim();
    throw new Error(`${command} ${words.join(' ')}: ${said}`, { cause: error });
  }
}

/** Files of one node. */
export function nodeDirectory(run: Run, node: string): string {
  const directory = join(run.directory, node);
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** The words that start a program inside a node. */
export function commandIn(run: Run, node: string, command: readonly string[]): string[] {
  return ['ip', 'netns', 'exec', namespaceOf(run, node), ...command];
}

/**
 * Starts a process that outlives this one if need be: own session, output appended to files. `ip netns exec` replaces
 * itself, so the pid is the program's own.
 */
export function startDaemon(options: DaemonOptions): Daemon {
  const { run, node, name } = options;
  const directory = nodeDirectory(run, node);
  const output: StdioOptions = [
    'ignore',
    openSync(join(directory, `${name}.out.log`), 'a'),
    openSync(join(directory, `${name}.err.log`), 'a'),
    ...(options.sockets ?? []),
  ];
  const [program = 'ip', ...words] = commandIn(run, node, options.command);
  const child = spawn(program, words, {
    cwd: directory,
    detached: true,
    stdio: output,
    env: { ...process.env, ...options.environment },
  });
  child.on('error', (error) => {
    throw new Error(`${name} on ${node} cannot be started`, { cause: error });
  });
  child.unref();
  if (child.pid === undefined) throw new Error(`${name} on ${node} cannot be started`);
  const daemon: Daemon = { pid: child.pid, startTicks: startTicksOf(child.pid) ?? 0 };
  writeFileSync(join(directory, `${name}.pid`), JSON.stringify(daemon));
  return daemon;
}

/** The process of that name last started on a node, when it still runs. */
export function findDaemon(run: Run, node: string, name: string): Daemon | undefined {
  try {
    const text = readFileSync(join(run.directory, node, `${name}.pid`), 'utf8');
    const daemon = JSON.parse(text) as Daemon;
    return isSameLife(daemon.pid, daemon.startTicks) ? daemon : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Ends every process inside the namespaces of a prefix, then removes the namespaces. Only our own processes can be in
 * there, so no pid has to be guessed. Synchronous, because it also runs while the process dies; repeated, because the
 * signal that ends us may hit the commands started here as well.
 */
export function removeNamespaces(prefix: string): void {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const names = listNamespaces(prefix);
    if (names?.length === 0) return;
    for (const name of names ?? []) {
      for (const pid of pidsIn(name)) signal(pid, 'SIGKILL');
      spawnSync('ip', ['netns', 'del', name]);
    }
  }
}

/** Namespaces with a prefix; undefined when the question failed. */
function listNamespaces(prefix: string): readonly string[] | undefined {
  const { status, stdout } = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  if (status !== 0) return undefined;
  const names = stdout.split('\n').map((line) => line.split(' ')[0] ?? '');
  return names.filter((name) => name.startsWith(prefix));
}

function pidsIn(namespace: string): readonly number[] {
  const { stdout } = spawnSync('ip', ['netns', 'pids', namespace], { encoding: 'utf8' });
  return (stdout ?? '').split('\n').filter(Boolean).map(Number);
}
