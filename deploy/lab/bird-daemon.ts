import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findDaemon, nodeDirectory, runIn, startDaemon } from './namespaces.ts';
import type { Run } from './run.ts';
import { waitFor } from './wait.ts';

/**
 * What a BGP session of BIRD tries again after: by default it pauses for a minute after an error, and FRR makes one when it
 * opens a session before it knows its interfaces.
 */
export const retries = `
  connect delay time 1;
  connect retry time 2;
  error wait time 1, 2;
  error forget time 4;`;

/** Starts BIRD on a node with a configuration. */
export function startBird(run: Run, node: string, config: string): void {
  const directory = nodeDirectory(run, node);
  writeFileSync(join(directory, 'bird.conf'), config);
  // No -P: bird.pid is what startDaemon remembers it by.
  const paths = ['-c', 'bird.conf', '-s', 'bird.ctl'];
  startDaemon({ run, node, name: 'bird', command: ['bird', '-f', ...paths] });
}

/** Waits until BIRD on a node answers. */
export async function waitForBird(run: Run, node: string): Promise<void> {
  await waitFor(() => isBirdReady(run, node), { what: `BIRD on ${node}`, timeoutMs: 10_000 });
}

/** What BIRD on a node answers to a command that only shows. */
export function birdc(run: Run, node: string, command: string): string {
  const socket = join(run.directory, node, 'bird.ctl');
  return runIn(run, node, 'birdc', '-r', '-s', socket, ...command.split(' '));
}

function isBirdReady(run: Run, node: string): boolean {
  if (findDaemon(run, node, 'bird') === undefined) {
    const log = readFileSync(join(nodeDirectory(run, node), 'bird.err.log'), 'utf8');
    throw new Error(`BIRD on ${node} has ended: ${log.trim()}`);
  }
  try {
    return birdc(run, node, 'show status').includes('up and running');
  } catch {
    return false;
  }
}
