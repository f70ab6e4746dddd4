import { writeAgentConfig } from './agent-config.ts';
import { startExabgp } from './exabgp.ts';
import { setLink } from './faults/links.ts';
import { startService } from './lab.ts';
import { findDaemon, runIn } from './namespaces.ts';
import { type LoadBalancerName, loadBalancers } from './plan.ts';
import { signal } from './processes.ts';
import type { Run } from './run.ts';
import { signalExabgp } from './speaker.ts';
import type { Stage } from './stage.ts';
import { startZooKeeper } from './zookeeper.ts';

/** Undoes whatever a fault that ended half-way left broken, so that the next one starts from a whole lab. */
export async function restore(stage: Stage): Promise<void> {
  const { run } = stage;
  const server = findDaemon(run, 'zk', 'zookeeper');
  if (server === undefined) startZooKeeper(run);
  else signal(server.pid, 'SIGCONT');
  writeAgentConfig(run);
  for (const { name } of loadBalancers) await restoreLoadBalancer(run, name);
  // It fails when there is nothing to end, or no ZooKeeper yet: then the next fault will say what is wrong.
  await stage.znodes.setMaintenance(false).catch(() => undefined);
  await stage.znodes.liftDrains().catch(() => undefined);
}

async function restoreLoadBalancer(run: Run, name: LoadBalancerName): Promise<void> {
  setLink(run, name, 'uplink', 'up');
  setLink(run, name, 'mgmt', 'up');
  for (const program of ['iptables', 'ip6tables']) runIn(run, name, program, '-w', '-F');
  const isServing = ['nginx', 'responder'].every((daemon) => findDaemon(run, name, daemon));
  if (!isServing) await startService(run, name);
  if (findDaemon(run, name, 'exabgp') === undefined) startExabgp(run, name);
  else signalExabgp(run, name, 'SIGCONT');
}
