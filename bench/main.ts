import { startZooKeeper } from '../test/helpers/zookeeper.ts';
import { runClaimWriter } from './claim-writer.ts';
import { measureMemory, measureStart } from './footprint.ts';
import { quantile, row } from './statistics.ts';
import { measureTakeover } from './takeover.ts';

/** Prints the footprint and the latency of the agent beside the least that could do the same, in one run. */
async function main(): Promise<void> {
  const [command, connectString = '', path = ''] = process.argv.slice(2);
  if (command === 'claim-writer') {
    runClaimWriter(connectString, path);
    return;
  }
  const ensemble = await startZooKeeper({ servers: 1 });
  try {
    const warmUp = 200;
    const samples = (await measureTakeover(ensemble, warmUp + 1_000)).slice(warmUp);
    const watch = samples.map(({ watchMs }) => watchMs);
    const line = samples.map(({ lineMs }) => lineMs);
    const start = await measureStart(10);
    const memory = await measureMemory(ensemble);
    const report = [
      row('measured', 'vipkeeper', 'beside it', 'ratio', 'aim'),
      row('---', '---', '---', '---', '---'),
      ...([0.5, 0.99] as const).map((share) => {
        const [ours, bare] = [quantile(line, share), quantile(watch, share)];
        const aim = share === 0.5 ? '<= 1.5' : '<= 2';
        return row(
          `claim deleted -> announce line, p${share * 100} of ${samples.length} (ms)`,
          ours,
          `bare watch ${bare.toFixed(2)}`,
          ours / bare,
          aim,
        );
      }),
      row(
        'exec -> first connection attempt, median of 10 (ms)',
        quantile(start.agentMs, 0.5),
        `bare node ${quantile(start.nodeMs, 0.5).toFixed(0)}`,
        quantile(start.agentMs, 0.5) / quantile(start.nodeMs, 0.5),
        '<= 150 ms',
      ),
      row(
        'resident memory with 3 VIPs (MiB)',
        memory.agentMiB,
        `idle node ${memory.nodeMiB.toFixed(0)}`,
        memory.agentMiB / memory.nodeMiB,
        '<= 64 MiB',
      ),
    ];
    console.log(report.join('\n'));
  } finally {
    await ensemble.stop();
  }
}

await main();
// The measured agent's timers would go on for ever; the claim writer has its own end.
if (process.argv[2] !== 'claim-writer') process.exit(0);
