import { execFile } from 'node:child_process';
import { resolve } from 'node:path';

export const repositoryRoot = resolve(import.meta.dirname, '../..');

export interface CommandOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/**
 * Runs a command in the repository, and resolves to what it printed.
 * @throws Error with its last lines when it fails, or takes longer than it may (default a minute).
 */
export function runCommand(
  [file = '', ...args]: readonly string[],
  { environment = {}, timeoutMs = 60_000 }: CommandOptions = {},
): Promise<string> {
  const env = { ...process.env, ...environment };
  const limits = { timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve, reject) => {
    execFile(file, args, { cwd: repositoryRoot, env, ...limits }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const tail = `${stdout}${stderr}`.trim().split('\n').slice(-15).join('\n');
      reject(
        new Error(`${[file, ...args].join(' ')} failed: ${error.code ?? error.signal}\n${tail}`),
      );
    });
  });
}

/** Whether a command can be run, and ends well. */
export async function succeeds(
  command: readonly string[],
  options?: CommandOptions,
): Promise<boolean> {
  return runCommand(command, { timeoutMs: 10_000, ...options }).then(
    () => true,
    () => false,
  );
}
