import { startZooKeeper } from '../test/helpers/zookeeper.ts';
import { measureChecks } from './checks.ts';
import { runClaimWriter } from './claim-writer.ts';
import { printCoreCosts } from './core.ts';
import { measureMemory, measureStart } from './footprint.ts';
import { measureScale } from './scale.ts';
import { quantile, row } from './statistics.ts';
import { measureTakeover, type TakeoverSample } from './takeover.ts';

/**
 * Prints the footprint and the latency of the agent beside the least that could do the same, in one run; `core`: what a
 * step of the core costs instead; `scale`: what large fleets cost the adapter to ZooKeeper instead; `checks`: what 500
 * checks cost the agent instead.
 */
async function main(): Promise<void> {
  const [command, connectString = '', path = ''] = process.argv.slice(2);
  if (command === 'claim-writer') {
    runClaimWriter(connectString, path);
    return;
  }
  if (command === 'core') {
    printCoreCosts();
    return;
  }
  const ensemble = await startZooKeeper({
    servers: 1,
    // Tests trade the server's speed for a quick start; a server in production does not.
    properties: ['-XX:TieredStopAtLevel=4'],
  });
  try {
    if (command === 'checks') {
      console.log((await measureChecks(ensemble)).join('\n'));
      return;
    }
    if (command === 'scale') {
      console.log((await measureScale(ensemble)).join('\n'));
      return;
    }
    const warmUp = 2_000;
    const samples = (await measureTakeover(ensemble, warmUp + 2_000)).slice(warmUp);
    const idle = samples.filter(({ readMs }) => readMs === undefined);
    const reading = samples.filter(({ readMs }) => readMs !== undefined);
    const start = await measureStart(10);
    const memory = await measureMemory(ensemble);
    const report = [
      row('measured', 'vipkeeper', 'beside it', 'ratio', 'aim'),
      row('---', '---', '---', '---', '---'),
      ...compare('bare watch', idle, ({ watchMs }) => watchMs, ['<= 1.5', '<= 2']),
      ...compare('bare watch that reads the claims', reading, ({ readMs }) => readMs ?? 0, [
        '',
        '',
      ]),
      row(
        'exec -> first connection attempt, median of 10 (ms)',
        quantile(start.agentMs, 0.5),
        `bare node ${quantile(start.nodeMs, 0.5).toFixed(0)}`,
        quantile(start.agentMs, 0.5) / quantile(start.nodeMs, 0.5),
        '<= 150 ms',
      ),
      row(
        'resident memory with 3 VIPs (MB)',
        memory.agentMb,
        `idle node ${memory.nodeMb.toFixed(0)}`,
        memory.agentMb / memory.nodeMb,
        '<= 64 MB',
      ),
      row(
        'the same with listen, scraped once a second (MB)',
        memory.scrapedMb,
        `idle node ${memory.nodeMb.toFixed(0)}`,
        memory.scrapedMb / memory.nodeMb,
        '<= 80 MB',
      ),
    ];
    console.log(report.join('\n'));
  } finally {
    await ensemble.stop();
  }
}

/** Rows for median and 99th percentile of the same events, ours beside another's. */
function compare(
  name: string,
  samples: readonly TakeoverSample[],
  theirs: (sample: TakeoverSample) => number,
  aims: readonly [string, string],
): readonly string[] {
  return ([0.5, 0.99] as const).map((share, index) => {
    const ours = quantile(
      samples.map(({ lineMs }) => lineMs),
      share,
    );
    const bare = quantile(samples.map(theirs), share);
    const what = `claim deleted -> announce line, p${share * 100} of ${samples.length} (ms)`;
    return row(what, ours, `${name} ${bare.toFixed(2)}`, ours / bare, aims[index] ?? '');
  });
}

await main();
// The measured agent's timers would go on for ever; the claim writer has its own end.
if (process.argv[2] !== 'claim-writer') process.exit(0);
