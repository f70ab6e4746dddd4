import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { commandIn, runIn } from './namespaces.ts';
import { knownVips, type LoadBalancerName, vips } from './plan.ts';
import type { Run } from './run.ts';
import { nowMs } from './wait.ts';

/** VIP to the LBs that the spine forwards it to, sorted; a VIP without route has an empty list. */
export type Routes = ReadonlyMap<string, readonly LoadBalancerName[]>;

export interface RouteChange {
  /** When the kernel of the spine changed the route. */
  readonly atMs: number;
  readonly vip: string;
  readonly before: readonly LoadBalancerName[];
  readonly after: readonly LoadBalancerName[];
}

/** Follows the spine's forwarding table: every change, as the kernel reports it, with the kernel's order kept. */
export class RouteMonitor {
  private readonly routes = new Map<string, readonly LoadBalancerName[]>();
  private readonly history: RouteChange[] = [];
  private readonly child: ChildProcess;
  private readonly run: Run;

  private constructor(run: Run) {
    this.run = run;
    const [program = 'ip', ...words] = commandIn(run, 'spine', [
      'ip',
      '-o',
      '-ts',
      'monitor',
      'route',
    ]);
    this.child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    if (this.child.stdout === null) throw new Error('the route monitor has no output');
    createInterface(this.child.stdout).on('line', (line) => this.hear(line));
  }

  /** Starts following, from the table as it is now. */
  static start(run: Run): RouteMonitor {
    const monitor = new RouteMonitor(run);
    monitor.resync();
    return monitor;
  }

  /** The spine's routes now. */
  current(): Routes {
    return new Map(vips.map(({ address }) => [address, this.routes.get(address) ?? []]));
  }

  /** The LBs that the spine forwards a VIP to now. */
  carriers(vip: string): readonly LoadBalancerName[] {
    return this.routes.get(vip) ?? [];
  }

  /** All changes between two times. */
  changes(fromMs: number, untilMs: number = nowMs()): readonly RouteChange[] {
    return this.history.filter(({ atMs }) => atMs >= fromMs && atMs <= untilMs);
  }

  /** Ends the monitor. */
  stop(): void {
    this.child.kill();
  }

  private resync(): void {
    for (const option of ['-4', '-6']) {
      const table = runIn(this.run, 'spine', 'ip', '-o', option, 'route', 'show', 'proto', 'bird');
      for (const line of table.split('\n')) this.hear(line);
    }
  }

  private hear(line: string): void {
    const change = parseRouteLine(line);
    if (change === undefined) return;
    const { vip, carriers } = change;
    const before = this.routes.get(vip) ?? [];
    // A path can be deleted alone (IPv6): what the line names is gone, all when it names none.
    const remaining = before.filter((name) => carriers.length > 0 && !carriers.includes(name));
    const after = change.isDeletion ? remaining : carriers;
    if (before.join() === after.join()) return;
    this.routes.set(vip, after);
    this.history.push({ atMs: change.atMs ?? nowMs(), vip, before, after });
  }
}

interface RouteLine {
  /** Undefined for a line of a table, which has no time. */
  readonly atMs: number | undefined;
  readonly vip: string;
  readonly isDeletion: boolean;
  readonly carriers: readonly LoadBalancerName[];
}

/** Reads one line of `ip -o -ts monitor route` or `ip -o route show`; undefined when it is about no VIP. */
export function parseRouteLine(line: string): RouteLine | undefined {
  const stamp = /^\[([^\]]+)\] /.exec(line);
  const stamped = line.slice(stamp?.[0].length ?? 0);
  const isDeletion = stamped.startsWith('Deleted ');
  const text = stamped.replace('Deleted ', '');
  const vip = knownVips.find(({ address }) => text.startsWith(`${address} `))?.address;
  if (vip === undefined) return undefined;
  const racks = [...text.matchAll(/dev leaf(\d)/g)].map((match) => match[1] ?? '');
  const carriers = [...new Set(racks)].sort().map((rack) => `lb${rack}` as LoadBalancerName);
  const atMs = stamp?.[1] === undefined ? undefined : parseStamp(stamp[1]);
  return { atMs, vip, isDeletion, carriers };
}

/** `2026-11-21T08:05:07.196574`, local time; Date alone would drop the microseconds. */
function parseStamp(stamp: string): number {
  const [seconds = '', fraction = '0'] = stamp.split('.');
  return Date.parse(seconds) + Number(`0.${fraction}`) * 1000;
}
