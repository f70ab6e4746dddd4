import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findDaemon, nodeDirectory, runHere, runIn, startDaemon } from './namespaces.ts';
import type { Run } from './run.ts';
import { waitFor } from './wait.ts';

/** What FRR on a node is to do. */
export interface FrrOptions {
  /** bgpd's configuration. */
  readonly bgp: string;
  /** Whether its routes reach the kernel: a route server has none. */
  readonly isRouter: boolean;
}

/** Starts Debian's FRR on a node: bgpd, and for a router zebra before it. */
export async function startFrr(run: Run, node: string, options: FrrOptions): Promise<void> {
  // FRR becomes the account of that name, which must be able to write its sockets.
  runHere('install', '-d', '-o', 'frr', '-g', 'frr', frrDirectory(run, node));
  const daemons = options.isRouter ? (['zebra', 'bgpd'] as const) : (['bgpd'] as const);
  for (const daemon of daemons) {
    const config = daemon === 'bgpd' ? options.bgp : '';
    startFrrDaemon(run, node, daemon, `frr defaults traditional\n${config}`);
    await waitForFrr(run, node, daemon);
  }
}

/** What FRR on a node answers to commands, one after another: for a configuration they begin with `configure terminal`. */
export function vtysh(run: Run, node: string, ...lines: readonly string[]): string {
  const commands = lines.flatMap((line) => ['-c', line]);
  return ask(run, node, ...commands);
}

/** A table of FRR from its head on, without the legend that it prints each time. */
export function frrTable(text: string): string {
  const lines = text.split('\n');
  return lines.slice(lines.findIndex((line) => line.includes('Network'))).join('\n');
}

function ask(run: Run, node: string, ...words: readonly string[]): string {
  return runIn(run, node, 'vtysh', '--vty_socket', frrDirectory(run, node), ...words);
}

type FrrDaemon = 'zebra' | 'bgpd';

function startFrrDaemon(run: Run, node: string, name: FrrDaemon, config: string): void {
  const directory = frrDirectory(run, node);
  const file = (suffix: string) => join(directory, `${name}.${suffix}`);
  writeFileSync(file('conf'), config);
  const paths = ['-f', file('conf'), '-i', file('lock'), '-z', join(directory, 'zserv.api')];
  const words = ['--vty_socket', directory, ...paths, '--log', `file:${file('log')}`];
  startDaemon({ run, node, name, command: [`/usr/lib/frr/${name}`, ...words] });
}

function frrDirectory(run: Run, node: string): string {
  return join(nodeDirectory(run, node), 'frr');
}

async function waitForFrr(run: Run, node: string, daemon: FrrDaemon): Promise<void> {
  const isReady = () => {
    if (findDaemon(run, node, daemon) === undefined) throw new Error(`${daemon} on ${node} ended`);
    try {
      return ask(run, node, '-d', daemon, '-c', 'show version').includes('FRR');
    } catch {
      return false;
    }
  };
  await waitFor(isReady, { what: `${daemon} on ${node}`, timeoutMs: 10_000 });
}
