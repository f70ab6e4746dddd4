import { type LoadBalancerName, releaseMs } from '../plan.ts';
import { graceful } from '../setups.ts';
import { type Stage, waitUntilEmpty } from '../stage.ts';
import { nowMs, waitFor } from '../wait.ts';
import { type Check, type Fault, holds, within } from './fault.ts';
import { describeChange } from './observe.ts';
import { lossless, runPlannedMove } from './planned-move.ts';

export const memberDrained: Fault = {
  name: 'drain-member',
  title: 'member drained by znode, drain lifted',
  bound: lossless,
  exazk: 'has none',
  victim: 'lb2',
  run: (stage) => runPlannedMove(stage, { move: () => drainMember(stage, 'lb2') }),
};

export const memberDrainedGracefully: Fault = {
  name: 'drain-member-graceful',
  title: 'the same with community 65535:0 first (RFC 8326), which the routers honour',
  bound: lossless,
  exazk: 'has none',
  victim: 'lb1',
  setup: graceful,
  run: (stage) => runPlannedMove(stage, { move: () => drainMember(stage, 'lb1') }),
};

export const vipDrained: Fault = {
  name: 'drain-vip',
  title: 'VIP drained everywhere by znode, drain lifted',
  bound: '<= 0.3 s / <= 1 s; the other VIPs lose nothing',
  exazk: 'has none',
  run: (stage) =>
    runPlannedMove(stage, { move: () => drainVip(stage, drainedVip), darkVips: [drainedVip] }),
};

const drainedVip = '10.20.255.3';

/** Drains a member by znode, waits until it is empty, and lifts the drain. */
export async function drainMember(
  stage: Stage,
  member: LoadBalancerName,
): Promise<readonly Check[]> {
  const onMs = await stage.znodes.setDrain(member, true);
  await waitUntilEmpty(stage, member);
  const tookMs = nowMs() - onMs;
  await stage.znodes.setDrain(member, false);
  return [within(`${member} announces nothing after`, tookMs, drainWithinMs)];
}

/** Peers take over within a moment and get the release time to be known everywhere; then the LB is empty. */
const drainWithinMs = releaseMs + 2_000;

async function drainVip(stage: Stage, vip: string): Promise<readonly Check[]> {
  const onMs = await stage.znodes.setDrain(vip, true);
  await waitFor(() => stage.routes.carriers(vip).length === 0, {
    what: `${vip} to be withdrawn`,
    timeoutMs: 10_000,
  });
  const goneMs = stage.routes.changes(onMs).at(-1)?.atMs ?? nowMs();
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
