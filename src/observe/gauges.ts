import type { State } from '../core/index.ts';
import { age, flag, flagIfKnown, type Gauge, one, type Sample, single } from './gauge.ts';
import { serviceGauges } from './service-gauges.ts';

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
    ({ state }) => (isStandalone(state) ? [] : [[[state.session.belief], 1]]),
  ),
  single(
    'vipkeeper_zookeeper_connected',
    '1 while there is a connection to ZooKeeper.',
    ({ state }) => (isStandalone(state) ? undefined : flag(state.session.connection !== undefined)),
  ),
  single(
    'vipkeeper_zookeeper_session_timeout_seconds',
    'The session timeout that ZooKeeper granted.',
    ({ state }) => (isStandalone(state) ? undefined : state.session.timeoutMs / 1_000),
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

  ...serviceGauges,
];

function* neighborSamples({ speaker: { neighbors } }: State): Iterable<Sample> {
  if (neighbors === undefined || neighbors === 'unknowable') return;
  for (const [name, isEstablished] of neighbors) yield [[name], flag(isEstablished)];
}

/** Without ZooKeeper nothing is said of it. */
function isStandalone({ settings }: State): boolean {
  return settings.isStandalone === true;
}
