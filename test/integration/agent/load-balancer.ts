import { onTestFinished } from 'vitest';
import { type LogLine, launcherOf, parseLogLine } from '../../helpers/agent-process.ts';
import { waitFor } from '../../helpers/wait.ts';
import { type Pair, startPair } from '../exabgp/bench.ts';

/** A real ExaBGP with a real router, which starts a launcher as its helper and starts it again when it ends. */
export interface LoadBalancer extends Pair {
  /** Lines the launcher has logged, with whatever ExaBGP logs between them. */
  said(pattern: RegExp): readonly LogLine[];
  says(pattern: RegExp): Promise<LogLine>;
  /** Waits until the router has exactly these of the given VIPs, with these MEDs. */
  hasRoutes(routes: Readonly<Record<string, number | undefined>>): Promise<void>;
}

/**
 * Starts both, in a namespace of their own. The helper enters the test's namespace before it becomes the launcher, so
 * that it reaches the test's ZooKeeper; its pipes and its parent are ExaBGP's. Ended with the test.
 */
export async function startLoadBalancer(
  program: 'vipkeeper' | 'exazk',
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<LoadBalancer> {
  const enter = ['/usr/bin/nsenter', `--net=/proc/${process.pid}/ns/net`];
  const helper = [...enter, launcherOf(program), ...args];
  const pair = await startPair({ helper, environment });
  onTestFinished(() => pair.stop());
  const said = (pattern: RegExp) =>
    pair.exabgp
      .log()
      .split('\n')
      .slice(0, -1)
      .map(parseLogLine)
      .filter(({ msg }) => pattern.test(msg));
  const failing = (error: Error): never => {
    throw new Error(`${error.message}; its log: ${pair.exabgp.log().slice(-3_000)}`);
  };
  return {
    ...pair,
    said,
    says: (pattern) =>
      waitFor(() => said(pattern)[0], { what: `a line like ${pattern}`, timeoutMs: 20_000 }).catch(
        failing,
      ),
    async hasRoutes(routes) {
      for (const [vip, med] of Object.entries(routes)) {
        const what = `${vip} at MED ${med ?? 'none'}`;
        await waitFor(async () => (await pair.bird.route(`${vip}/32`))?.med === med, {
          what,
          timeoutMs: 20_000,
          everyMs: 20,
        }).catch(failing);
      }
    },
  };
}
