import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Instance } from '../../src/core/instance.ts';
import { fateOf, parseStat, readInstance } from '../../src/host/instance.ts';

const children: { kill(signal: 'SIGKILL'): boolean }[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A living process, and the record it would have written. */
async function startProcess(): Promise<{ record: Instance; end: () => Promise<void> }> {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  children.push(child);
  const pid = await vi.waitFor(() => {
    expect(child.pid).toBeGreaterThan(1);
    return child.pid ?? 0;
  });
  const startTicks = parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.startTicks ?? 0;
  const end = () =>
    new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.kill('SIGKILL');
    });
  return { record: { ...readInstance(), pid, startTicks }, end };
}

describe('readInstance', () => {
  it('tells this process, its parent, its host and its boot', () => {
    const instance = readInstance();
    expect(instance).toMatchObject({
      host: hostname(),
      pid: process.pid,
      speakerPid: process.ppid,
      bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    });
    expect(instance.startTicks).toBeGreaterThan(0);
    expect(instance.speakerStartTicks).toBeGreaterThan(0);
    expect(instance.speakerStartTicks).toBeLessThanOrEqual(instance.startTicks);
    expect(readInstance()).toEqual(instance);
  });
});

describe('fateOf', () => {
  const own = readInstance();

  it('calls itself and another running process alive', async () => {
    expect(fateOf(own, own)).toBe('alive');
    const { record } = await startProcess();
    expect(fateOf(record, own)).toBe('alive');
  });

  it('calls a process that ended dead', async () => {
    const { record, end } = await startProcess();
    await end();
    expect(fateOf(record, own)).toBe('dead');
  });

  it('calls a zombie dead', async () => {
    // A parent that is stopped cannot wait for its child, so what is left of that stays.
    const parent = spawn('/bin/sh', ['-c', 'sleep 600 & echo $!; wait'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    children.push(parent);
    const pid = await new Promise<number>((resolve) =>
      parent.stdout.once('data', (data: Buffer) => resolve(Number(data.toString()))),
    );
    parent.kill('SIGSTOP');
    await vi.waitFor(() =>
      expect(readFileSync(`/proc/${parent.pid}/stat`, 'latin1')).toContain(') T '),
    );
    process.kill(pid, 'SIGKILL');
    const stat = await vi.waitFor(() => {
      const read = parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
      expect(read?.isZombie).toBe(true);
      return read;
    });
    expect(fateOf({ ...own, pid, startTicks: stat?.startTicks ?? 0 }, own)).toBe('dead');
  });

  it('calls the earlier holder of a reused pid dead, our own pid included', async () => {
    const { record } = await startProcess();
    expect(fateOf({ ...record, startTicks: record.startTicks - 1 }, own)).toBe('dead');
    expect(fateOf({ ...own, startTicks: own.startTicks - 1 }, own)).toBe('dead');
  });

  it('calls everything from before this boot dead', () => {
    expect(fateOf({ ...own, bootId: 'another' }, own)).toBe('dead');
  });

  it('cannot tell about another host, whatever its ids are', () => {
    expect(fateOf({ ...own, host: `${own.host}-2` }, own)).toBe('elsewhere');
    expect(fateOf({ ...own, host: `${own.host}-2`, bootId: 'another' }, own)).toBe('elsewhere');
  });

  it('cannot tell without a usable /proc', () => {
    expect(fateOf({ ...own, pid: 1 }, { ...own, bootId: '' })).toBe('elsewhere');
    expect(fateOf({ ...own, pid: 1 }, { ...own, startTicks: 0 })).toBe('elsewhere');
    expect(fateOf({ ...own, bootId: '' }, own)).toBe('elsewhere');
  });
});

describe('parseStat', () => {
  const tail = '1 2 3 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 11 0 98765 1 2 3';
  it.each([
    ['node', 'S', false],
    ['a b) S (c', 'R', false],
    ['(((', 'Z', true],
    ['gone', 'X', true],
  ])('reads the fields after the name (%s)', (name, state, isZombie) => {
    expect(parseStat(`42 (${name}) ${state} ${tail}\n`)).toEqual({ isZombie, startTicks: 98_765 });
  });

  it.each(['', '42', '42 (node) S 1 2', '42 (node) S 1 2 3 0 -1 x'])('refuses %j', (text) => {
    expect(parseStat(text)).toBeUndefined();
  });
});
