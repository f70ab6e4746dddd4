import { execa } from 'execa';
import type { Clock } from '../core/clock.ts';
import { createExcerpt, printable } from './excerpt.ts';

/** Longest detail of a verdict, in characters; src/core/event.ts promises it. */
const detailMax = 200;

/** What one run of a command came to. */
export interface CommandVerdict {
  /** Exit code 0 within the timeout. */
  readonly passed: boolean;
  /** Exit code, signal, time-out or start error, and the first output line; printable ASCII, at most 200 characters. */
  readonly detail: string;
}

/** What to run, and for how long. */
export interface CommandOptions {
  readonly command: string;
  readonly timeoutMs: number;
  /** What gets SIGTERM at the timeout has so long until SIGKILL; default: it gets SIGKILL at once. */
  readonly graceMs?: number;
  /** What the shell leaves behind in its group when it ends may live on; default: it is killed. */
  readonly mayLeaveBehind?: boolean;
  /** Variables besides our own. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly clock: Clock;
}

/** A command that was started. */
export interface StartedCommand {
  /** Kills its whole process group; no verdict follows. Twice is harmless. */
  kill(): void;
}

/**
 * Runs a command once by `/bin/sh -c`, as ExaZK and ExaBGP's healthcheck do, in a process group of its own.
 *
 * `judged` is called once, never during this call: when the shell ends, when it cannot be started, or at the timeout.
 * An open pipe held by what the shell leaves behind delays nothing. A descendant that made a session of its own
 * (`setsid`) is out of reach.
 * `ended` is called once, when the shell has left the process table or never was in it.
 */
export function startCommand(
  options: CommandOptions,
  on: { judged(verdict: CommandVerdict): void; ended(): void },
): StartedCommand {
  const { clock, timeoutMs, graceMs = 0 } = options;
  // stdin, stdout and stderr are never ours: stdout is ExaBGP's command pipe.
  const child = execa('/bin/sh', ['-c', options.command], {
    detached: true,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    env: { ...options.environment },
  });
  const outputs = [createExcerpt(child.stdout), createExcerpt(child.stderr)];
  let cancelKill = () => {};
  let isJudged = false;
  let hasExited = false;
  const judge = (passed: boolean, outcome: string) => {
    if (isJudged) return;
    isJudged = true;
    cancelTimeout();
    const line = outputs.map((output) => output.firstLine()).find((text) => text !== '');
    const detail = line === undefined ? outcome : `${outcome}: ${line}`;
    on.judged({ passed, detail: printable(detail).slice(0, detailMax) });
  };
  const endGroup = () => {
    signalGroup(child.pid, graceMs > 0 ? 'SIGTERM' : 'SIGKILL');
    if (graceMs > 0) cancelKill = clock.setTimer(graceMs, () => signalGroup(child.pid, 'SIGKILL'));
  };
  const cancelTimeout = clock.setTimer(timeoutMs, () =>
    // A late timer may run before an exit that is already waiting to be heard (after a long pause of this process):
    // one turn of the event loop later that exit has been heard, and counts.
    setImmediate(() => {
      if (hasExited) return;
      if (!isJudged) endGroup();
      judge(false, `timed out after ${timeoutMs} ms`);
    }),
  );
  // The verdict is the shell's exit, not the end of its output, which what it left behind may hold open. What it has
  // written may still be unread: one SIGCHLD tells of all that have ended since, and is dealt with in a turn of the event
  // loop that began before this one wrote its last. The first `setImmediate` is of that turn, the second of the next.
  child.once('exit', (code, signal) => {
    hasExited = true;
    cancelKill();
    // Behind a shell that was ended at the timeout nothing stays either.
    if (options.mayLeaveBehind !== true || isJudged) signalGroup(child.pid, 'SIGKILL');
    setImmediate(() =>
      setImmediate(() => {
        for (const output of outputs) output.close();
        judge(code === 0, code === null ? `killed by ${signal}` : `exit code ${code}`);
        on.ended();
      }),
    );
  });
  void child.then((result) => {
    if (child.pid !== undefined) return;
    judge(false, `cannot be started: ${result.originalMessage ?? 'no reason given'}`);
    on.ended();
  });
  return {
    kill() {
      isJudged = true;
      cancelTimeout();
      if (child.exitCode === null && child.signalCode === null) signalGroup(child.pid, 'SIGKILL');
    },
  };
}

/**
 * Signals a process group that we lead in name. Called before or right at the leader's exit, so that the id cannot have
 * been given to a stranger: the kernel reuses ids only after going through all others.
 */
function signalGroup(pid: number | undefined, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: nobody is left in the group. EPERM: the command changed its user, and its end is its own.
  }
}
