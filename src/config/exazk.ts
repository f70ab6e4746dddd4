import {
  isZnodeName,
  type MemberId,
  type ServiceName,
  type ServiceSettings,
} from '../core/settings.ts';
import { isVip, parseVip, type Vip } from '../core/vip.ts';
import { defaultStallAfterMs } from './compose.ts';
import type { Config, ConfigContext, LoadedConfig } from './config.ts';
import { createExazkReader, type ExazkOptions, type ExazkReader } from './exazk-reader.ts';
import { hashOf } from './hash.ts';
import type { Server } from './hosts.ts';
import { quote } from './problem.ts';
import { exazkAnnounce } from './roles.ts';
import { readServers } from './servers.ts';
import {
  command,
  facility,
  isComplaint,
  memberId,
  type Parse,
  znodePath,
  znodePrefix,
} from './values.ts';
import { wrongVip } from './vips.ts';

/**
 * ExaZK acts on a single result and gives the check one second. It looks every ten seconds; ours looks more often,
 * because a result costs little and a broken service costs every request until the next look.
 */
const checkTiming = {
  intervalMs: 5_000,
  fastIntervalMs: 1_000,
  timeoutMs: 1_000,
  rise: 1,
  fall: 1,
};

/** Translates ExaZK's command line, and its YAML file when one is named, into our configuration. Flags win. */
export function translateExazk(
  options: ExazkOptions,
  context: Omit<ConfigContext, 'file'>,
): LoadedConfig {
  const reader = createExazkReader(options, context);
  // Without its file nearly everything would seem to be missing.
  if (reader.problems.length > 0) return { kind: 'wrong', problems: reader.problems };
  const config = readConfig(reader, context.hostname);
  if (reader.problems.length > 0) return { kind: 'wrong', problems: reader.problems };
  return { kind: 'valid', config, warnings: reader.warnings };
}

function readConfig(reader: ExazkReader, hostname: string): Config {
  const name = reader.text('srv_name', serviceName, 'unnamed' as ServiceName, true);
  const claims = reader.text('zk_path_service', znodePath, '/', true);
  const maintenance = reader.text('zk_path_maintenance', znodePath, '/', true);
  const exec = reader.text('local_check', command, '', false);
  if (exec === '') reader.warnings.push('-c: none, so the service always counts as healthy');
  const { servers, chroot } = readHosts(reader);
  const member = readMember(reader, hostname);
  return {
    hash: hashOf(reader.source),
    settings: {
      member,
      onCoordinationLoss: 'freeze',
      coldStart: { afterMs: undefined, policy: 'own' },
      neighbors: { require: 'any', stableForMs: 3_000 },
      services: [
        {
          name,
          vips: readVipList(reader, member),
          checks: exec === '' ? [] : [{ probe: { kind: 'exec', command: exec }, ...checkTiming }],
          announce: exazkAnnounce,
          takeover: { delayMs: 0, releaseMs: 2_000, settleMs: 3_000 },
          // ExaZK's members publish nothing to wait for, but take over as soon as the claim is gone.
          drainTimeoutMs: 5_000,
        },
      ],
    },
    zookeeper: {
      servers,
      chroot,
      sessionTimeoutMs: 6_000,
      auth: undefined,
      acl: { readers: 'everybody', operators: [] },
      tls: undefined,
      renewTls: () => undefined,
      services: [
        {
          name,
          paths: {
            claims,
            maintenance,
            members: siblingPath(claims, 'member'),
            drains: siblingPath(claims, 'drain'),
            statuses: siblingPath(claims, 'status'),
          },
        },
      ],
    },
    secretVariables: [],
    stateDir: undefined,
    exabgp: {
      api: 'auto',
      ackTimeoutMs: 2_000,
      stallAfterMs: defaultStallAfterMs,
      acks: 'auto',
      refreshMs: undefined,
    },
    guard: { allowed: undefined, maxRoutes: undefined },
    host: { addresses: 'off', interface: 'lo', label: undefined, sudo: false },
    hooks: { timeoutMs: 5_000, commands: new Map() },
    user: undefined,
    group: undefined,
    // Its settings are the command line's, which does not change.
    reload: 'onSignal',
    listen: undefined,
    log: readLog(reader),
  };
}

