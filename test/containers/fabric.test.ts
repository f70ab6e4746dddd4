import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runCommand } from './commands.ts';
import { composeNames } from './compose.ts';
import { type Change, type Fabric, leftOvers, startFabric, vips } from './fabric.ts';

/** A second, in datagrams: far above what a move costs on an idle machine. */
const lostMax = 50;

const missing = inject('noCompose');
/** The others do no more than compose itself decides about: up, down, and a stop. */
const whole = composeNames.find((name) => missing[name] === '') ?? 'compose v2';

/** Steps of one story, on one topology: the pods of docker-compose.yml. */
describe.each(composeNames)('pods of the compose file, by %s,', (name) => {
  const why = missing[name];
  let fabric: Fabric;

  beforeAll(async () => {
    if (why === '') fabric = await startFabric(name);
  });
  afterAll(() => fabric?.stop());

  if (name === whole) {
    it('move the VIP of one that is killed, and give it back without loss', async ({ skip }) => {
      skip(why !== '', why);
      for (const [index] of vips.entries()) await fabric.says(`lb${index + 1}`, 'standby');
      const before = (await fabric.changes()).length;
      await fabric.compose('kill', 'lb1');
      await fabric.answers('10.99.0.1', ['lb2', 'lb3']);
      const moved = await fabric.changes(before);
      expect(lostOf(moved)).toBeLessThanOrEqual(lostMax);
      expect(vipsOf(moved)).toEqual(['10.99.0.1']);

      await fabric.says('lb2', 'claim has been missing');
      const whenDown = (await fabric.changes()).length;
      await fabric.compose('up', '--detach', '--no-build', 'lb1');
      await fabric.answers('10.99.0.1', ['lb1']);
      expect(lostOf(await fabric.changes(whenDown))).toBe(0);
    });
  }

  it('hand over when one is stopped: nothing is lost, and nothing is left to be killed', async ({
    skip,
  }) => {
    skip(why !== '', why);
    const before = (await fabric.changes()).length;
    const id = await fabric.id('lb2');
    await fabric.compose('stop', 'lb2');
    await fabric.answers('10.99.0.2', ['lb1', 'lb3']);
    const state = '{{.State.ExitCode}} {{.State.OOMKilled}}';
    expect(await runCommand(['docker', 'inspect', '--format', state, id])).toBe('0 false\n');
    const moved = await fabric.changes(before);
    expect(lostOf(moved)).toBe(0);
    expect(vipsOf(moved)).toEqual(['10.99.0.2']);

    const whenDown = (await fabric.changes()).length;
    await fabric.compose('up', '--detach', '--no-build', 'lb2');
    await fabric.answers('10.99.0.2', ['lb2']);
    expect(lostOf(await fabric.changes(whenDown))).toBe(0);
  });

  it('are seen on the page of the fleet', async ({ skip }) => {
    skip(why !== '', why);
    const answer = await fetch('http://172.31.99.30:9469/');
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('<html');
  });

  it('run without rights, on a file system that they cannot write to', async ({ skip }) => {
    skip(why !== '', why);
    const id = await fabric.id('lb3');
    const inside = (command: string) => runCommand(['docker', 'exec', id, 'sh', '-c', command]);
    expect(await inside('id -u')).toBe('179\n');
    expect(await inside('touch /usr/x 2>&1 || :')).toContain('Read-only file system');
    expect(await inside('grep CapEff /proc/1/status')).toMatch(/\b0+$/m);
    expect(await inside('tr "\\0" " " < /proc/1/cmdline')).toContain('tini');
    expect(await inside('ls /run/vipkeeper')).toContain('state.json');
    expect(await runCommand(['docker', 'logs', id])).not.toContain('stateDir cannot be used');
  });

  it('leave nothing when they are taken down', async ({ skip }) => {
    skip(why !== '', why);
    expect(await leftOvers()).not.toBe('');
    await fabric.stop();
    expect(await leftOvers()).toBe('');
  });
});

function lostOf(changes: readonly Change[]): number {
  return changes.reduce((sum, { lost }) => sum + lost, 0);
}

function vipsOf(changes: readonly Change[]): readonly string[] {
  return [...new Set(changes.map(({ vip }) => vip))];
}
