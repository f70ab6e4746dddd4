import { type Attributes, nextHopSelf, parseMed } from '../core/route.ts';
import type { MemberId, ServiceName, ServiceSettings } from '../core/settings.ts';
import type { Config, ServicePaths } from './config.ts';
import type { Server } from './hosts.ts';
import type { AttributesFile, ConfigFile, ServiceFile } from './schema.ts';
import type { RenewableTls } from './tls-renewal.ts';
import type { ListedVip } from './vips.ts';

interface Parts {
  readonly servers: readonly Server[];
  /** From a connect string. */
  readonly chroot: string;
  readonly tls: RenewableTls;
  readonly secretVariables: readonly string[];
  readonly listed: readonly ListedVip[];
  readonly hostname: string;
}

/** MED of an owner and of a backup unless set: what ExaZK announces. */
export const defaultMed = { owner: parseMed(100), backup: parseMed(200) } as const;

/** Builds the configuration from a file that has passed every check. */
export function composeConfig(
  file: ConfigFile,
  parts: Parts,
): { readonly config: Config; readonly warnings: readonly string[] } {
  // The host name was checked with everything else.
  const member = file.member ?? (parts.hostname as MemberId);
  const services = Object.entries(file.services);
  const { zookeeper, log } = file;
  const { after, policy } = zookeeper.coldStart;
  const config: Config = {
    settings: {
      member,
      onCoordinationLoss: zookeeper.onCoordinationLoss,
      coldStart: { afterMs: after === 'never' ? undefined : after, policy },
      neighbors: {
        require: file.bgp.require,
        stableForMs: file.bgp.stableFor,
        localAs: file.bgp.localAs,
      },
      services: services.map(([name, service]) =>
        serviceSettings(name, service, { listed: parts.listed, member }),
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
    exabgp: { ackTimeoutMs: file.exabgp.ackTimeout, acks: file.exabgp.acks },
    log: {
      level: log.level,
      silent: log.silent,
      syslog: log.syslog === 'off' ? undefined : log.syslog,
    },
  };
  return { config, warnings: warningsOf(file, member) };
}

function serviceSettings(
  name: string,
  service: ServiceFile,
  { listed, member }: { readonly listed: readonly ListedVip[]; readonly member: MemberId },
): ServiceSettings {
  const { announce, takeover, drain } = service;
  const owners = {
    vips: (text: string) => service.vips?.[text],
    owns: () => member,
    others: () => undefined,
  } as const;
  return {
    name: name as ServiceName,
    vips: listed
      .filter((entry) => entry.service === name)
      .map(({ vip, text, list }) => ({ vip, owner: owners[list](text) })),
    checks: service.checks.map((check) => ({
      exec: check.exec,
      intervalMs: check.interval,
      fastIntervalMs: check.fastInterval,
      timeoutMs: check.timeout,
      rise: check.rise,
      fall: check.fall,
    })),
    announce: {
      owner: attributesOf({ med: defaultMed.owner, ...announce.owner }),
      backup: attributesOf({ med: defaultMed.backup, ...announce.backup }),
      down: announce.down === undefined ? undefined : attributesOf(announce.down),
    },
    takeover: {
      delayMs: takeover.delay,
      releaseMs: takeover.release,
      settleMs: takeover.settle,
    },
    drainTimeoutMs: drain.timeout,
  };
}

/** Attributes with the next hop filled in. */
export function attributesOf(written: AttributesFile): Attributes {
  const { nextHop, med, localPreference, communities } = written;
  return {
    nextHop: nextHop ?? nextHopSelf,
    ...(med === undefined ? {} : { med }),
    ...(localPreference === undefined ? {} : { localPreference }),
    ...(communities === undefined ? {} : { communities }),
  };
}

function servicePaths(name: string, service: ServiceFile, root: string): ServicePaths {
  return {
    name: name as ServiceName,
    paths: {
      claims: service.paths.claims ?? `${root}/service/${name}`,
      maintenance: service.paths.maintenance ?? `${root}/maintenance/${name}`,
      members: `${root}/member/${name}`,
      drains: `${root}/drain/${name}`,
    },
  };
}

/** What works but is hardly meant. */
function warningsOf(file: ConfigFile, member: MemberId): readonly string[] {
  const silent = file.log.silent && file.log.syslog === 'off';
  return [
    ...(silent ? ['log: silent without syslog: nothing is logged anywhere'] : []),
    ...Object.entries(file.services).flatMap(([name, service]) =>
      serviceWarnings(`services.${name}`, service, member),
    ),
  ];
}

function serviceWarnings(path: string, service: ServiceFile, member: MemberId): readonly string[] {
  const { members, checks, announce } = service;
  const warnings: string[] = [];
  if (checks.length === 0) {
    warnings.push(`${path}.checks: none, so the service always counts as healthy`);
  }
  if (members !== undefined && !members.includes(member)) {
    warnings.push(`${path}.members: this member, ${member}, is not among them`);
  }
  for (const [index, check] of checks.entries()) {
    if (check.timeout > check.interval) {
      warnings.push(`${path}.checks.${index}: timeout is longer than interval`);
    }
    if (check.fastInterval > check.interval) {
      warnings.push(`${path}.checks.${index}: fastInterval is longer than interval`);
    }
  }
  const ownerMed = announce.owner.med ?? defaultMed.owner ?? 0;
  const backupMed = announce.backup.med ?? defaultMed.backup ?? 0;
  if (backupMed < ownerMed) {
    warnings.push(`${path}.announce: backup has the lower MED and wins over owner`);
  }
  return warnings;
}
