import type { State } from '../core/index.ts';
import type { ServiceState, VipState } from '../core/state.ts';
import { isInMaintenance, isOurs } from '../core/view.ts';
import { roleName } from './history.ts';
import type { ConfigVersion } from './snapshot.ts';

/** What a scrape reads. Times are monotonic unless they say otherwise. */
export interface GaugeSource {
  readonly state: State;
  readonly nowMs: number;
  /** Of vipkeeper. */
  readonly version: string;
  readonly exabgpVersion: string | undefined;
  /** When ExaBGP last answered anything; undefined: never. */
  readonly exabgpHeardMs: number | undefined;
  readonly config: ConfigVersion;
}

/** A metric that says how things are: at every scrape its values are read anew. */
export interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Labels in their order, then the value; what is not known has none. */
  values(source: GaugeSource): Iterable<Sample>;
}

/** Label values in the order of the names. */
export type Sample = readonly [labels: readonly string[], value: number];

/** Labels are names from the configuration, and neighbors: nothing that a request or a peer could multiply. */
export const gauges: readonly Gauge[] = [
  one(
    'vipkeeper_build_info',
    'Version and member id of the agent; always 1.',
    ['version', 'member'],
    ({ version, state }) => [[[version, state.settings.member], 1]],
  ),
  one(
    'vipkeeper_config_info',
    'The configuration that runs, by the start of its SHA-256; always 1.',
    ['hash'],
    ({ config }) => [[[config.hash], 1]],
  ),
  single(
    'vipkeeper_config_loaded_timestamp_seconds',
    'When the configuration that runs was loaded, in Unix time.',
    ({ config }) => Date.parse(config.loadedAt) / 1_000,
  ),
  single(
    'vipkeeper_config_rejected',
    '1 while the configuration that was read last is refused, so that an older one runs.',
    ({ config }) => flag(config.rejected !== undefined),
  ),
  single('vipkeeper_leaving', '1 while the agent hands over in order to end.', ({ state }) =>
    flag(state.stopping !== undefined),
  ),

  one(
    'vipkeeper_zookeeper_session_state',
    'What is believed of the ZooKeeper session; 1 for none, live, suspended or blind.',
    ['state'],
    ({ state }) => [[[state.session.belief], 1]],
  ),
  single(
    'vipkeeper_zookeeper_connected',
    '1 while there is a connection to ZooKeeper.',
    ({ state }) => flag(state.session.connection !== undefined),
  ),
  single(
    'vipkeeper_zookeeper_session_timeout_seconds',
    'The session timeout that ZooKeeper granted.',
    ({ state }) => state.session.timeoutMs / 1_000,
  ),
  single(
    'vipkeeper_zookeeper_last_answer_age_seconds',
    'Since the last request that the quorum answered was sent.',
    ({ state, nowMs }) => age(state.session.proofMs, nowMs),
  ),

  one(
    'vipkeeper_exabgp_info',
    'Version that ExaBGP says of itself; always 1.',
    ['version'],
    ({ exabgpVersion }) => (exabgpVersion === undefined ? [] : [[[exabgpVersion], 1]]),
  ),
  single(
    'vipkeeper_exabgp_answering',
    '1 while ExaBGP answers; 0 at the start until it first does.',
    ({ state }) => flag(state.speaker.phase === 'ready' && !state.speaker.isSilent),
  ),
  single(
    'vipkeeper_exabgp_last_answer_age_seconds',
    'Since ExaBGP last answered anything.',
    ({ exabgpHeardMs, nowMs }) => age(exabgpHeardMs, nowMs),
  ),
  single(
    'vipkeeper_exabgp_open_commands',
    'Commands that ExaBGP has not answered yet.',
    ({ state }) => state.speaker.open.size,
  ),
  single(
    'vipkeeper_bgp_connected',
    '1 while enough neighbors are established for this load balancer to count.',
    ({ state }) => flagIfKnown(state.speaker.isConnected),
  ),
  one(
    'vipkeeper_bgp_neighbor_up',
    '1 while the BGP session with the neighbor is established; absent where ExaBGP does not tell.',
    ['neighbor'],
    ({ state }) => neighborSamples(state),
  ),

  ofServices(
    'vipkeeper_service_up',
    '1 while the service is healthy here; absent before the first verdict.',
    ({ health }) => (health === 'unknown' ? undefined : flag(health === 'up')),
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

function one(
  name: string,
  help: string,
  labels: readonly string[],
  values: (source: GaugeSource) => Iterable<Sample>,
): Gauge {
  return { name, help, labels, values };
}

function single(
  name: string,
  help: string,
  read: (source: GaugeSource) => number | undefined,
): Gauge {
  return one(name, help, [], (source) => {
    const value = read(source);
    return value === undefined ? [] : [[[], value]];
  });
}

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

function* neighborSamples({ speaker: { neighbors } }: State): Iterable<Sample> {
  if (neighbors === undefined || neighbors === 'unknowable') return;
  for (const [name, isEstablished] of neighbors) yield [[name], flag(isEstablished)];
}

function isAnnounced({ route }: VipState): boolean {
  return typeof route.acked === 'object';
}

function flag(is: boolean): number {
  return is ? 1 : 0;
}

function flagIfKnown(is: boolean | undefined): number | undefined {
  return is === undefined ? undefined : flag(is);
}

function age(sinceMs: number | undefined, nowMs: number): number | undefined {
  return sinceMs === undefined ? undefined : Math.max(0, nowMs - sinceMs) / 1_000;
}

function left(untilMs: number, nowMs: number): number {
  return Math.max(0, untilMs - nowMs) / 1_000;
}

function count<Item>(items: Iterable<Item>, isOne: (item: Item) => boolean): number {
  let sum = 0;
  for (const item of items) if (isOne(item)) sum += 1;
  return sum;
}
