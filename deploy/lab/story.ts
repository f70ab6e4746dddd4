import { readSpinePaths } from './bird.ts';
import { startExabgp } from './exabgp.ts';
import { type Check, holds, within } from './faults/fault.ts';
import { allUntouched, othersUntouched, silenceOf } from './faults/observe.ts';
import { runIn } from './namespaces.ts';
import { vips } from './plan.ts';
import type { ProbeReport } from './prober.ts';
import { stopExabgp } from './speaker.ts';
import { type Stage, waitForTakeover, waitUntilRecovered, waitUntilSettled } from './stage.ts';
import { nowMs, waitFor } from './wait.ts';

/** What one step of the story showed. */
export interface StoryStep {
  readonly title: string;
  /** The routes as the spine sees them at the end of the step, one line a VIP. */
  readonly routes: readonly string[];
  /** Longest silence per VIP during the step; empty while the VIPs are meant to be dark. */
  readonly silences: readonly string[];
  readonly checks: readonly Check[];
}

/** Tells the story: settle, kill and takeover, return, maintenance on and off. */
export async function tellStory(
  stage: Stage,
  tell: (step: StoryStep) => void,
): Promise<readonly StoryStep[]> {
  const steps: StoryStep[] = [];
  for (const act of [settle, kill, giveBack, startMaintenance, endMaintenance]) {
    const step = await act(stage);
    tell(step);
    steps.push(step);
  }
  return steps;
}

async function settle(stage: Stage): Promise<StoryStep> {
  await waitUntilSettled(stage);
  const fromMs = nowMs();
  const pages = vips.map(({ address, owner }) => {
    const host = address.includes(':') ? `[${address}]` : address;
    const page = runIn(stage.run, 'client', 'curl', '-sf', '-m', '2', `http://${host}/`).trim();
    return holds(`GET http://${host}/ is answered by its owner`, page === owner, page);
  });
  return finish(stage, 'settle: every VIP is carried by its owner', fromMs, () => pages);
}

async function kill(stage: Stage): Promise<StoryStep> {
  const fromMs = nowMs();
  await stopExabgp(stage.run, 'lb1', 'SIGKILL');
  await waitForTakeover(stage, 'lb1');
  return finish(
    stage,
    'kill -9 ExaBGP on lb1: lb2 and lb3 take its VIPs over',
    fromMs,
    (report) => [
      within("silence of lb1's VIPs", silenceOf(report, 'lb1'), 300),
      othersUntouched(report, 'lb1'),
    ],
  );
}

async function giveBack(stage: Stage): Promise<StoryStep> {
  const fromMs = nowMs();
  startExabgp(stage.run, 'lb1');
  await waitUntilRecovered(stage);
  return finish(stage, 'ExaBGP on lb1 returns: the others step back', fromMs, (report) => [
    allUntouched('silence on every flow', report),
  ]);
}

async function startMaintenance(stage: Stage): Promise<StoryStep> {
  const fromMs = await stage.znodes.setMaintenance(true);
  const isGone = () => vips.every(({ address }) => stage.routes.carriers(address).length === 0);
  await waitFor(isGone, { what: 'all routes to be gone', timeoutMs: 30_000 });
  const tookMs = Math.max(...stage.routes.changes(fromMs).map(({ atMs }) => atMs)) - fromMs;
  const checks = [within('time until all routes are gone', tookMs, 300)];
  return { ...describeStep(stage, 'maintenance on: every route is withdrawn'), checks };
}

async function endMaintenance(stage: Stage): Promise<StoryStep> {
  const fromMs = await stage.znodes.setMaintenance(false);
  const isBack = () => vips.every(({ address }) => stage.routes.carriers(address).length > 0);
  await waitFor(isBack, { what: 'all routes to be back', timeoutMs: 30_000 });
  const tookMs = Math.max(...stage.routes.changes(fromMs).map(({ atMs }) => atMs)) - fromMs;
  await waitUntilRecovered(stage);
  const quietMs = nowMs();
  return finish(stage, 'maintenance off: every owner announces again', quietMs, () => [
    within('time until all routes are back', tookMs, 1_000),
  ]);
}

async function finish(
  stage: Stage,
  title: string,
  fromMs: number,
  check: (report: ProbeReport) => readonly Check[],
): Promise<StoryStep> {
  const step = describeStep(stage, title);
  const report = await stage.prober.report(fromMs);
  const silences = report.vips.map(({ vip, silenceMs }) => `${vip} ${silenceMs} ms`);
  return { ...step, silences, checks: check(report) };
}

/** The routes now; a step that means the VIPs to be dark has no silence to tell. */
function describeStep(stage: Stage, title: string): StoryStep {
  const paths = readSpinePaths(stage.run);
  const routes = vips.map(({ address }) => {
    const carriers = [...(paths.get(address) ?? [])].sort();
    return `${address.padEnd(16)} ${carriers.join(', ') || 'no route'}`;
  });
  return { title, routes, silences: [], checks: [] };
}
