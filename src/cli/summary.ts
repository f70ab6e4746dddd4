import type { Config } from '../config/config.ts';
import { formatDuration } from '../config/duration.ts';
import type { ServiceSettings } from '../core/settings.ts';

/** VIPs named in full; services with more are counted. */
const namedMax = 8;

/** What a valid configuration means for this member: one line per service, and one for the host if it is touched. */
export function summaryLines(config: Config): readonly string[] {
  const { member, services, isStandalone = false } = config.settings;
  const host = hostTexts(config);
  const lines = services.map((service, index) => {
    const own = service.vips.filter(({ owner }) => owner === member).map(({ vip }) => vip);
    const others = service.vips.filter(({ owner }) => owner !== member).map(({ vip }) => vip);
    const claims = config.zookeeper.services[index]?.paths.claims;
    if (isStandalone) return standaloneText(service, own, others);
    return [
      `${service.name}: ${member} owns ${list(own)}`,
      `backs up ${list(others)}${chosenText(service)}`,
      ...(others.length === 0 ? [] : [standbyText(service, config.zookeeper.sessionTimeoutMs)]),
      checksText(service),
      `claims in ${config.zookeeper.chroot}${claims}`,
    ].join('; ');
  });
  return host.length === 0 ? lines : [...lines, `${member}: ${host.join('; ')}`];
}

/** Without ZooKeeper a member announces all of its VIPs, each with the attributes of what it is to it. */
function standaloneText(
  service: ServiceSettings,
  own: readonly string[],
  others: readonly string[],
): string {
  return [
    `${service.name}: announces ${list(own)}`,
    ...(others.length === 0 ? [] : [`as backup ${list(others)}`]),
    checksText(service),
    'standalone, by health alone',
  ].join('; ');
}

function hostTexts({ host, hooks, user, group }: Config): readonly string[] {
  const account = [user ?? '', group === undefined ? '' : `:${group}`].join('');
  return [
    ...(host.addresses === 'off' ? [] : [`${host.addresses} addresses on ${host.interface}`]),
    ...(hooks.commands.size === 0 ? [] : [`hooks ${[...hooks.commands.keys()].join(', ')}`]),
    ...(account === '' ? [] : [`becomes ${account} after its set-up`]),
  ];
}

function chosenText({ takeover }: ServiceSettings): string {
  return takeover.backups === undefined || takeover.backups === 'all'
    ? ''
    : ` when among the first ${takeover.backups}`;
}

/** What a dead LB costs is the one thing a standby is for. */
function standbyText({ announce }: ServiceSettings, sessionTimeoutMs: number): string {
  return announce.standby === undefined
    ? `no standby, so a dead LB's VIPs move after ${formatDuration(sessionTimeoutMs)}`
    : "announces others' VIPs as standby";
}

function list(vips: readonly string[]): string {
  if (vips.length === 0) return 'no VIP';
  const named = vips.slice(0, namedMax).join(', ');
  return vips.length > namedMax ? `${named} and ${vips.length - namedMax} more` : named;
}

function checksText({ checks }: ServiceSettings): string {
  if (checks.length === 0) return 'no check';
  const intervals = checks.map(({ intervalMs }) => formatDuration(intervalMs));
  return `${checks.length === 1 ? '1 check' : `${checks.length} checks`} every ${intervals.join(', ')}`;
}
