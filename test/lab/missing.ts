import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../deploy/lab/run.ts';

/** What this machine lacks to run the labs. */
export function whatIsMissing(): readonly string[] {
  const programs = [
    '/usr/sbin/ip',
    '/usr/sbin/bird',
    '/usr/lib/frr/bgpd',
    '/usr/sbin/exabgp',
    '/usr/sbin/nginx',
    '/usr/sbin/iptables',
    '/usr/bin/java',
    '/usr/bin/curl',
    '/usr/share/java/zookeeper.jar',
    join(repositoryRoot(), 'dist', 'lab.js'),
    join(repositoryRoot(), 'dist', 'vipkeeper.js'),
  ];
  const absent = programs.filter((program) => !existsSync(program));
  return process.getuid?.() === 0 ? absent : ['root', ...absent];
}
