import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { launcherOf } from '../../helpers/agent-process.ts';
import { waitFor } from '../../helpers/wait.ts';
import { hasZooKeeper, startZooKeeper, type ZooKeeper } from '../../helpers/zookeeper.ts';
import { superuserProperty } from '../zookeeper/operator.ts';
import { Fleet, vip1 } from './fleet.ts';

const isRoot = process.getuid?.() === 0;
/** nobody and nogroup. */
const [uid, gid] = [65534, 65534];

describe.skipIf(!hasZooKeeper() || !isRoot)('privileges', () => {
  let zooKeeper: ZooKeeper;

  beforeAll(async () => {
    zooKeeper = await startZooKeeper({ properties: [superuserProperty] });
  });
  afterAll(() => zooKeeper.stop());

  it('are given up for good, with the state directory in the hands of the new user', async () => {
    const fleet = new Fleet(zooKeeper);
    chmodSync(fleet.directory, 0o755);
    const stateDir = join(fleet.directory, 'state');
    mkdirSync(stateDir, { mode: 0o700 });
    writeFileSync(join(stateDir, 'state.json'), '', { mode: 0o600 });
    const checks = [{ exec: `id -u > ${stateDir}/checked`, interval: '100ms', rise: 1 }];
    const { agent } = await fleet.settle({
      stateDir,
      service: { checks },
      more: { user: 'nobody' },
    });
    const status = readFileSync(`/proc/${agent.pid}/status`, 'utf8');
    const ids = (name: string) => new RegExp(`^${name}:\\s*(.*?)\\s*$`, 'm').exec(status)?.[1];
    expect(ids('Uid')).toBe(`${uid}\t${uid}\t${uid}\t${uid}`);
    expect(ids('Gid')).toBe(`${gid}\t${gid}\t${gid}\t${gid}`);
    expect(ids('Groups')).toBe(`${gid}`);
    expect(ids('CapEff')).toMatch(/^0+$/);
    await waitFor(() => readFileSync(join(stateDir, 'state.json'), 'utf8').includes('session'), {
      what: 'the state to be written',
    });
    for (const name of ['', 'state.json', 'lock', 'checked'])
      expect(statSync(join(stateDir, name)).uid, name).toBe(uid);
    // The check writes it again and again, and for a moment it is empty.
    await waitFor(() => readFileSync(join(stateDir, 'checked'), 'utf8').trim() === `${uid}`, {
      what: 'a check to run as the new user',
    });
    expect(agent.said('stateDir cannot be used')).toEqual([]);
  });

  it('leave the agent as it is when it may not read its file again', async () => {
    const fleet = new Fleet(zooKeeper);
    const { agent } = await fleet.settle({ more: { user: 'nobody', group: 'nogroup' } });
    agent.signal('SIGHUP');
    const line = await agent.says('CONFIG_UNREADABLE');
    expect(line.msg).toContain('let this user read it');
    await agent.says('nothing was changed');
    await agent.hasRoutes({ [vip1]: 100 });
  });

  it.each([
    [{ user: 'no-such-user' }, 'vipkeeper: user no-such-user: there is none on this host'],
    [{ user: 'nobody', group: 'no-such' }, 'vipkeeper: group no-such: there is none on this host'],
  ])('%j is told, and nothing is announced', async (more, message) => {
    const fleet = new Fleet(zooKeeper);
    const agent = fleet.start({ more });
    await agent.says(message);
    agent.endInput();
    expect((await agent.exited).how).toBe(78);
    expect(agent.exabgp.commands).toEqual([]);
  });

  it('that somebody else than root has cannot be changed, only kept', async () => {
    const fleet = new Fleet(zooKeeper);
    chmodSync(fleet.directory, 0o755);
    const says = async (user: string, pattern: RegExp) => {
      const file = fleet.configFile({ more: { user } });
      const node = [process.execPath, launcherOf('vipkeeper'), 'run', '-f', file];
      const become = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
      const child = spawn('setpriv', [...become, ...node], { cwd: '/', stdio: 'pipe' });
      onTestFinished(() => void child.kill('SIGKILL'));
      let text = '';
      child.stderr.on('data', (bytes: Buffer) => {
        text += bytes.toString();
      });
      await waitFor(() => pattern.test(text), { what: `${pattern}` }).catch((error: Error) => {
        throw new Error(`${error.message}; it said ${text}`);
      });
    };
    await says('root', /user root: only root can become another account, and this process is uid/);
    await says('nobody', /vipkeeper .*member lb1/);
  });
});
