import { spawn } from 'node:child_process';
import { closeSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { lockFile } from '../../src/host/lock.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

const place = () => join(temporaryDirectory(), 'lock');

function lock(path: string, name = 'lb1, pid 1'): number {
  const fd = lockFile(path, name);
  onTestFinished(() => {
    try {
      closeSync(fd);
    } catch {
      // The test did.
    }
  });
  return fd;
}

/** Another process that has the lock. */
async function holder(path: string) {
  const child = spawn('flock', ['--no-fork', path, 'sh', '-c', 'echo locked; exec sleep 600'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child;
}

it('makes the file, for us alone, and writes our name into it', () => {
  const path = place();
  lock(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, 'utf8')).toBe('lb1, pid 1');
});

it('is refused while somebody has it, by the name that is found there', () => {
  const path = place();
  lock(path);
  expect(() => lock(path, 'lb2, pid 2')).toThrow(
    'another living agent uses it (lb1, pid 1); give each one of its own',
  );
  expect(readFileSync(path, 'utf8')).toBe('lb1, pid 1');
});

it('is free again when it is closed, and bears the next name only', () => {
  const path = place();
  closeSync(lock(path, 'a much longer name, pid 123456'));
  lock(path);
  expect(readFileSync(path, 'utf8')).toBe('lb1, pid 1');
});

it('is refused while another process lives that has it, and taken the moment that is killed', async () => {
  const path = place();
  const child = await holder(path);
  expect(() => lock(path)).toThrow('another living agent uses it ()');
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  lock(path);
});

it('is waited for, for a second, while its last owner is dying', async () => {
  const path = place();
  const child = await holder(path);
  // It ends while we stand still in the wait.
  spawn('sh', ['-c', `sleep 0.3; kill -9 ${child.pid}`], { stdio: 'ignore' });
  lock(path);
});

it('is taken though the one that had it is a zombie', async () => {
  const path = place();
  // The shell starts it and never waits for it: exec leaves it with a parent that cannot.
  const script = `flock --no-fork ${path} sleep 600 & echo $!; exec sleep 600`;
  const parent = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const pid = await new Promise<number>((resolve) =>
    parent.stdout.once('data', (data: Buffer) => resolve(Number(data.toString()))),
  );
  await vi.waitFor(() => expect(() => closeSync(lockFile(path, 'x'))).toThrow('uses it'));
  process.kill(pid, 'SIGKILL');
  await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/stat`, 'latin1')).toMatch(/\) Z /));
  lock(path);
});

it('does not follow a link', () => {
  const path = place();
  writeFileSync(`${path}-elsewhere`, 'precious');
  symlinkSync(`${path}-elsewhere`, path);
  expect(() => lock(path)).toThrow('ELOOP');
  expect(readFileSync(`${path}-elsewhere`, 'utf8')).toBe('precious');
});

it('says so when there is no flock to run', () => {
  vi.stubEnv('PATH', '/nowhere');
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(() => lock(place())).toThrow(
    'it cannot be locked by flock, of util-linux: spawnSync flock ENOENT',
  );
});
