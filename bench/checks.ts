import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../test/helpers/wait.ts';
import type { ZooKeeper } from '../test/helpers/zookeeper.ts';
import { startAgent } from './footprint.ts';
import { row } from './statistics.ts';

const serviceCount = 50;
const checksPerService = 10;
const checkCount = serviceCount * checksPerService;
const intervalMs = 10_000;
/** Past the first verdicts, and the first interval that spreads the runs. */
const settleMs = 25_000;
const measuredMs = 60_000;

/** What one process does: as many checks of one kind, or the same without an agent. */
interface Subject {
  readonly what: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * CPU time of agents with 500 checks of a kind at 10 s, beside one with none, and of 500 connections beside a script
 * that does nothing else. All run at the same time, under the same load.
 */
export async function measureChecks(ensemble: ZooKeeper): Promise<readonly string[]> {
  let accepted = 0;
  const server = createServer((socket) => {
    accepted += 1;
    socket.on('error', () => undefined).resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = (what: string, check: string | undefined): Subject => {
    const { child, stop } = startAgent(ensemble.connectString, {
      services: servicesWith(check),
      root: `/${what}`,
    });
    return { what, pid: child.pid ?? 0, stop };
  };
  const subjects = [
    agent('none', undefined),
    agent('always', 'always: up'),
    agent('file', 'file: /proc/version'),
    agent('tcp', `tcp: 127.0.0.1:${port}`),
    bareScript(port),
  ];
  try {
    await waitFor(() => accepted > checkCount * 4, { timeoutMs: 60_000, what: 'the first checks' });
    await sleep(settleMs);
    const before = subjects.map(({ pid }) => cpuMs(pid));
    const acceptedBefore = accepted;
    await sleep(measuredMs);
    const shares = subjects.map(({ pid }, index) => cpuMs(pid) - (before[index] ?? 0));
    return report(subjects, shares, accepted - acceptedBefore);
  } finally {
    await Promise.all(subjects.map(({ stop }) => stop()));
    server.close();
  }
}

function report(
  subjects: readonly Subject[],
  usedMs: readonly number[],
  connections: number,
): readonly string[] {
  const percent = (ms: number) => (ms / measuredMs) * 100;
  const usedBy = (name: string) => usedMs[subjects.findIndex(({ what }) => what === name)] ?? 0;
  return [
    row(`${checkCount} checks every 10 s, over 60 s`, 'CPU (% of a core)', 'more than', '%', 'aim'),
    row('---', '---', '---', '---', '---'),
    row('agent without checks', percent(usedBy('none')), '', '', ''),
    ...['always', 'file'].map((kind) =>
      row(
        `agent with ${kind}`,
        percent(usedBy(kind)),
        'agent without checks',
        percent(usedBy(kind) - usedBy('none')),
        '<= 1',
      ),
    ),
    row(
      'agent with tcp',
      percent(usedBy('tcp')),
      `agent without checks and bare script (${percent(usedBy('script')).toFixed(2)})`,
      percent(usedBy('tcp') - usedBy('none') - usedBy('script')),
      '<= 1',
    ),
    '',
    `Connections of both in that time: ${connections}, of ${(2 * checkCount * measuredMs) / intervalMs} due.`,
  ];
}

function servicesWith(check: string | undefined): string {
  return Array.from({ length: serviceCount }, (_, index) => {
    const entry = `      - { ${check}, interval: 10s, fastInterval: 1s }\n`;
    const checks = check === undefined ? '' : `    checks:\n${entry.repeat(checksPerService)}`;
    return `  s${index}:\n    vips: { 10.20.1.${index}: lb1 }\n${checks}`;
  }).join('');
}

/** The same connections, spread the same way, and nothing else. */
function bareScript(port: number): Subject {
  const program = `
    const { connect } = require('node:net');
    const run = () => {
      const socket = connect(${port}, '127.0.0.1', () => socket.destroy());
      socket.on('error', () => {});
    };
    for (let index = 0; index < ${checkCount}; index += 1)
      setTimeout(() => setInterval(run, ${intervalMs}), (index * ${intervalMs}) / ${checkCount});`;
  const child = spawn(process.execPath, ['-e', program], { stdio: 'ignore' });
  return { what: 'script', pid: child.pid ?? 0, stop: async () => void child.kill('SIGKILL') };
}

/** CPU time of a process and its threads so far, as the kernel counts it: in ticks of 10 ms. */
function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
