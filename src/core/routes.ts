import type { Alarm } from './alarm.ts';
import type { Effect } from './effect.ts';
import type { CommandAnswered } from './event.ts';
import { prependableAs } from './reach.ts';
import type { Report } from './report.ts';
import { type Asn, type Attributes, lessPreferred, sameAttributes } from './route.ts';
import {
  mapServices,
  mapVips,
  type RouteState,
  type ServiceState,
  type SpeakerState,
  type State,
  type VipState,
} from './state.ts';

/** Unanswered lines at most: enough for ExaBGP's full speed, few enough that an urgent withdraw waits for nothing. */
export const openCommandsMax = 20;
const retryFirstMs = 1_000;
const retryMaxMs = 60_000;

/**
 * Reconciles the wanted routes with what ExaBGP has acknowledged: only differences are sent, withdraws first, one
 * command per prefix at a time. What changes meanwhile coalesces, because only the latest decision is looked at.
 */
export function reconcileRoutes(
  state: State,
  nowMs: number,
  effects: Effect[],
  alarm: Alarm,
): State {
  if (state.speaker.phase !== 'ready') return state;
  const pending = pendingRoutes(state, nowMs, alarm);
  const room = Math.max(0, openCommandsMax - countOpen(state));
  return pending.length === 0
    ? flushWhenQuiet(state, effects)
    : send(state, pending.slice(0, room), effects);
}

interface Pending {
  readonly vip: VipState;
  readonly wanted: Attributes | 'absent';
}

function pendingRoutes(state: State, nowMs: number, alarm: Alarm): readonly Pending[] {
  const localAs = prependableAs(state.speaker, state.settings.neighbors);
  const pending: Pending[] = [];
  for (const service of state.services.values()) {
    for (const vip of service.vips.values()) {
      const wanted = missingRoute(service, vip, localAs);
      if (wanted === undefined) continue;
      const { refused, retryMs } = vip.route;
      // Another route than the refused one, a withdraw above all, pays for no refusal.
      const readyMs = refused !== undefined && isSame(refused, wanted) ? retryMs : nowMs;
      alarm.at(readyMs);
      if (nowMs >= readyMs) pending.push({ vip, wanted });
    }
  }
  const isWithdraw = ({ wanted }: Pending) => wanted === 'absent';
  return [...pending.filter(isWithdraw), ...pending.filter((entry) => !isWithdraw(entry))];
}

/** What has to be sent for a VIP; undefined when the speaker has it, or its last word on the prefix is still open. */
function missingRoute(
  service: ServiceState,
  vip: VipState,
  localAs: Asn | undefined,
): Attributes | 'absent' | undefined {
  const wanted = wantedRoute(service, vip, localAs);
  if (wanted === undefined || vip.route.open !== undefined) return undefined;
  return isSame(vip.route.acked, wanted) ? undefined : wanted;
}

/**
 * What the speaker should have for a VIP; undefined to leave it alone. A route that is about to be withdrawn because
 * somebody else carries the VIP is made less preferred first, where our AS is known: routers turn away from it while it
 * still works, so that not even the packets under way are lost when it goes.
 */
export function wantedRoute(
  service: ServiceState,
  vip: VipState,
  localAs: Asn | undefined,
): Attributes | 'absent' | undefined {
  const { decision } = vip;
  if (decision.kind === 'hold') return undefined;
  if (decision.kind === 'withdraw') return 'absent';
  const attributes = service.settings.announce[decision.role];
  if (attributes === undefined || localAs === undefined || !isYielding(vip)) return attributes;
  return lessPreferred(attributes, localAs);
}

/** `agreed` tells it even while frozen: a loss of ZooKeeper in the middle of a hand-back changes no route. */
function isYielding(vip: VipState): boolean {
  const isHandingBack = vip.agreed.kind === 'announce' && vip.agreed.reason === 'handingBack';
  return isHandingBack || vip.leave?.carriedSinceMs !== undefined;
}

function send(state: State, sending: readonly Pending[], effects: Effect[]): State {
  const opened = new Map<VipState, RouteState['open']>();
  let { nextCommand } = state.speaker;
  for (const { vip, wanted } of sending) {
    const command = nextCommand;
    effects.push(
      wanted === 'absent'
        ? { kind: 'withdrawRoute', command, vip: vip.vip }
        : { kind: 'announceRoute', command, vip: vip.vip, attributes: wanted },
    );
    opened.set(vip, { command, wanted });
    nextCommand += 1;
  }
  const sent = mapServices(state, (service) =>
    mapVips(service, (vip) => {
      const open = opened.get(vip);
      return open === undefined ? vip : { ...vip, route: { ...vip.route, open } };
    }),
  );
  return withSpeaker(sent, { nextCommand });
}

/** Asks for all routes to be sent again, once nothing is open that a flush could disturb. */
function flushWhenQuiet(state: State, effects: Effect[]): State {
  const { flush, nextCommand } = state.speaker;
  if (flush !== 'needed' || nextCommand === 1 || countOpen(state) > 0) return state;
  effects.push({ kind: 'flushRoutes', command: nextCommand });
  return withSpeaker(state, { flush: nextCommand, nextCommand: nextCommand + 1 });
}

/** Folds the speaker's answer to one command. */
export function hearCommand(
  state: State,
  event: CommandAnswered,
  nowMs: number,
  reports: Report[],
): State {
  if (state.speaker.flush === event.command) {
    if (event.outcome === 'refused') {
      reports.push({ kind: 'speakerChanged', to: 'unable to flush', detail: event.detail });
    }
    return withSpeaker(state, { flush: event.outcome === 'lost' ? 'needed' : 'none' });
  }
  const answered = mapServices(state, (service) =>
    mapVips(service, (vip) => {
      const { open } = vip.route;
      if (open?.command !== event.command) return vip;
      if (event.outcome === 'refused') {
        reports.push({ kind: 'commandRefused', vip: vip.vip, detail: event.detail });
      }
      return { ...vip, route: answer(vip.route, open.wanted, event.outcome, nowMs) };
    }),
  );
  // A command that was never answered may or may not have been carried out.
  return event.outcome === 'lost' ? withSpeaker(answered, { flush: 'needed' }) : answered;
}

function answer(
  route: RouteState,
  wanted: Attributes | 'absent',
  outcome: CommandAnswered['outcome'],
  nowMs: number,
): RouteState {
  const open = undefined;
  switch (outcome) {
    case 'accepted':
      return { acked: wanted, open, refused: undefined, refusals: 0, retryMs: 0 };
    case 'lost':
      return { ...route, acked: 'unknown', open };
    case 'refused': {
      const isRepeated = route.refused !== undefined && isSame(route.refused, wanted);
      const refusals = isRepeated ? route.refusals + 1 : 1;
      const waitMs = Math.min(retryMaxMs, retryFirstMs * 2 ** (refusals - 1));
      return { ...route, open, refused: wanted, refusals, retryMs: nowMs + waitMs };
    }
  }
}

/** How many commands are unanswered. */
export function countOpen(state: State): number {
  let open = 0;
  for (const service of state.services.values()) {
    for (const vip of service.vips.values()) if (vip.route.open !== undefined) open += 1;
  }
  return open;
}

function isSame(acked: RouteState['acked'], wanted: Attributes | 'absent'): boolean {
  if (typeof acked === 'string' || wanted === 'absent') return acked === wanted;
  return sameAttributes(acked, wanted);
}

function withSpeaker(state: State, change: Partial<SpeakerState>): State {
  return { ...state, speaker: { ...state.speaker, ...change } };
}
