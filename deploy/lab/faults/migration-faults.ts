import { startExabgp } from '../exabgp.ts';
import { Load } from '../load-client.ts';
import { type LoadBalancerName, loadBalancers, vipsOf } from '../plan.ts';
import { chooseSetup, chooseSetupOf, exazk, ownership } from '../setups.ts';
import { stopExabgp } from '../speaker.ts';
import { type Stage, waitUntilEmpty, waitUntilRecovered, waitUntilSettled } from '../stage.ts';
import { nowMs, waitFor } from '../wait.ts';
import { type Check, type Fault, within } from './fault.ts';
import { requestsAnswered } from './observe.ts';

/** exazk.py withdraws the moment it sees a claim: its leaf may drop the route before the spine has heard of it. */
const handBackMs = 50;

export const migrated: Fault = {
  name: 'migration',
  title: 'a fleet of exazk.py becomes one of vipkeeper, one LB after the other',
  bound: `<= ${handBackMs} ms, which is what a hand-back by exazk.py may cost; no new request lost`,
  setup: exazk,
  run: runMigration,
};

async function runMigration(stage: Stage): Promise<readonly Check[]> {
  await waitUntilSettled(stage);
  const load = await Load.start(stage.run);
  try {
    const fromMs = nowMs();
    for (const { name } of loadBalancers) await migrate(stage, name);
    chooseSetup(stage.run, ownership);
    const requests = await load.report(stage.routes, fromMs);
    const { vips } = await stage.prober.report(fromMs);
    const worstMs = Math.max(...vips.map(({ silenceMs }) => silenceMs));
    return [within('silence on every flow', worstMs, handBackMs), requestsAnswered(requests)];
  } finally {
    load.stop();
  }
}

/**
 * exazk.py withdraws nothing when it is stopped, and its peers do not announce before its znode is gone. So that goes
 * first, by hand; only when all others announce is it stopped.
 */
async function migrate(stage: Stage, node: LoadBalancerName): Promise<void> {
  for (const { address } of vipsOf(node)) await stage.znodes.removeClaim(address);
  const isCarriedByAll = () =>
    vipsOf(node).every(
      ({ address }) => stage.routes.carriers(address).length === loadBalancers.length,
    );
  await waitFor(isCarriedByAll, { what: `everybody to announce for ${node}`, timeoutMs: 10_000 });
  await stopExabgp(stage.run, node, 'SIGTERM');
  await waitUntilEmpty(stage, node);
  chooseSetupOf(stage.run, node, ownership);
  startExabgp(stage.run, node);
  await waitUntilRecovered(stage);
}
