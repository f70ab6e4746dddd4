import { createHash } from 'node:crypto';
import type { Config } from '../config/config.ts';
import type { Instance } from '../core/instance.ts';
import type { StateIdentity } from '../host/saved-state.ts';
import {
  openStateDirectory,
  type StateDirectory,
  type StateDirectoryPorts,
} from '../host/state-directory.ts';

/** Opens the place where this agent keeps what its next life needs; undefined when there is none to use. */
export function openState(
  config: Config,
  instance: Instance,
  ports: StateDirectoryPorts,
): StateDirectory | undefined {
  if (config.stateDir === undefined) return undefined;
  const { chroot, services, sessionTimeoutMs } = config.zookeeper;
  return openStateDirectory(
    {
      path: config.stateDir,
      identity: identityOf(config, instance),
      services: services.map(({ name, paths }) => ({ name, claims: chroot + paths.claims })),
      sessionTimeoutMs,
    },
    ports,
  );
}

function identityOf({ settings, zookeeper }: Config, { bootId }: Instance): StateIdentity {
  const servers = zookeeper.servers.map(({ host, port }) => `${host} ${port}`).sort();
  const owned = settings.services.flatMap(({ name, vips }) =>
    vips.filter(({ owner }) => owner === settings.member).map(({ vip }) => [name, vip]),
  );
  const paths = zookeeper.services.map(({ name, paths: { claims, members } }) => [
    name,
    claims,
    members,
  ]);
  // Znodes would keep the ACL they were made with.
  const rights = [zookeeper.auth?.credential.split(':')[0], zookeeper.acl];
  const znodes = JSON.stringify([rights, paths.sort(), owned.sort()]);
  return {
    member: settings.member,
    bootId,
    ensemble: `${servers.join(',')}${zookeeper.chroot}`,
    znodes: createHash('sha256').update(znodes).digest('hex'),
  };
}
