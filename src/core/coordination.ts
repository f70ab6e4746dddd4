import type { Alarm } from './alarm.ts';
import type { Coordination } from './ownership.ts';
import type { Surroundings } from './pass.ts';
import type { ServiceState } from './state.ts';
import { isViewSufficient, wasViewComplete } from './view.ts';

/** Works out what ZooKeeper is worth for `service`. */
export function coordinationOf(
  state: Surroundings,
  service: ServiceState,
  nowMs: number,
  alarm: Alarm,
): Coordination {
  if (state.settings.isStandalone === true) return 'standalone';
  const { belief } = state.session;
  if (belief === 'live' && isViewSufficient(service.view, state.session)) return 'informed';
  if (!wasViewComplete(service.view)) return coldStart(state, nowMs, alarm);
  const policy = state.settings.onCoordinationLoss;
  return belief === 'blind' && policy !== 'freeze' ? policy : 'frozen';
}

function coldStart(state: Surroundings, nowMs: number, alarm: Alarm): Coordination {
  const { afterMs, policy } = state.settings.coldStart;
  const { belief } = state.session;
  if (afterMs === undefined || belief === 'live' || belief === 'suspended') return 'waiting';
  alarm.at(state.startedMs + afterMs);
  if (nowMs < state.startedMs + afterMs) return 'waiting';
  return policy === 'freeze' ? 'waiting' : policy;
}
