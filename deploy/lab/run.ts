import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isSameLife, startTicksOf } from './processes.ts';

/** Where runs leave their state: a fixed place, so that `down`, `status` and the next start find them. */
const stateRoot = '/run/vipkeeper-lab';

/** One lab: its namespaces all start with `prefix`, its files are all below `directory`. */
export interface Run {
  readonly prefix: string;
  readonly directory: string;
  /** Kept after the process that built it ends (`up`), until `down`. */
  readonly isKept: boolean;
  readonly pid: number;
  readonly startTicks: number;
}

/** Registers a new run of this process before anything is built, so that a crash leaves a trace to clean up by. */
export function createRun(options: { readonly isKept: boolean }): Run {
  const prefix = `vk${process.pid}-`;
  const directory = join(stateRoot, prefix.slice(0, -1));
  const run: Run = {
    prefix,
    directory,
    isKept: options.isKept,
    pid: process.pid,
    startTicks: startTicksOf(process.pid) ?? 0,
  };
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'run.json'), JSON.stringify(run));
  return run;
}

/** All runs that left state behind, living or not. */
export function listRuns(): readonly Run[] {
  if (!existsSync(stateRoot)) return [];
  return readdirSync(stateRoot)
    .map((name) => join(stateRoot, name, 'run.json'))
    .filter((file) => existsSync(file))
    .flatMap((file) => readRun(file) ?? []);
}

/** Whether nobody will clean that run up any more: its process is gone and it was not meant to stay. */
export function isAbandoned(run: Run): boolean {
  return !run.isKept && !isSameLife(run.pid, run.startTicks);
}

/** The repository: the nearest directory above this file, or else the current one, that holds bin/vipkeeper. */
export function repositoryRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (directory !== dirname(directory)) {
    if (existsSync(join(directory, 'bin', 'vipkeeper'))) return directory;
    directory = dirname(directory);
  }
  return process.cwd();
}

/** What to start for the lab's own helper processes: the bundle, also when this runs from source (in tests). */
export function labEntry(): string {
  const self = fileURLToPath(import.meta.url);
  return self.endsWith('.js') ? self : join(repositoryRoot(), 'dist', 'lab.js');
}

/** A run file cut short by a crash says nothing that could be acted on. */
function readRun(file: string): Run | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Run;
  } catch {
    return undefined;
  }
}
