import { isConnected } from '../core/reach.ts';
import type { ServiceState, VipState } from '../core/state.ts';
import { isInMaintenance, isOurs } from '../core/view.ts';
import { flag, flagIfKnown, type Gauge, type GaugeSource, one, type Sample } from './gauge.ts';
import { roleName } from './history.ts';

/** How services, VIPs and checks are. */
export const serviceGauges: readonly Gauge[] = [
  ofServices(
    'vipkeeper_service_up',
    '1 while the service is healthy here; absent before the first verdict.',
    ({ health }) => (health === 'unknown' ? undefined : flag(health === 'up')),
  ),
  ofServices(
    'vipkeeper_service_connected',
    '1 while enough of the neighbors that are told of the service are established for it to count here.',
    ({ settings }, { state }) => flagIfKnown(isConnected(state.speaker, settings)),
  ),
  ofServices(
    'vipkeeper_service_maintenance',
    '1 while the service is in maintenance.',
    (service) =>
      service.view.maintenance === undefined ? undefined : flag(isInMaintenance(service)),
  ),
  ofServices(
    'vipkeeper_service_drained',
    '1 while this member is drained.',
    ({ view }, { state }) => flagIfKnown(view.drains?.drained.has(state.settings.member)),
  ),
  ofServices(
    'vipkeeper_service_drained_vips',
    'VIPs of the service that are drained.',
    ({ view, vips }) =>
      view.drains && count(vips.keys(), (vip) => view.drains?.drained.has(vip) === true),
  ),
  ofServices(
    'vipkeeper_service_settling_seconds',
    'How long owners still have to make their claims.',
    ({ settle }, { nowMs }) => left(settle.untilMs, nowMs),
  ),
  ofServices(
    'vipkeeper_service_damped_seconds',
    'How long our VIPs are still left to others, after too many falls.',
    ({ damping }, { nowMs }) => left(damping?.untilMs ?? nowMs, nowMs),
  ),
  ofServices(
    'vipkeeper_service_members',
    'Other members that are there.',
    ({ view }) => view.members?.members.size,
  ),
  ofServices(
    'vipkeeper_service_healthy_members',
    'Other members that are there, healthy, and not leaving.',
    ({ view }) =>
      view.members &&
      count(
        view.members.members.values(),
        (member) => member?.health === 'up' && !member.isLeaving,
      ),
  ),
  ofServices(
    'vipkeeper_service_routes',
    'Routes that ExaBGP has accepted and not been told to withdraw.',
    ({ vips }) => count(vips.values(), isAnnounced),
  ),

  ofVips(
    'vipkeeper_vip_role',
    '1 for the present role: owner, backup, standby, drain, disabled, down, none (withdrawn) or hold (left as it is).',
    ['role', 'reason'],
    ({ decision }) => [[roleName(decision), decision.reason], 1],
  ),
  ofVips(
    'vipkeeper_vip_announced',
    '1 while ExaBGP has accepted a route for the VIP.',
    [],
    (vip) => [[], flag(isAnnounced(vip))],
  ),
  ofVips(
    'vipkeeper_vip_claimed',
    '1 while this member holds the claim of the VIP.',
    [],
    ({ claim }) => [[], flag(isOurs(claim?.holder))],
  ),
  ofVips(
    'vipkeeper_vip_refused',
    '1 while ExaBGP refuses what is wanted for the VIP; it is tried again.',
    [],
    ({ route }) => [[], flag(route.refused !== undefined)],
  ),

  ofChecks(
    'vipkeeper_check_up',
    '1 while the check is up; absent before its first verdict.',
    ({ verdict }) => (verdict === 'unknown' ? undefined : flag(verdict === 'up')),
  ),
  ofChecks(
    'vipkeeper_check_duration_seconds',
    'How long the last run of the check took.',
    ({ durationMs }) => durationMs && durationMs / 1_000,
  ),
];

function ofServices(
  name: string,
  help: string,
  read: (service: ServiceState, source: GaugeSource) => number | undefined,
): Gauge {
  return one(name, help, ['service'], function* (source) {
    for (const service of source.state.services.list) {
      const value = read(service, source);
      if (value !== undefined) yield [[service.settings.name], value];
    }
  });
}

function ofVips(
  name: string,
  help: string,
  labels: readonly string[],
  read: (vip: VipState) => Sample,
): Gauge {
  return one(name, help, ['service', 'vip', ...labels], function* ({ state }) {
    for (const { settings, vips } of state.services.list) {
      for (const vip of vips.values()) {
        const [more, value] = read(vip);
        yield [[settings.name, vip.vip, ...more], value];
      }
    }
  });
}

/** Checks are numbered from 1, as in the log. */
function ofChecks(
  name: string,
  help: string,
  read: (check: ServiceState['checks'][number]) => number | undefined,
): Gauge {
  return one(name, help, ['service', 'check'], function* ({ state }) {
    for (const { settings, checks } of state.services.list) {
      for (const [index, check] of checks.entries()) {
        const value = read(check);
        if (value !== undefined) yield [[settings.name, `${index + 1}`], value];
      }
    }
  });
}

function isAnnounced({ route }: VipState): boolean {
  return typeof route.acked === 'object';
}

function left(untilMs: number, nowMs: number): number {
  return Math.max(0, untilMs - nowMs) / 1_000;
}

function count<Item>(items: Iterable<Item>, isOne: (item: Item) => boolean): number {
  let sum = 0;
  for (const item of items) if (isOne(item)) sum += 1;
  return sum;
}
