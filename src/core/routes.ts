import type { Effect } from './effect.ts';
import type { CommandAnswered } from './event.ts';
import { isHandingBack, roleOf } from './ownership.ts';
import type { Turn } from './pass.ts';
import type { Report } from './report.ts';
import {
  type Asn,
  type Attributes,
  attributesFor,
  lessPreferred,
  type Place,
  type RoleAttributes,
  sameAttributes,
} from './route.ts';
import {
  inService,
  mapServices,
  mapVips,
  type RouteState,
  type ServiceState,
  type SpeakerState,
  type State,
  type VipState,
  withChange,
} from './state.ts';

/** Unanswered lines at most: enough for ExaBGP's full speed, few enough that an urgent withdraw waits for nothing. */
export const openCommandsMax = 20;
const retryFirstMs = 1_000;
const retryMaxMs = 60_000;

/** How many commands may be sent before one is answered. */
export function roomForCommands({ speaker }: State): number {
  return Math.max(0, openCommandsMax - speaker.open.size);
}

/**
 * Reconciles the wanted routes of these services with what ExaBGP has acknowledged: only differences are sent, withdraws
 * first, one command per prefix at a time. What changes meanwhile coalesces, because only the latest decision is looked
 * at. Returns the speaker with the commands that are open now.
 */
export function reconcileRoutes(
  state: State,
  turns: readonly Turn[],
  nowMs: number,
  effects: Effect[],
): SpeakerState {
  const { speaker } = state;
  if (speaker.phase !== 'ready') return speaker;
  if (turns.length === 0) return flushWhenQuiet(speaker, effects);
  const isWithdraw = ({ wanted }: Pending) => wanted === 'absent';
  const all = turns.flatMap((turn) => pendingRoutes(turn, speaker.localAs, nowMs));
  const pending = [...all.filter(isWithdraw), ...all.filter((entry) => !isWithdraw(entry))];
  const room = roomForCommands(state);
  noteWaiting(turns, pending.slice(room));
  // Whatever waits elsewhere waits for room, and while there is none nothing is quiet.
  return pending.length === 0
    ? flushWhenQuiet(speaker, effects)
    : send(speaker, pending.slice(0, room), effects);
}

interface Pending {
  readonly turn: Turn;
  readonly vip: VipState;
  readonly wanted: Attributes | 'absent';
}

function pendingRoutes(turn: Turn, localAs: Asn | undefined, nowMs: number): readonly Pending[] {
  const { service, alarm } = turn;
  const pending: Pending[] = [];
  for (const vip of service.vips.values()) {
    const wanted = missingRoute(service, vip, localAs);
    if (wanted === undefined) continue;
    const { refused, retryMs } = vip.route;
    // Another route than the refused one, a withdraw above all, pays for no refusal.
    const readyMs = refused !== undefined && isSame(refused, wanted) ? retryMs : nowMs;
    alarm.at(readyMs);
    if (nowMs >= readyMs) pending.push({ turn, vip, wanted });
  }
  return pending;
}

function noteWaiting(turns: readonly Turn[], left: readonly Pending[]): void {
  const waits = new Map<Turn, ServiceState['waitsFor']>();
  for (const { turn, wanted } of left)
    if (!waits.has(turn)) waits.set(turn, wanted === 'absent' ? 'withdraw' : 'announce');
  for (const turn of turns)
    turn.service = withChange(turn.service, { waitsFor: waits.get(turn) ?? 'nothing' });
}

/** What has to be sent for a VIP; undefined when the speaker has it, or its last word on the prefix is still open. */
function missingRoute(
  service: ServiceState,
  vip: VipState,
  localAs: Asn | undefined,
): Attributes | 'absent' | undefined {
  const { acked, open, mustResend } = vip.route;
  if (open !== undefined) return undefined;
  // What is left alone is kept as it is, at every neighbor.
  const wanted =
    wantedRoute(service, vip, localAs) ?? (typeof acked === 'object' ? acked : undefined);
  if (wanted === undefined) return undefined;
  return isSame(acked, wanted) && !mustResend ? undefined : wanted;
}

/** Whether the speaker has what is wanted for a VIP, or refuses it, and nothing is open. */
export function isSettled(service: ServiceState, vip: VipState, localAs: Asn | undefined): boolean {
  const { open, refused } = vip.route;
  return (
    open === undefined &&
    (refused !== undefined || missingRoute(service, vip, localAs) === undefined)
  );
}

/** Whether the speaker has a VIP's route as it is wanted, or has another and refuses to change it. */
export function isInPlace(service: ServiceState, vip: VipState, localAs: Asn | undefined): boolean {
  const { acked, open, refused } = vip.route;
  const wanted = wantedRoute(service, vip, localAs);
  if (typeof acked !== 'object' || open?.wanted === 'absent') return false;
  return wanted !== undefined && (isSame(acked, wanted) || refused !== undefined);
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
  const role = service.settings.announce[decision.role];
  if (role === undefined) return undefined;
  const attributes = attributesFor(role, placeOf(service, vip, role, localAs));
  return localAs === undefined || !isYielding(vip)
    ? attributes
    : lessPreferred(attributes, localAs);
}

