import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Instance } from '../core/instance.ts';

/** What became of the process that wrote an instance record, as far as this host can tell. */
export type Fate =
  /** It runs. */
  | 'alive'
  /** It is gone for good. */
  | 'dead'
  /** This host cannot tell: another host's process, or no usable `/proc`. */
  | 'elsewhere';

/**
 * Reads who this process is from `/proc`. The speaker is our parent: ExaBGP starts its helpers itself, without a shell.
 * What cannot be read is empty or 0, which {@link fateOf} takes as "cannot tell".
 */
export function readInstance(): Instance {
  return {
    host: hostname(),
    bootId: readBootId(),
    pid: process.pid,
    startTicks: readStartTicks(process.pid),
    speakerPid: process.ppid,
    speakerStartTicks: readStartTicks(process.ppid),
    startedMs: Math.round(performance.timeOrigin),
  };
}

/**
 * Tells whether the process behind a record still lives; a zombie is dead.
 *
 * Known limits. A record from another pid namespace names a pid that means nothing in ours: an agent in a second
 * container on this host that shares our host name is called dead although it may live, and so is one on another
 * machine that shares our host name, by its boot id. Whoever uses this therefore asks as well that the other life is
 * the older one: then the younger agent takes over, the older one sees that and steps back, and nobody fights.
 */
export function fateOf(instance: Instance, own: Instance): Fate {
  if (instance.host !== own.host) return 'elsewhere';
  if (instance.bootId === '' || own.bootId === '') return 'elsewhere';
  if (instance.bootId !== own.bootId) return 'dead';
  // If we cannot even see ourselves, /proc is missing or another namespace's, and an absent pid proves nothing.
  if (own.startTicks === 0 || readStartTicks(own.pid) !== own.startTicks) return 'elsewhere';
  const stat = readStat(instance.pid);
  if (stat === 'unreadable') return 'elsewhere';
  if (stat === 'absent' || stat.isZombie) return 'dead';
  return stat.startTicks === instance.startTicks ? 'alive' : 'dead';
}

interface Stat {
  readonly isZombie: boolean;
  readonly startTicks: number;
}

/**
 * Parses `/proc/PID/stat` (proc(5)). Field 2 is the command name in parentheses and may itself hold spaces and
 * parentheses, so fields are counted from the last one. Undefined when the text is no such line.
 */
export function parseStat(text: string): Stat | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields[0], Number(fields[19])];
  if (state === undefined || !Number.isSafeInteger(startTicks)) return undefined;
  return { isZombie: state === 'Z' || state === 'X', startTicks };
}

function readStat(pid: number): Stat | 'absent' | 'unreadable' {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? 'unreadable';
  } catch (error) {
    return isGone(error) ? 'absent' : 'unreadable';
  }
}

/** ESRCH: it ended between opening and reading. */
function isGone(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')
  );
}

function readStartTicks(pid: number): number {
  const stat = readStat(pid);
  return typeof stat === 'string' ? 0 : stat.startTicks;
}

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return '';
  }
}
