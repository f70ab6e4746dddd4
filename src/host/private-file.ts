import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  type Stats,
} from 'node:fs';

/** Far above what a thousand services need. */
const bytesMax = 8 * 1024 * 1024;

export type PrivateContent =
  | { readonly kind: 'read'; readonly text: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unusable'; readonly why: string };

/**
 * Reads a file that nobody else can have written or read. Never waits for a pipe or follows a link that somebody has put
 * in its place. Never throws.
 */
export function readPrivateFile(path: string): PrivateContent {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const why = whyNotPrivate(fstatSync(fd));
    return why === undefined
      ? { kind: 'read', text: readFileSync(fd, 'utf8') }
      : { kind: 'unusable', why };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isAbsent = 'code' in error && error.code === 'ENOENT';
    return isAbsent ? { kind: 'absent' } : { kind: 'unusable', why: error.message };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/**
 * Makes a directory that only we can enter.
 * ExaBGP starts its helpers with umask 137, which takes the right to enter from every directory they make.
 * @throws Error when it cannot be made.
 */
export function makePrivateDirectory(path: string): void {
  mkdirSync(path, { mode: 0o700 });
  chmodSync(path, 0o700);
}

function whyNotPrivate(stat: Stats): string | undefined {
  if (!stat.isFile()) return 'it is no plain file';
  if (!isOurs(stat)) return `it belongs to another user (uid ${stat.uid})`;
  if ((stat.mode & 0o077) !== 0)
    return `others may read it (mode ${modeOf(stat)}), and it holds a password`;
  return stat.size > bytesMax ? `it has more than ${bytesMax} bytes` : undefined;
}

/** Whether we, or root, made it. */
export function isOurs({ uid }: Stats): boolean {
  return uid === 0 || uid === process.geteuid?.();
}

/** `755`. */
export function modeOf({ mode }: Stats): string {
  return (mode & 0o7777).toString(8);
}