const serviceName: Parse<ServiceName> = (text) =>
  isZnodeName(text)
    ? (text as ServiceName)
    : {
        code: 'CONFIG_WRONG_VALUE',
        expected: 'a service name: 1 to 63 of A-Z a-z 0-9 . _ -, starting with a letter or digit',
        fix: 'use the name of the service, as in apex',
      };

/** ExaZK joins all hosts with commas, so each may hold several, and the last one a chroot. */
function readHosts(reader: ExazkReader): {
  readonly servers: readonly Server[];
  readonly chroot: string;
} {
  const value = reader.raw('zk_hosts');
  const joined = Array.isArray(value) && value.length > 0 ? value.join(',') : value;
  const { servers, chroot, findings } = readServers(joined, []);
  for (const finding of findings) {
    const fix = value === undefined ? 'add -zH, or zk_hosts in the file of -f' : finding.fix;
    reader.complain('zk_hosts', { ...finding, fix });
  }
  const prefix = chroot === '' ? '' : znodePrefix(chroot);
  if (!isComplaint(prefix)) return { servers, chroot: prefix };
  reader.complain('zk_hosts', prefix);
  return { servers, chroot: '' };
}

/** The member znode is ours alone: ExaZK knows no member ids, so the host name serves. */
function readMember(reader: ExazkReader, hostname: string): MemberId {
  const member = memberId(hostname);
  if (!isComplaint(member)) return member;
  const fix = 'rename the host, or use vipkeeper run -f FILE with member';
  reader.complain('srv_name', { ...member, found: `the host name ${quote(hostname)}`, fix });
  return 'unnamed' as MemberId;
}

function readVipList(reader: ExazkReader, member: MemberId): ServiceSettings['vips'] {
  const own = reader.text<Vip | undefined>('srv_auth_ip', vipOf, undefined, false);
  const vips = new Map<Vip, MemberId | undefined>(own === undefined ? [] : [[own, member]]);
  const others = reader.raw('srv_non_auth_ips') ?? [];
  if (!Array.isArray(others)) {
    const expected = 'a list of VIPs';
    reader.complain('srv_non_auth_ips', {
      code: 'CONFIG_WRONG_TYPE',
      expected,
      fix: 'write a list',
    });
    return [];
  }
  for (const [index, text] of others.entries()) {
    const vip = vipOf(String(text));
    if (isComplaint(vip)) reader.complain('srv_non_auth_ips', vip, index);
    else if (vip === own) reader.warnings.push(`-N ${String(text)}: ignored, it is the VIP of -A`);
    else vips.set(vip, undefined);
  }
  if (own === undefined && others.length === 0) {
    const expected = '-A (srv_auth_ip) or -N (srv_non_auth_ips)';
    reader.complain('srv_auth_ip', {
      code: 'CONFIG_MISSING',
      expected,
      fix: 'add -A with the VIP this LB is authoritative for',
    });
  }
  return [...vips].map(([vip, owner]) => ({ vip, owner }));
}

const vipOf: Parse<Vip> = (text) => {
  const vip = parseVip(text);
  return isVip(vip) ? vip : wrongVip(text, [], vip);
};

/**
 * Where ExaZK has no path, ours stands beside its own: `/exabgp/service/apex` gives `/exabgp/member/apex`. When the
 * last folder is not named `service`, the new name comes before the last part: `/lb/apex` gives `/lb/member/apex`.
 */
function siblingPath(claims: string, folder: 'member' | 'drain' | 'status'): string {
  const names = claims.split('/');
  const last = names.pop() ?? '';
  if (names.at(-1) === 'service') names.pop();
  return [...names, folder, last].join('/');
}

/** ExaZK logs to syslog unless told not to, or debugging. */
function readLog(reader: ExazkReader): Config['log'] {
  const isDebug = reader.flag('debug', false);
  const hasSyslog = reader.flag('syslog', true);
  const lowerCase: Parse<string> = (text) => facility(text.toLowerCase());
  const name = reader.text('syslog_facility', lowerCase, 'daemon', false);
  return {
    level: isDebug ? 'debug' : 'info',
    silent: reader.flag('silent', false),
    format: 'auto',
    syslog: hasSyslog && !isDebug ? name : undefined,
  };
}
