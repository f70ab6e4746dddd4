import { spawnSync } from 'node:child_process';
import { closeSync, constants, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';

const deadlineMs = 3_000;

/**
 * Locks a file for as long as this process lives or until it closes the descriptor that is returned; makes it if need
 * be. Node knows no flock(2), but flock(1) locks what it inherits, and such a lock belongs to the open file, not to the
 * process that asked for it. So the kernel ends it with us, however we end; it knows no race between two starters, no
 * reused pids, and no pid namespaces: containers that share the file share the lock.
 *
 * Known limits: whoever deletes the file lets a second process lock its successor, and a network file system may keep
 * the locks of different hosts apart.
 * @param name says who we are, for the message to others.
 * @throws Error that says who has it, or why it cannot be locked.
 */
export function lockFile(path: string, name: string): number {
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  try {
    takeLock(fd);
    ftruncateSync(fd);
    writeSync(fd, name, 0);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Waits a second: when an agent is started again, the kernel may not be done with the one before. */
function takeLock(fd: number): void {
  const { status, error, stderr } = spawnSync('flock', ['-w', '1', '3'], {
    stdio: ['ignore', 'ignore', 'pipe', fd],
    timeout: deadlineMs,
    encoding: 'latin1',
  });
  if (status === 0) return;
  const said = error?.message ?? stderr.trim();
  if (status === 1 && said === '')
    throw new Error(`another living agent uses it (${nameIn(fd)}); give each one of its own`);
  throw new Error(`it cannot be locked by flock, of util-linux: ${said}`, { cause: error });
}

function nameIn(fd: number): string {
  const bytes = Buffer.alloc(100);
  const length = readSync(fd, bytes, 0, bytes.length, 0);
  return bytes.toString('latin1', 0, length).replace(/[^\x20-\x7e]/g, '?');
}
