import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { waitFor } from '../test/helpers/wait.ts';
import type { ZooKeeper } from '../test/helpers/zookeeper.ts';
import { monotonicMs } from './claim-writer.ts';

const launcher = join(import.meta.dirname, '../bin/vipkeeper');

/**
 * Resident memory in MB of a settled agent with 3 VIPs that has made its claim, of one that is scraped once a second
 * besides, and of a node that does nothing.
 */
export async function measureMemory(
  ensemble: ZooKeeper,
): Promise<{ agentMb: number; scrapedMb: number; nodeMb: number }> {
  const idle = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  try {
    const agentMb = await measureAgent(startAgent(ensemble.connectString), undefined);
    const url = `127.0.0.1:${await freePort()}`;
    const scraped = startAgent(ensemble.connectString, { root: '/scraped', listen: url });
    const scrapedMb = await measureAgent(scraped, `http://${url}/metrics`);
    return { agentMb, scrapedMb, nodeMb: residentMb(idle.pid) };
  } finally {
    idle.kill();
  }
}

async function measureAgent(agent: ReturnType<typeof startAgent>, url: string | undefined) {
  try {
    await waitFor(() => agent.hasAnnounced(), { timeoutMs: 30_000, what: 'the announcement' });
    // Past settling, release and some dozens of polls and checks, so that start-up garbage no longer counts.
    const isSettled = async () => {
      if (url !== undefined) await (await fetch(url)).text();
      return agent.lines() > 25;
    };
    await waitFor(isSettled, { timeoutMs: 60_000, what: 'an ordinary life', everyMs: 1_000 });
    return residentMb(agent.child.pid);
  } finally {
    await agent.stop();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Milliseconds from exec to the first connection attempt, beside a bare node that does only that. */
export async function measureStart(
  count: number,
): Promise<{ agentMs: number[]; nodeMs: number[] }> {
  const server = createServer((socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agentMs: number[] = [];
  const nodeMs: number[] = [];
  const bare = `require('node:net').connect(${port}, '127.0.0.1').on('error', () => {}); setInterval(() => {}, 1e3);`;
  for (let index = 0; index < count; index += 1) {
    const startedMs = monotonicMs();
    const agent = startAgent(`127.0.0.1:${port}`);
    await once(server, 'connection');
    agentMs.push(monotonicMs() - startedMs);
    await agent.stop();
    const bareStartedMs = monotonicMs();
    const child = spawn(process.execPath, ['-e', bare], { stdio: 'ignore' });
    await once(server, 'connection');
    nodeMs.push(monotonicMs() - bareStartedMs);
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  server.close();
  return { agentMs, nodeMs };
}

const threeVips = `  apex:
    vips: { 10.20.255.1: lb1, 10.20.255.2: lb2, 10.20.255.3: lb3 }
    checks: [{ exec: "true", interval: 1s, fastInterval: 200ms, timeout: 1s }]
`;

interface AgentOptions {
  /** YAML, indented by two. */
  readonly services?: string;
  readonly root?: string;
  readonly listen?: string;
}

/** The real launcher, with an ExaBGP on its pipes that accepts everything. */
export function startAgent(
  connectString: string,
  { services = threeVips, root = '/exabgp', listen }: AgentOptions = {},
) {
  const directory = mkdtempSync(join(tmpdir(), 'vipkeeper-bench-'));
  const config = join(directory, 'vipkeeper.yaml');
  writeFileSync(
    config,
    `member: lb1
zookeeper: { hosts: "${connectString}", root: ${root} }
${listen === undefined ? '' : `listen: ${listen}`}
services:
${services}`,
  );
  const child = spawn(process.execPath, [launcher, 'run', '-f', config], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let count = 0;
  let hasAnnounced = false;
  createInterface({ input: child.stdout }).on('line', (line) => {
    count += 1;
    if (line.startsWith('announce')) hasAnnounced = true;
    if (line.includes('version')) child.stdin.write('exabgp 4.2.21\n');
    if (line.includes('summary')) {
      child.stdin.write('10.0.0.2       65001     0:00:11 established           4          0\n');
    }
    child.stdin.write('done\n');
  });
  child.stdin.on('error', () => undefined);
  return {
    child: child as ChildProcess,
    lines: () => count,
    hasAnnounced: () => hasAnnounced,
    async stop() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function residentMb(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  // The kernel's kB is 1024 bytes.
  return (Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024) / 1e6;
}
