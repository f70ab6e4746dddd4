import { sessionTimeoutMs, tickMs } from '../plan.ts';
import { type Stage, waitUntilRecovered, waitUntilSettled } from '../stage.ts';
import { nowMs, pass } from '../wait.ts';
import { signalZooKeeper, startZooKeeper } from '../zookeeper.ts';
import type { Check, Fault } from './fault.ts';
import { allUntouched, routesUnchanged } from './observe.ts';

export const zooKeeperKilled: Fault = {
  name: 'zookeeper-kill',
  title: 'whole ZooKeeper killed for 20 s',
  bound: '0, no route changes',
  exazk: '0',
  run: (stage) =>
    runZooKeeperOutage(stage, {
      durationMs: 20_000,
      break: () => signalZooKeeper(stage.run, 'SIGKILL'),
      repair: () => startZooKeeper(stage.run),
    }),
};

export const zooKeeperHangs: Fault = {
  name: 'zookeeper-stop',
  title: 'ZooKeeper hangs (SIGSTOP) for 15 s',
  bound: '0, no route changes, recovers',
  exazk: 'never recovers',
  run: (stage) =>
    runZooKeeperOutage(stage, {
      durationMs: 15_000,
      break: () => signalZooKeeper(stage.run, 'SIGSTOP'),
      repair: () => signalZooKeeper(stage.run, 'SIGCONT'),
    }),
};

async function runZooKeeperOutage(
  stage: Stage,
  outage: {
    readonly durationMs: number;
    readonly break: () => void | Promise<void>;
    readonly repair: () => void | Promise<void>;
  },
): Promise<readonly Check[]> {
  await waitUntilSettled(stage);
  const fromMs = nowMs();
  await outage.break();
  await pass(outage.durationMs);
  await outage.repair();
  // Sessions from before the outage end only now, and with them the claims they still hold: what is claimed after that
  // is claimed by living sessions.
  await pass(sessionTimeoutMs + 2 * tickMs);
  await waitUntilRecovered(stage);
  return [
    allUntouched('silence', await stage.prober.report(fromMs)),
    routesUnchanged(stage, fromMs),
  ];
}
