import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, lchownSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateDirectory } from './private-file.ts';

const timeoutMs = 3_000;

/** Whom a process becomes. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
  /** Further groups. */
  readonly groups: readonly number[];
}

/**
 * Looks up the account that is to be used from now on; undefined when that is the one that there is.
 * @throws Error that says what is wrong, when there is no such account or this process may not become it.
 */
export function findAccount(
  user: string | undefined,
  group: string | undefined,
): Account | undefined {
  const [ownUid, ownGid] = [process.geteuid?.() ?? -1, process.getegid?.() ?? -1];
  const uid = user === undefined ? ownUid : idOf(user, '-u');
  const userGid = user === undefined ? ownGid : idOf(user, '-g');
  const gid = group === undefined ? userGid : gidOf(group);
  if (uid === ownUid && gid === ownGid) return undefined;
  if (ownUid !== 0) {
    const wanted = [user && `user ${user}`, group && `group ${group}`].filter(Boolean).join(', ');
    throw new Error(
      `${wanted}: only root can become another account, and this process is uid ${ownUid}, gid ${ownGid}; let ExaBGP start it as root (exabgp.daemon.drop=false), or remove user and group`,
    );
  }
  const groups = user === undefined ? [] : askId(user, '-G').split(' ').map(Number);
  return { uid, gid, groups: [gid, ...groups.filter((id) => id !== gid)] };
}

/**
 * Becomes the account for good, and gives it the state directory, which is made if need be: what an earlier life has left
 * there as root is given along.
 * @throws Error when any of it is not possible.
 */
export function becomeAccount({ uid, gid, groups }: Account, stateDir: string | undefined): void {
  if (stateDir !== undefined) giveDirectory(stateDir, uid, gid);
  process.setgroups?.(groups);
  process.setgid?.(gid);
  process.setuid?.(uid);
}

function giveDirectory(path: string, uid: number, gid: number): void {
  if (!existsSync(path)) makePrivateDirectory(path);
  const { uid: owner, mode } = lstatSync(path);
  // Where others can write, a name may be a link to anywhere by now; the agent refuses such a directory anyway.
  if (owner !== 0 || (mode & 0o022) !== 0) return;
  for (const name of readdirSync(path)) lchownSync(join(path, name), uid, gid);
  chownSync(path, uid, gid);
}

function idOf(user: string, flag: '-u' | '-g'): number {
  return Number(askId(user, flag));
}

/** By programs that ask whatever this host keeps accounts in. */
function askId(user: string, flag: '-u' | '-g' | '-G'): string {
  return ask('id', [flag, user], `user ${user}`, /^[\d ]+$/);
}

function gidOf(group: string): number {
  const line = ask('getent', ['group', group], `group ${group}`, /^[^:]*:[^:]*:\d+:/);
  return Number(line.split(':')[2]);
}

function ask(program: string, args: readonly string[], what: string, form: RegExp): string {
  const { error, stdout } = spawnSync(program, args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: timeoutMs,
    encoding: 'latin1',
  });
  if (error !== undefined)
    throw new Error(`${what} cannot be looked up: ${error.message}`, { cause: error });
  const answer = stdout.trim();
  if (!form.test(answer))
    throw new Error(`${what}: there is none on this host; make it, or correct the name`);
  return answer;
}
