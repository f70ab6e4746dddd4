import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  releaseMs,
  service,
  sessionTimeoutMs,
  settleMs,
  vips,
  zooKeeperAddress,
  zooKeeperPort,
} from './plan.ts';
import type { Run } from './run.ts';

/** Writes the one config file that all agents of the lab run with. */
export function writeAgentConfig(run: Run): void {
  writeFileSync(join(run.directory, 'vipkeeper.yaml'), agentConfig());
}

function agentConfig(): string {
  const owners = vips.map(({ address, owner }) => `      "${address}": ${owner}`).join('\n');
  return `# The same file on every LB; ExaBGP's environment tells each agent who it is.
member: \${LAB_MEMBER}
zookeeper:
  hosts: ["${zooKeeperAddress}:${zooKeeperPort}"]
  sessionTimeout: ${sessionTimeoutMs}ms
# ExaBGP tells its AS with every neighbor that comes up, but not again to an agent that it had to restart.
bgp: { localAs: "\${LAB_AS}" }
services:
  ${service}:
    vips:
${owners}
    checks:
      - exec: curl -sf -m 1 http://127.0.0.1/healthcheck
        interval: 1s
        fastInterval: 200ms
        timeout: 1s
        rise: 2
        fall: 2
    takeover: { release: ${releaseMs}ms, settle: ${settleMs}ms }
`;
}
