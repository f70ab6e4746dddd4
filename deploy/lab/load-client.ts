import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { LoadLine } from './load.ts';
import { commandIn } from './namespaces.ts';
import { judgeRequests, type Request, type RequestReport } from './requests.ts';
import type { RouteMonitor } from './route-monitor.ts';
import { labEntry, type Run } from './run.ts';
import { nowMs, waitFor } from './wait.ts';

/** The client's load of new HTTP requests, as the lab holds it. Runs only while something is measured with it. */
export class Load {
  private readonly requests: Request[] = [];
  private readonly child: ChildProcess;
  private settledMs = 0;

  private constructor(run: Run) {
    const [program = 'ip', ...words] = commandIn(run, 'client', [
      process.execPath,
      labEntry(),
      'load',
    ]);
    this.child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
    if (this.child.stdout === null) throw new Error('the load generator has no output');
    createInterface(this.child.stdout).on('line', (line) => {
      const { settledMs, requests } = JSON.parse(line) as LoadLine;
      this.settledMs = settledMs;
      this.requests.push(...requests);
    });
  }

  /** Starts the load; resolves once requests are answered. */
  static async start(run: Run): Promise<Load> {
    const load = new Load(run);
    const isAnswered = () => load.requests.some(({ outcome }) => outcome === 'answered');
    await waitFor(isAnswered, { what: 'the first answered request', timeoutMs: 10_000 });
    return load;
  }

  /**
   * What became of every request that was under way between a time and now, those to some VIPs left aside; waits until the
   * last of them has ended.
   */
  async report(
    routes: RouteMonitor,
    fromMs: number,
    ignoredVips: readonly string[] = [],
  ): Promise<RequestReport> {
    const untilMs = nowMs();
    const isSettled = () => this.child.exitCode !== null || this.settledMs > untilMs;
    await waitFor(isSettled, { what: 'the requests to end', timeoutMs: 10_000, pollMs: 50 });
    if (this.child.exitCode !== null) throw new Error('the load generator has ended');
    const requests = this.requests.filter(
      ({ vip, startedMs, endedMs }) =>
        endedMs >= fromMs && startedMs <= untilMs && !ignoredVips.includes(vip),
    );
    return judgeRequests(requests, routes.changes(fromMs));
  }

  /** Ends the load. */
  stop(): void {
    this.child.stdin?.end();
  }
}
