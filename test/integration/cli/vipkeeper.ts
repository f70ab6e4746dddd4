import { spawn } from 'node:child_process';
import { type AgentProcess, launcherOf } from '../../helpers/agent-process.ts';
import { waitFor } from '../../helpers/wait.ts';
import type { ZooKeeper } from '../../helpers/zookeeper.ts';
import { Fleet, vip1, vip2, vip3 } from '../agent/fleet.ts';
import type { Operator } from '../zookeeper/operator.ts';

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** Runs a command of ours, as a script does: there is no terminal. */
export function vipkeeper(...args: readonly string[]): Promise<Ran> {
  const environment = { ...process.env, SUDO_USER: 'jd' };
  const child = spawn(process.execPath, [launcherOf('vipkeeper'), ...args], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, error] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => {
    out += bytes.toString();
  });
  child.stderr.on('data', (bytes: Buffer) => {
    error += bytes.toString();
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, error })));
}

export interface ThreeLbs {
  readonly fleet: Fleet;
  readonly lb1: AgentProcess;
  readonly lb2: AgentProcess;
  readonly lb3: AgentProcess;
  readonly operator: Operator;
  /** The flags that lead to them. */
  readonly at: readonly string[];
}

/** Three LBs at rest, which hand over within five seconds. */
export async function threeLbs(zooKeeper: ZooKeeper): Promise<ThreeLbs> {
  const fleet = new Fleet(zooKeeper);
  const service = { drain: { timeout: '5s' } };
  const [lb1, lb2, lb3] = ['lb1', 'lb2', 'lb3'].map((member) => fleet.start({ member, service }));
  if (lb1 === undefined || lb2 === undefined || lb3 === undefined) throw new Error('no agents');
  await lb1.hasRoutes({ [vip1]: 100 });
  await lb2.hasRoutes({ [vip2]: 100 });
  await lb3.hasRoutes({ [vip3]: 100 });
  const operator = await fleet.operator();
  await waitFor(async () => (await operator.children(fleet.claims)).length === 3, {
    what: 'claims',
  });
  const at = ['-z', zooKeeper.connectString, '--root', fleet.root];
  return { fleet, lb1, lb2, lb3, operator, at };
}
