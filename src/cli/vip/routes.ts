import type { Config } from '../../config/config.ts';
import { claimName, type Vip } from '../../core/vip.ts';

/** A VIP that is to be drained or restored, and the znode that does it. */
export interface Route {
  readonly vip: Vip;
  readonly service: string;
  readonly path: string;
}

/** What is asked for, found in the configuration. */
export interface Routes {
  readonly routes: readonly Route[];
  /** Those that no service of the configuration has. */
  readonly unknown: readonly Vip[];
}

/** Whose routes: the VIP's of all members that share the ensemble, or this member's alone. */
export type Scope = 'site' | 'member';

/** The routes of these VIPs, in the configuration's order. */
export function routesOf(config: Config, asked: readonly Vip[], scope: Scope): Routes {
  const { chroot, services } = config.zookeeper;
  const { member } = config.settings;
  const routes = config.settings.services.flatMap(({ name, vips }) => {
    const drains = services.find((service) => service.name === name)?.paths.drains ?? '';
    return vips
      .filter(({ vip }) => asked.includes(vip))
      .map(({ vip }) => ({
        vip,
        service: name,
        path: `${chroot}${drains}/${scope === 'site' ? claimName(vip) : member}`,
      }));
  });
  const known = new Set(routes.map(({ vip }) => vip));
  return { routes, unknown: asked.filter((vip) => !known.has(vip)) };
}

/**
 * VIPs that would go as well: a member is drained with all VIPs of a service, so it cannot be asked to give up some of
 * them.
 */
export function alsoLeaving(config: Config, routes: readonly Route[]): readonly Route[] {
  const taken = new Map(routes.map(({ service, path }) => [service, path]));
  const asked = new Set(routes.map(({ vip }) => vip));
  return config.settings.services.flatMap(({ name, vips }) => {
    const path = taken.get(name);
    if (path === undefined) return [];
    return vips
      .filter(({ vip }) => !asked.has(vip))
      .map(({ vip }) => ({ vip, service: name, path }));
  });
}
