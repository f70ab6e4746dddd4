import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import { countOpen, openCommandsMax, wantedRoute } from './routes.ts';
import type { ServiceState, State, VipState } from './state.ts';
import type { Step } from './step.ts';
import { isInMaintenance, isViewCurrent } from './view.ts';
import type { Vip } from './vip.ts';

/**
 * What must hold after every step, whatever the world does. Checked in tests and at run time; a breach is a bug: the
 * agent closes its session, so that peers take over, and leaves.
 * @returns one sentence per breach; empty when all hold.
 */
export function brokenInvariants(before: State, event: Event, after: Step): readonly string[] {
  const broken: string[] = [];
  const { state, effects } = after;
  for (const service of state.services.values()) {
    const was = before.services.get(service.settings.name);
    for (const vip of service.vips.values()) {
      const previous = was?.vips.get(vip.vip);
      checkDecision(state, service, vip, broken);
      checkOpenCommand(previous, event, vip, broken);
      checkHandsOff(state, service, vip, previous, was?.restored !== undefined, broken);
    }
  }
  checkEffects(state, effects, broken);
  checkEnd(after, broken);
  return broken;
}

function checkDecision(state: State, service: ServiceState, vip: VipState, broken: string[]): void {
  const { decision } = vip;
  if (decision.kind !== 'announce') return;
  if (isInMaintenance(service) && isInformed(state, service)) {
    broken.push(`${vip.vip} is announced in maintenance`);
  }
  if (service.health !== 'up' && decision.role !== 'down') {
    broken.push(`${vip.vip} is announced as ${decision.role} with health ${service.health}`);
  }
  if (vip.leave?.isDone === true) broken.push(`${vip.vip} is announced after leaving`);
  if (wantedRoute(service, vip, undefined) === undefined) {
    broken.push(`${vip.vip} has no attributes for role ${decision.role}`);
  }
}

/** A prefix gets its next command only when the last one was answered. */
function checkOpenCommand(
  previous: VipState | undefined,
  event: Event,
  vip: VipState,
  broken: string[],
): void {
  const wasOpen = previous?.route.open?.command;
  if (wasOpen === undefined || vip.route.open?.command === wasOpen) return;
  if (event.kind === 'commandAnswered' && event.command === wasOpen) return;
  broken.push(`${vip.vip} dropped command ${wasOpen} before it was answered`);
}

/** While ZooKeeper cannot be believed, a VIP changes hands only by the configured policy. */
function checkHandsOff(
  state: State,
  service: ServiceState,
  vip: VipState,
  previous: VipState | undefined,
  wasRestored: boolean,
  broken: string[],
): void {
  if (previous === undefined || previous.agreed === vip.agreed || isInformed(state, service))
    return;
  const isPolicy =
    vip.agreed.kind !== 'hold' &&
    (vip.agreed.reason === 'coordinationLost' || vip.agreed.reason === 'maintenance');
  // What an earlier life had agreed is taken up once, and only when ZooKeeper cannot be believed.
  const isTakenUp =
    wasRestored && service.restored === undefined && state.session.belief !== 'live';
  if (!isPolicy && !isTakenUp) broken.push(`${vip.vip} changed hands without a view of ZooKeeper`);
}

function isInformed(state: State, service: ServiceState): boolean {
  return state.session.belief === 'live' && isViewCurrent(service.view, state.session);
}

function checkEffects(state: State, effects: readonly Effect[], broken: string[]): void {
  const opened = new Set<string>();
  for (const effect of effects) {
    if (effect.kind === 'announceRoute' || effect.kind === 'withdrawRoute') {
      checkCommand(state, effect.vip, opened, broken);
    }
    if (effect.kind === 'createClaim') checkClaim(state, effect, broken);
    if (effect.kind === 'deleteClaim' && state.session.connection === undefined) {
      broken.push(`a claim write for ${effect.vip} without a connection`);
    }
  }
  const open = countOpen(state);
  if (open > openCommandsMax) broken.push(`${open} commands are open at once`);
}

function checkCommand(state: State, vip: Vip, opened: Set<string>, broken: string[]): void {
  if (opened.has(vip)) broken.push(`two commands for ${vip} in one step`);
  opened.add(vip);
  const isConfigured = [...state.services.values()].some((service) => service.vips.has(vip));
  if (!isConfigured) broken.push(`a command for ${vip}, which is not configured`);
}

/** Announce, then claim. */
function checkClaim(
  state: State,
  effect: Extract<Effect, { kind: 'createClaim' }>,
  broken: string[],
): void {
  const service = state.services.get(effect.service);
  const vip = service?.vips.get(effect.vip);
  if (service === undefined || vip === undefined) {
    broken.push(`a claim for ${effect.vip}, which is not configured`);
    return;
  }
  if (!vip.isOwner) broken.push(`a claim for ${vip.vip}, which another member owns`);
  if (typeof vip.route.acked !== 'object')
    broken.push(`a claim for ${vip.vip} before its announcement was accepted`);
  if (vip.decision.kind !== 'announce')
    broken.push(`a claim for ${vip.vip}, which is not to be announced`);
  if (state.speaker.isConnected !== true) broken.push(`a claim for ${vip.vip} while cut off`);
  if (!isInformed(state, service))
    broken.push(`a claim for ${vip.vip} without a view of ZooKeeper`);
  const holder = vip.claim?.holder?.kind;
  if (holder !== undefined && holder !== 'predecessor')
    broken.push(`a claim for ${vip.vip} over that of ${holder}`);
}

function checkEnd(after: Step, broken: string[]): void {
  const last = after.effects.at(-1);
  const exits = after.effects.some((effect) => effect.kind === 'exit');
  if (exits && last?.kind !== 'exit') broken.push('something follows the exit');
  if (exits && !after.state.hasEnded) broken.push('an exit without an end');
  if (after.state.hasEnded && after.wakeAtMs !== undefined) broken.push('a wake-up after the end');
}
