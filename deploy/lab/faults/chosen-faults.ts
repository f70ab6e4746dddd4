import { markAgentLog, readAgentLog } from '../agent-log.ts';
import { startExabgp } from '../exabgp.ts';
import { startService } from '../lab.ts';
import {
  dampingHalfLifeMs,
  drainTimeoutMs,
  type LoadBalancerName,
  loadBalancers,
  vips,
  vipsOf,
} from '../plan.ts';
import { chosen } from '../setups.ts';
import { stopExabgp } from '../speaker.ts';
import {
  type Stage,
  waitForTakeover,
  waitUntilEmpty,
  waitUntilRecovered,
  waitUntilSettled,
} from '../stage.ts';
import { nowMs, waitFor } from '../wait.ts';
import { type Check, type Fault, holds, within } from './fault.ts';
import { allUntouched, describeChange } from './observe.ts';
import { lossless } from './planned-move.ts';
import { killService } from './service-faults.ts';
import { exabgpCrash } from './speaker-faults.ts';
import { runTakeover } from './takeover.ts';

const oneBackup: Fault = {
  name: 'one-backup',
  title: 'one backup for each VIP: ExaBGP killed (-9)',
  bound: '<= 0.3 s, and only one other LB ever announces',
  victim: exabgpCrash.victim,
  setup: chosen,
  run: runOneBackup,
};

const backupLost: Fault = {
  name: 'backup-lost',
  title: 'one backup for each VIP: owner, then backup stopped (SIGTERM to ExaBGP)',
  bound: '<= 0.2 s: the next one takes over',
  setup: chosen,
  run: runBackupLost,
};

const ownerDamped: Fault = {
  name: 'owner-damped',
  title: 'service broken twice in a row: its owner waits before it takes its VIP back',
  bound: `${lossless.split(';')[0]}; it waits its time`,
  victim: 'lb3',
  setup: chosen,
  run: runOwnerDamped,
};

const lastDrained: Fault = {
  name: 'drain-last',
  title: 'every member drained: the last one goes on until drain.timeout, and says so',
  bound: 'each VIP announced for drain.timeout',
  setup: chosen,
  run: runLastDrained,
};

/** What happens where not everybody is a backup, and an owner may be made to wait. */
export const chosenFaults: readonly Fault[] = [oneBackup, backupLost, ownerDamped, lastDrained];

async function runOneBackup(stage: Stage): Promise<readonly Check[]> {
  await waitUntilSettled(stage);
  const fromMs = nowMs();
  const checks = await runTakeover(stage, { ...exabgpCrash, boundMs: () => 300 });
  const crowds = stage.routes
    .changes(fromMs)
    .filter(({ after }) => after.filter((name) => name !== exabgpCrash.victim).length > 1)
    .filter(({ vip }) => vipsOf(exabgpCrash.victim).some(({ address }) => address === vip));
  const detail = crowds.map(describeChange).join('; ');
  return [...checks, holds('only one other LB ever announced', crowds.length === 0, detail)];
}

async function runBackupLost(stage: Stage): Promise<readonly Check[]> {
  await waitUntilSettled(stage);
  const [vip] = vipsOf('lb2');
  const carriers = () => stage.routes.carriers(vip?.address ?? '');
  await stopExabgp(stage.run, 'lb2', 'SIGTERM');
  await waitForTakeover(stage, 'lb2');
  const [backup] = carriers() as LoadBalancerName[];
  if (backup === undefined) throw new Error('nobody took over');
  await stage.prober.untilQuiet();
  const lostMs = nowMs();
  await stopExabgp(stage.run, backup, 'SIGTERM');
  await waitFor(() => carriers().length === 1 && carriers()[0] !== backup, {
    what: 'the next backup to take over',
    timeoutMs: 10_000,
  });
  await stage.prober.untilQuiet();
  const { vips: reports } = await stage.prober.report(lostMs);
  const silences = reports.filter((report) => report.vip === vip?.address);
  startExabgp(stage.run, 'lb2');
  startExabgp(stage.run, backup);
  await waitUntilRecovered(stage);
  const worstMs = Math.max(...silences.map(({ silenceMs }) => silenceMs));
  return [within("silence of lb2's VIP when its backup stops", worstMs, 200)];
}

async function runOwnerDamped(stage: Stage): Promise<readonly Check[]> {
  await waitUntilSettled(stage);
  const fall = async () => {
    killService(stage.run, 'lb3');
    await waitForTakeover(stage, 'lb3');
    await startService(stage.run, 'lb3');
  };
  await fall();
  await waitUntilRecovered(stage);
  const mark = markAgentLog(stage.run, 'lb3');
  await fall();
  const damped = await waitFor(
    () => readAgentLog(stage.run, 'lb3', mark).find(({ event }) => event === 'damped'),
    { what: 'lb3 to say that it waits', timeoutMs: 10_000 },
  );
  await stage.prober.untilQuiet();
  const quietMs = nowMs();
  await waitUntilRecovered(stage);
  const back = stage.routes
    .changes(damped.atMs)
    .find(({ vip, after }) => vip === vipsOf('lb3')[0]?.address && after.includes('lb3'));
  const waitedMs = (back?.atMs ?? nowMs()) - damped.atMs;
  return [
    allUntouched('silence while it waits and when it is back', await stage.prober.report(quietMs)),
    holds('it waited', waitedMs > dampingHalfLifeMs / 4, `${Math.round(waitedMs)} ms`),
    within('and not longer than a half-life and its checks', waitedMs, dampingHalfLifeMs + 3_000),
  ];
}

async function runLastDrained(stage: Stage): Promise<readonly Check[]> {
  await waitUntilSettled(stage);
  for (const name of ['lb1', 'lb2'] as const) {
    await stage.znodes.setDrain(name, true);
    await waitUntilEmpty(stage, name);
  }
  await stage.prober.untilQuiet();
  const mark = markAgentLog(stage.run, 'lb3');
  const onMs = await stage.znodes.setDrain('lb3', true);
  await waitUntilEmpty(stage, 'lb3');
  const gone = stage.routes.changes(onMs).filter(({ after }) => after.length === 0);
  const earliestMs = Math.min(...gone.map(({ atMs }) => atMs)) - onMs;
  const said = readAgentLog(stage.run, 'lb3', mark).filter(({ event }) => event === 'nobodyElse');
  for (const { name } of loadBalancers) await stage.znodes.setDrain(name, false);
  const liftedMs = nowMs();
  await waitUntilRecovered(stage);
  return [
    holds(
      'it announced for drain.timeout',
      earliestMs >= drainTimeoutMs,
      `${Math.round(earliestMs)} ms`,
    ),
    holds('it said so for every VIP', said.length === vips.length, `${said.length}`),
    within('time from lifting to recovery', nowMs() - liftedMs, 10_000),
  ];
}