function placeOf(
  { settings }: ServiceState,
  { vip, rank }: VipState,
  { medPerVip }: RoleAttributes,
  localAs: Asn | undefined,
): Place {
  // Looked up only where it matters: a service may have a thousand VIPs.
  const index = medPerVip === undefined ? 0 : settings.vips.findIndex((entry) => entry.vip === vip);
  return { isIpv6: vip.includes(':'), index: Math.max(0, index), rank, localAs };
}

function isYielding(vip: VipState): boolean {
  // What is beside somebody's route already is not going away.
  if (roleOf(vip.decision) === 'disabled') return false;
  return isHandingBack(vip) || vip.leave?.carriedSinceMs !== undefined;
}

function send(speaker: SpeakerState, sending: readonly Pending[], effects: Effect[]): SpeakerState {
  const all = new Map(speaker.open);
  let { nextCommand } = speaker;
  for (const { turn, vip, wanted } of sending) {
    const command = nextCommand;
    const { pathId } = turn.service.settings.announce.owner;
    effects.push(
      wanted === 'absent'
        ? { kind: 'withdrawRoute', command, vip: vip.vip, pathId }
        : { kind: 'announceRoute', command, vip: vip.vip, attributes: wanted },
    );
    const { service } = turn;
    const route = { ...vip.route, open: { command, wanted }, mustResend: false };
    turn.service = { ...service, vips: new Map(service.vips).set(vip.vip, { ...vip, route }) };
    all.set(command, { service: service.settings.name, vip: vip.vip });
    nextCommand += 1;
  }
  return { ...speaker, open: all, nextCommand };
}

/** Asks for all routes to be sent again, once nothing is open that a flush could disturb. */
function flushWhenQuiet(speaker: SpeakerState, effects: Effect[]): SpeakerState {
  const { flush, nextCommand, open } = speaker;
  if (flush !== 'needed' || nextCommand === 1 || open.size > 0) return speaker;
  effects.push({ kind: 'flushRoutes', command: nextCommand });
  return { ...speaker, flush: nextCommand, nextCommand: nextCommand + 1 };
}

/** Every announced route is sent again, in its turn and its window. */
export function hearResend(state: State, mustFlush: boolean): State {
  const { flush } = state.speaker;
  const marked = mapServices(state, (service) =>
    mapVips(service, (vip) =>
      typeof vip.route.acked === 'object'
        ? { ...vip, route: { ...vip.route, mustResend: true } }
        : vip,
    ),
  );
  return mustFlush && flush === 'none' ? withSpeaker(marked, { flush: 'needed' }) : marked;
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
  const target = state.speaker.open.get(event.command);
  if (target === undefined) return state;
  const answered = inService(state, target.service, (service) =>
    mapVips(service, (vip) => {
      const { open } = vip.route;
      if (open?.command !== event.command) return vip;
      if (event.outcome === 'refused') {
        reports.push({ kind: 'commandRefused', vip: vip.vip, detail: event.detail });
      }
      return { ...vip, route: answer(vip.route, open.wanted, event.outcome, nowMs) };
    }),
  );
  const open = new Map(state.speaker.open);
  open.delete(event.command);
  // A command that was never answered may or may not have been carried out.
  return withSpeaker(answered, event.outcome === 'lost' ? { open, flush: 'needed' } : { open });
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
      return { ...route, acked: wanted, open, refused: undefined, refusals: 0, retryMs: 0 };
    case 'lost': {
      // Of two announcements one is in force, whichever it is: the route is there.
      const isThere = typeof route.acked === 'object' && wanted !== 'absent';
      return { ...route, acked: isThere ? route.acked : 'unknown', open, mustResend: isThere };
    }
    case 'refused': {
      const isRepeated = route.refused !== undefined && isSame(route.refused, wanted);
      const refusals = isRepeated ? route.refusals + 1 : 1;
      const waitMs = Math.min(retryMaxMs, retryFirstMs * 2 ** (refusals - 1));
      const mustResend = route.mustResend || isSame(route.acked, wanted);
      return { ...route, open, mustResend, refused: wanted, refusals, retryMs: nowMs + waitMs };
    }
  }
}

function isSame(acked: RouteState['acked'], wanted: Attributes | 'absent'): boolean {
  if (typeof acked === 'string' || wanted === 'absent') return acked === wanted;
  return sameAttributes(acked, wanted);
}

function withSpeaker(state: State, change: Partial<SpeakerState>): State {
  return { ...state, speaker: { ...state.speaker, ...change } };
}
