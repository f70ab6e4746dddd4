import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkCommand } from './agent-config.ts';
import { type LoadBalancer, type LoadBalancerName, vips } from './plan.ts';
import type { Run } from './run.ts';

/** The configuration of ExaBGP's own healthcheck on an LB. */
export function healthcheckConfigFile(run: Run, node: LoadBalancerName): string {
  return join(run.directory, node, 'healthcheck.conf');
}

/** The file whose existence takes an LB out of service, as healthcheck knows it. */
export function disableFile(run: Run, node: LoadBalancerName): string {
  return join(run.directory, node, 'disabled');
}

/**
 * Writes it as seed 003 does: every VIP, its own ones first, so that they get the best metrics; the same check and the
 * same times as vipkeeper's.
 */
export function writeHealthcheckConfig(
  run: Run,
  { name }: LoadBalancer,
  options: readonly string[],
): void {
  const own = vips.filter(({ owner }) => owner === name);
  const others = vips.filter(({ owner }) => owner !== name);
  const lines = [
    'name = apex',
    'interval = 1',
    'fast-interval = 0.2',
    'timeout = 1',
    'rise = 2',
    'fall = 2',
    `command = ${checkCommand}`,
    `disable = ${disableFile(run, name)}`,
    'no-ip-setup',
    'no-syslog',
    ...options,
    ...[...own, ...others].map(({ address }) => `ip = ${address}`),
  ];
  writeFileSync(healthcheckConfigFile(run, name), `${lines.join('\n')}\n`);
}
