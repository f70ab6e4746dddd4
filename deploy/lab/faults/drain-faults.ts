import { readLeavingPaths } from '../bird.ts';
import { type LoadBalancerName, releaseMs, vipsOf } from '../plan.ts';
import { graceful } from '../setups.ts';
import { type Stage, waitUntilEmpty } from '../stage.ts';
import { nowMs, pass, waitFor } from '../wait.ts';
import { type Check, type Fault, holds, within } from './fault.ts';
import { describeChange } from './observe.ts';
import { lossless, runPlannedMove } from './planned-move.ts';

export const memberDrained: Fault = {
  name: 'drain-member',
  title: 'member drained by znode, drain lifted',
  bound: lossless,
  victim: 'lb2',
  run: (stage) => runPlannedMove(stage, { move: () => drainMember(stage, 'lb2') }),
};

export const memberDrainedGracefully: Fault = {
  name: 'drain-member-graceful',
  title: 'member drained by znode, with 65535:0 first (RFC 8326), which the routers honour',
  bound: lossless,
  victim: 'lb1',
  setup: graceful,
  run: (stage) =>
    runPlannedMove(stage, {
      move: () => drainMember(stage, 'lb1', () => sawLeaving(stage, 'lb1')),
    }),
};

export const vipDrained: Fault = {
  name: 'drain-vip',
  title: 'VIP drained everywhere by znode, drain lifted',
  bound: '<= 0.3 s / <= 1 s; the other VIPs lose nothing',
  run: (stage) =>
    runPlannedMove(stage, { move: () => drainVip(stage, drainedVip), darkVips: [drainedVip] }),
};

const drainedVip = '10.20.255.3';

/** Drains a member by znode, looks on, waits until it is empty, and lifts the drain. */
export async function drainMember(
  stage: Stage,
  member: LoadBalancerName,
  watch: () => Promise<readonly Check[]> = async () => [],
): Promise<readonly Check[]> {
  const onMs = await stage.znodes.setDrain(member, true);
  const seen = await watch();
  await waitUntilEmpty(stage, member);
  const tookMs = nowMs() - onMs;
  await stage.znodes.setDrain(member, false);
  return [within(`${member} announces nothing after`, tookMs, drainWithinMs), ...seen];
}

async function sawLeaving({ run }: Stage, member: LoadBalancerName): Promise<readonly Check[]> {
  const isLeaving = () => {
    const paths = readLeavingPaths(run);
    return vipsOf(member).every(({ address }) => paths.get(address)?.join() === member);
  };
  const wasSeen = await waitFor(isLeaving, { what: 'the community', timeoutMs: releaseMs }).catch(
    () => false,
  );
  return [holds('its routes reached the spine with 65535:0 before they went', wasSeen)];
}

/** Peers take over within a moment and get the release time to be known everywhere; then the LB is empty. */
const drainWithinMs = releaseMs + 2_000;

/** Long enough to show that nothing else comes of it. */
const drainedForMs = 2_000;

async function drainVip(stage: Stage, vip: string): Promise<readonly Check[]> {
  const onMs = await stage.znodes.setDrain(vip, true);
  await waitFor(() => stage.routes.carriers(vip).length === 0, {
    what: `${vip} to be withdrawn`,
    timeoutMs: 10_000,
  });
  const goneMs = stage.routes.changes(onMs).at(-1)?.atMs ?? nowMs();
  await pass(drainedForMs);
  const offMs = await stage.znodes.setDrain(vip, false);
  await waitFor(() => stage.routes.carriers(vip).length > 0, {
    what: `${vip} to be back`,
    timeoutMs: 10_000,
  });
  const backMs = stage.routes.changes(offMs)[0]?.atMs ?? nowMs();
  const strays = stage.routes.changes(onMs).filter((change) => change.vip !== vip);
  return [
    within('on: routes gone', goneMs - onMs, 300),
    within('off: routes back', backMs - offMs, 1_000),
    holds('no other route changed', strays.length === 0, strays.map(describeChange).join('; ')),
  ];
}
