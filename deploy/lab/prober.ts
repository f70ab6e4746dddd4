import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { commandIn } from './namespaces.ts';
import { vips } from './plan.ts';
import { flowsPerVip, type ProbeLine, type ProbeTick, probeIntervalMs } from './probe.ts';
import { labEntry, type Run } from './run.ts';
import { nowMs, waitFor } from './wait.ts';

/** What the client saw of one VIP within a window. */
export interface VipReport {
  readonly vip: string;
  /** Longest time without an answered probe on any flow, minus the probe interval; 0 exactly when nothing was lost. */
  readonly silenceMs: number;
  /** Longest silence by flow. */
  readonly flows: readonly number[];
  readonly lost: number;
  /** Answers by LB. */
  readonly answers: Readonly<Record<string, number>>;
}

/** What the client saw within a window. */
export interface ProbeReport {
  readonly vips: readonly VipReport[];
  readonly sent: number;
  /** Longest time in which the prober itself did not run: noise of the machine, in which a loss could hide. */
  readonly blindMs: number;
  readonly durationMs: number;
}

type Silence = Extract<ProbeLine, { kind: 'silence' }>;

/** The client's prober, as the lab holds it: everything it told since it started. */
export class Prober {
  private readonly silences: Silence[] = [];
  private readonly ticks: ProbeTick[] = [];
  private readonly child: ChildProcess;

  private constructor(run: Run) {
    const command = [process.execPath, labEntry(), 'probe'];
    const [program = 'ip', ...words] = commandIn(run, 'client', command);
    this.child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
    if (this.child.stdout === null) throw new Error('the prober has no output');
    createInterface(this.child.stdout).on('line', (line) => {
      const parsed = JSON.parse(line) as ProbeLine;
      if (parsed.kind === 'tick') this.ticks.push(parsed);
      else this.silences.push(parsed);
    });
  }

  /** Starts probing; resolves once the prober runs. */
  static async start(run: Run): Promise<Prober> {
    const prober = new Prober(run);
    const options = { what: 'the first round of probes', timeoutMs: 10_000 };
    await waitFor(() => prober.latest() !== undefined, options);
    return prober;
  }

  /** Whether every flow of every VIP is answered right now. */
  isQuiet(): boolean {
    const latest = this.latest();
    if (latest === undefined || latest.open.length > 0) return false;
    return vips.every(({ address }) => latest.answers[address] !== undefined);
  }

  /**
   * Waits until all probes sent so far are settled and every silence that began has ended; returns the time it was asked at.
   */
  async untilQuiet(): Promise<number> {
    const untilMs = nowMs();
    await this.until('the probes to settle', () => this.settledMs() > untilMs);
    await this.until('the silence to end', () =>
      this.openRuns().every((run) => run.fromMs > untilMs),
    );
    return untilMs;
  }

  /** The report on everything since a time until now: an outage is measured whole, also when it outlasts the call. */
  async report(fromMs: number): Promise<ProbeReport> {
    const untilMs = await this.untilQuiet();
    const ticks = this.ticks.filter(({ atMs }) => atMs > fromMs && atMs <= untilMs + 100);
    const runs = this.silences.filter((run) => run.toMs >= fromMs && run.fromMs <= untilMs);
    return {
      sent: ticks.reduce((sum, tick) => sum + tick.sent, 0),
      blindMs: Math.max(0, ...ticks.map((tick) => tick.worstGapMs)),
      durationMs: untilMs - fromMs,
      vips: vips.map(({ address }) => reportVip(address, runs, ticks)),
    };
  }

  /** Ends the prober. */
  stop(): void {
    this.child.stdin?.end();
  }

  private async until(what: string, isReached: () => boolean): Promise<void> {
    const isEnd = () => this.child.exitCode !== null || isReached();
    await waitFor(isEnd, { what, timeoutMs: 30_000, pollMs: 50 });
    if (this.child.exitCode !== null) throw new Error('the prober has ended');
  }

  private openRuns(): ProbeTick['open'] {
    return this.latest()?.open ?? [];
  }

  private latest(): ProbeTick | undefined {
    return this.ticks.at(-1);
  }

  private settledMs(): number {
    return this.latest()?.settledMs ?? 0;
  }
}

function reportVip(
  vip: string,
  runs: readonly Omit<Silence, 'kind'>[],
  ticks: readonly ProbeTick[],
): VipReport {
  const own = runs.filter((run) => run.vip === vip);
  const flows = Array.from({ length: flowsPerVip }, (_, flow) =>
    longest(own.filter((run) => run.flow === flow)),
  );
  const answers: Record<string, number> = {};
  for (const tick of ticks) {
    for (const [name, count] of Object.entries(tick.answers[vip] ?? {})) {
      answers[name] = (answers[name] ?? 0) + count;
    }
  }
  const lost = own.reduce((sum, run) => sum + run.lost, 0);
  return { vip, silenceMs: Math.max(...flows), flows, lost, answers };
}

function longest(runs: readonly Omit<Silence, 'kind'>[]): number {
  const lengths = runs.map((run) => Math.max(1, run.toMs - run.fromMs - probeIntervalMs));
  return Math.round(Math.max(0, ...lengths));
}
