import type { Config } from '../config/config.ts';
import { formatDuration } from '../config/duration.ts';
import type { ServiceSettings } from '../core/settings.ts';

/** VIPs named in full; services with more are counted. */
const namedMax = 8;

/** What a valid configuration means for this member: one line per service. */
export function summaryLines(config: Config): readonly string[] {
  const { member, services } = config.settings;
  return services.map((service, index) => {
    const own = service.vips.filter(({ owner }) => owner === member).map(({ vip }) => vip);
    const others = service.vips.filter(({ owner }) => owner !== member).map(({ vip }) => vip);
    const claims = config.zookeeper.services[index]?.paths.claims;
    return [
      `${service.name}: ${member} owns ${list(own)}`,
      `backs up ${list(others)}`,
      checksText(service),
      `claims in ${config.zookeeper.chroot}${claims}`,
    ].join('; ');
  });
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
