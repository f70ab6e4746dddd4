import type { DampingSettings, MemberId, ServiceName, ServiceSettings } from '../core/settings.ts';
import { isVip, parseVip } from '../core/vip.ts';
import { checkSchema, checkSettings, healthOf } from './checks.ts';
import type { Config, HookName, ServicePaths } from './config.ts';
import type { Server } from './hosts.ts';
import { announceOf } from './roles.ts';
import { type ConfigFile, zookeeperSchema } from './schema.ts';
import type { ServiceFile } from './service-schema.ts';
import { pathFrom } from './tls.ts';
import type { RenewableTls } from './tls-renewal.ts';
import type { ListedVip } from './vips.ts';
import { warningsOf } from './warnings.ts';

interface Parts {
  readonly servers: readonly Server[];
  /** From a connect string. */
  readonly chroot: string;
  readonly tls: RenewableTls;
  readonly secretVariables: readonly string[];
  readonly listed: readonly ListedVip[];
  readonly hostname: string;
  /** The configuration file. */
  readonly file: string;
  readonly hash: string;
}

/** Builds the configuration from a file that has passed every check. */
export function composeConfig(
  file: ConfigFile,
  parts: Parts,
): { readonly config: Config; readonly warnings: readonly string[] } {
  // The host name was checked with everything else.
  const member = file.member ?? (parts.hostname as MemberId);
  const services = Object.entries(file.services);
  const { log } = file;
  const zookeeper = file.zookeeper ?? zookeeperSchema.parse({ hosts: [] });
  const { after, policy } = zookeeper.coldStart;
  const config: Config = {
    hash: parts.hash,
    settings: {
      member,
      ...(file.zookeeper === undefined && { isStandalone: true }),
      onCoordinationLoss: zookeeper.onCoordinationLoss,
      coldStart: { afterMs: after === 'never' ? undefined : after, policy },
      neighbors: {
        require: file.bgp.require,
        stableForMs: file.bgp.stableFor,
        localAs: file.bgp.localAs,
      },
      shutdownTimeoutMs: file.shutdown.timeout,
      services: services.map(([name, service]) =>
        serviceSettings(name, service, { ...parts, member }),
      ),
    },
    zookeeper: {
      servers: parts.servers,
      chroot: parts.chroot === '/' ? '' : parts.chroot || (zookeeper.chroot ?? ''),
      sessionTimeoutMs: zookeeper.sessionTimeout,
      auth:
        zookeeper.auth === undefined
          ? undefined
          : { scheme: 'digest', credential: zookeeper.auth.digest },
      acl: zookeeper.acl,
      tls: parts.tls.tls,
      renewTls: () => parts.tls.renew(),
      services: services.map(([name, service]) => servicePaths(name, service, zookeeper.root)),
    },
    secretVariables: parts.secretVariables,
    stateDir: file.stateDir,
    exabgp: exabgpOf(file),
    guard: {
      allowed: file.allowed?.map(parseVip).filter(isVip),
      maxRoutes: file.maxRoutes,
    },
    host: { ...file.host, label: file.host.label },
    hooks: hooksOf(file),
    user: file.user,
    group: file.group,
    reload: file.reload,
    listen: file.listen,
    log: {
      level: log.level,
      silent: log.silent,
      format: log.format,
      syslog: log.syslog === 'off' ? undefined : log.syslog,
    },
  };
  return { config, warnings: warningsOf(file, config.settings) };
}

function exabgpOf({ exabgp }: ConfigFile): Config['exabgp'] {
  const { api, ackTimeout, acks, refresh } = exabgp;
  return {
    api,
    ackTimeoutMs: ackTimeout,
    stallAfterMs: exabgp.stallAfter ?? Math.max(defaultStallAfterMs, ackTimeout),
    acks,
    refreshMs: refresh === 'off' ? undefined : refresh,
  };
}

/** How long ExaBGP may be silent before the LB counts as not serving. */
export const defaultStallAfterMs = 5_000;

function hooksOf({ hooks }: ConfigFile): Config['hooks'] {
  const { timeout, ...commands } = hooks;
  return {
    timeoutMs: timeout,
    commands: new Map(Object.entries(commands) as [HookName, string][]),
  };
}

function serviceSettings(
  name: string,
  service: ServiceFile,
  { listed, file, member }: Pick<Parts, 'listed' | 'file'> & { readonly member: MemberId },
): ServiceSettings {
  const { takeover, drain } = service;
  const owners = {
    vips: (text: string) => service.vips?.[text],
    owns: () => member,
    others: () => undefined,
  } as const;
  return {
    name: name as ServiceName,
    vips: fromIndex(
      listed
        .filter((entry) => entry.service === name)
        .map(({ vip, text, list }) => ({ vip, owner: owners[list](text) })),
      service.announce.startIndex,
    ),
    checks: checksOf(service, (path) => pathFrom(file, path)),
    health: healthOf(service.health),
    announce: announceOf(service),
    takeover: {
      backups: takeover.backups,
      damping: dampingOf(takeover.damping),
      delayMs: takeover.delay,
      releaseMs: takeover.release,
      settleMs: takeover.settle,
    },
    drainTimeoutMs: drain.timeout,
  };
}

/** The same list, beginning elsewhere: MEDs grow from there on. */
function fromIndex<T>(list: readonly T[], index: number): readonly T[] {
  const start = list.length === 0 ? 0 : index % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}

function checksOf(
  { checks, disable }: ServiceFile,
  resolve: (path: string) => string,
): ServiceSettings['checks'] {
  if (disable === undefined) return checks.map((check) => checkSettings(check, resolve));
  // Something has to look for the file.
  const all = checks.length > 0 ? checks : [checkSchema.parse({ always: 'up', rise: '1' })];
  return all.map((check) => ({ ...checkSettings(check, resolve), disableFile: disable }));
}

function dampingOf(damping: ServiceFile['takeover']['damping']): DampingSettings | undefined {
  if (damping === 'off') return undefined;
  return { falls: damping.falls, halfLifeMs: damping.halfLife, maxMs: damping.max };
}

function servicePaths(name: string, service: ServiceFile, root: string): ServicePaths {
  return {
    name: name as ServiceName,
    paths: {
      claims: service.paths.claims ?? `${root}/service/${name}`,
      maintenance: service.paths.maintenance ?? `${root}/maintenance/${name}`,
      members: `${root}/member/${name}`,
      drains: `${root}/drain/${name}`,
      statuses: `${root}/status/${name}`,
    },
  };
}
