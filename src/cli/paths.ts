import type { ServicePaths } from '../config/config.ts';
import type { ServiceName } from '../core/settings.ts';

/** Where services live in ZooKeeper. A service keeps the paths it first had: its znodes, and its peers, are there. */
export interface Paths {
  /** @throws Error when there never was such a service, which is a bug. */
  of(service: ServiceName): ServicePaths['paths'];
  /** Learns of services; one that is known keeps its paths. */
  add(services: readonly ServicePaths[]): void;
}

/** Starts with those of a configuration. */
export function createPaths(services: readonly ServicePaths[]): Paths {
  const known = new Map<ServiceName, ServicePaths['paths']>();
  const paths: Paths = {
    of(service) {
      const found = known.get(service);
      if (found === undefined) throw new Error(`no paths for ${service}`);
      return found;
    },
    add(more) {
      for (const { name, paths: found } of more) if (!known.has(name)) known.set(name, found);
    },
  };
  paths.add(services);
  return paths;
}
