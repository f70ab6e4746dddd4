import { writeAgentConfig } from '../agent-config.ts';
import { drainTimeoutMs, loadBalancers, spareVip, type Vip, vips } from '../plan.ts';
import { signalAgent } from '../speaker.ts';
import { type Stage, waitUntilRecovered } from '../stage.ts';
import { nowMs, waitFor } from '../wait.ts';
import { type Check, type Fault, holds, within } from './fault.ts';
import { describeChange } from './observe.ts';
import { lossless, runPlannedMove } from './planned-move.ts';

export const ownerReloaded: Fault = {
  name: 'reload-owner',
  title: 'reload on the whole fleet gives a VIP to another LB (SIGHUP), and back (file change)',
  bound: lossless,
  run: (stage) => runPlannedMove(stage, { move: moveOwner }),
};

export const vipReloaded: Fault = {
  name: 'reload-vips',
  title: 'reload on the whole fleet (SIGHUP) brings a VIP, and takes it away',
  bound: `${lossless}; the VIP is there within 1 s, gone within drain.timeout + 1 s`,
  run: (stage) => runPlannedMove(stage, { move: bringAndTake }),
};

/** The same VIPs, but lb1 owns what is lb3's. */
const moved: readonly Vip[] = vips.map((vip) =>
  vip.owner === 'lb3' ? { ...vip, owner: 'lb1' } : vip,
);

/** Gives lb3's VIP to lb1 by SIGHUP, and back by nothing but the file. */
export async function moveOwner(stage: Stage): Promise<readonly Check[]> {
  reload(stage, moved);
  await waitUntilRecovered(stage, moved);
  // Agents look at the file by themselves.
  writeAgentConfig(stage.run);
  await waitUntilRecovered(stage);
  return [];
}

async function bringAndTake(stage: Stage): Promise<readonly Check[]> {
  const { address } = spareVip;
  const carriers = () => stage.routes.carriers(address);
  const broughtMs = nowMs();
  reload(stage, [...vips, spareVip]);
  await waitFor(() => carriers().length > 0, { what: `${address} to appear`, timeoutMs: 10_000 });
  const thereMs = (stage.routes.changes(broughtMs)[0]?.atMs ?? nowMs()) - broughtMs;
  await waitUntilRecovered(stage, [...vips, spareVip]);
  const takenMs = nowMs();
  reload(stage, vips);
  await waitFor(() => carriers().length === 0, { what: `${address} to go`, timeoutMs: 30_000 });
  const goneMs = nowMs() - takenMs;
  const strays = stage.routes.changes(broughtMs).filter(({ vip }) => vip !== address);
  return [
    within('the new VIP is announced after', thereMs, 1_000),
    within('the removed VIP is withdrawn after', goneMs, drainTimeoutMs + 1_000),
    holds('no other route changed', strays.length === 0, strays.map(describeChange).join('; ')),
  ];
}

/** What an operator's roll-out does: the new file everywhere, then SIGHUP to every agent. */
function reload({ run }: Stage, served: readonly Vip[]): void {
  writeAgentConfig(run, served);
  for (const { name } of loadBalancers) signalAgent(run, name, 'SIGHUP');
}
