import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { service, stallAfterMs, type Vip, vips, zooKeeperAddress, zooKeeperPort } from './plan.ts';
import type { Run } from './run.ts';
import { type Setup, setupOf } from './setups.ts';

/** Where the one config file is that all agents of the lab run with. */
export function agentConfigFile(run: Run): string {
  return join(run.directory, 'vipkeeper.yaml');
}

/** Writes that file for the lab's setup; agents that run are not told. */
export function writeAgentConfig(run: Run, served: readonly Vip[] = vips): void {
  writeFileSync(agentConfigFile(run), agentConfig(setupOf(run), served));
}

function agentConfig(setup: Setup, served: readonly Vip[]): string {
  const owners = served.map(({ address, owner }) => `      "${address}": ${owner}`).join('\n');
  return `# The same file on every LB; ExaBGP's environment tells each agent who it is.
member: \${LAB_MEMBER}
zookeeper:
  hosts: ["${zooKeeperAddress}:${zooKeeperPort}"]
  sessionTimeout: ${setup.sessionTimeoutMs}ms
# ExaBGP tells its AS with every neighbor that comes up, but not again to an agent that it had to restart.
bgp: { localAs: "\${LAB_AS}" }
exabgp: { stallAfter: ${stallAfterMs}ms }
${setup.hasStateDirectory ? `stateDir: \${LAB_STATE}\n` : ''}services:
  ${service}:
    vips:
${owners}
    checks:
      - exec: ${checkCommand}
        interval: 1s
        fastInterval: 200ms
        timeout: 1s
        rise: 2
        fall: 2
${setup.serviceLines.map((line) => `    ${line}\n`).join('')}`;
}

/** The health check of the LBs' service. */
export const checkCommand = 'curl -sf -m 1 http://127.0.0.1/healthcheck';
