import { createHash } from 'node:crypto';
import type { Config } from '../config/config.ts';
import type { Instance } from '../core/instance.ts';
import {
  openStateDirectory,
  type StateDirectory,
  type StateDirectoryOptions,
  type StateDirectoryPorts,
} from '../host/state-directory.ts';
import type { Paths } from './paths.ts';

/** Opens the place where this agent keeps what its next life needs; undefined when there is none to use. */
export function openState(
  config: Config,
  instance: Instance,
  paths: Paths,
  ports: StateDirectoryPorts,
): StateDirectory | undefined {
  const { stateDir, settings, zookeeper } = config;
  if (stateDir === undefined) return undefined;
  const servers = zookeeper.servers.map(({ host, port }) => `${host} ${port}`).sort();
  return openStateDirectory(
    {
      path: stateDir,
      identity: {
        member: settings.member,
        bootId: instance.bootId,
        ensemble: `${servers.join(',')}${zookeeper.chroot}`,
      },
      services: settings.services,
      claimsOf: (service) => zookeeper.chroot + paths.of(service).claims,
      znodesOf: (services) => znodesOf(services, config, paths),
      sessionTimeoutMs: zookeeper.sessionTimeoutMs,
    },
    ports,
  );
}

function znodesOf(
  services: StateDirectoryOptions['services'],
  { settings, zookeeper }: Config,
  paths: Paths,
): string {
  const owned = services.flatMap(({ name, vips }) =>
    vips.filter(({ owner }) => owner === settings.member).map(({ vip }) => [name, vip]),
  );
  const places = services.map(({ name }) => {
    const { claims, members } = paths.of(name);
    return [name, claims, members];
  });
  // Znodes would keep the ACL they were made with.
  const rights = [zookeeper.auth?.credential.split(':')[0], zookeeper.acl];
  const znodes = JSON.stringify([rights, places.sort(), owned.sort()]);
  return createHash('sha256').update(znodes).digest('hex');
}
