import type { Effect } from './effect.ts';
import type { Event } from './event.ts';
import { isConnected } from './reach.ts';
import { isPrepended } from './route.ts';
import { openCommandsMax } from './routes.ts';
import type { ServiceState, State, VipState } from './state.ts';
import type { Step } from './step.ts';
import { isInMaintenance, isViewSufficient } from './view.ts';
import type { Vip } from './vip.ts';

/**
 * What must hold after every step, whatever the world does. Checked in tests and at run time; a breach is a bug: the
 * agent closes its session, so that peers take over, and leaves.
 * @returns one sentence per breach; empty when all hold.
 */
export function brokenInvariants(before: State, event: Event, after: Step): readonly string[] {
  const broken: string[] = [];
  const { state, effects } = after;
  for (const service of touchedServices(before, state)) {
    for (const vip of service.vips.values()) {
      checkDecision(state, service, vip, broken);
      checkIsCounted(state, vip, broken);
      checkHandsOff({ before, event, state }, service, vip, broken);
    }
  }
  checkOpenCommands(before, event, state, broken);
  checkEffects(state, effects, broken);
  checkEnd(after, broken);
  return broken;
}

const read = ['settings', 'view', 'health', 'isDisabled', 'vips'] as const;

/** Of a service that is as before in all that is looked at here, in the same session, all that held still holds. */
function touchedServices(before: State, state: State): readonly ServiceState[] {
  const { belief, connection } = before.session;
  if (belief !== state.session.belief || connection !== state.session.connection)
    return state.services.list;
  return state.services.changedSince(before.services).filter((service) => {
    const earlier = before.services.get(service.settings.name);
    return read.some((key) => service[key] !== earlier?.[key]);
  });
}

function checkDecision(state: State, service: ServiceState, vip: VipState, broken: string[]): void {
  const { decision } = vip;
  if (decision.kind !== 'announce') return;
  if (decision.role === 'standby') checkStandby(state, service, vip, broken);
  if (isInMaintenance(service) && isInformed(state, service)) {
    broken.push(`${vip.vip} is announced in maintenance`);
  }
  const isResting = decision.role === 'disabled' && service.isDisabled;
  if (service.health !== 'up' && decision.role !== 'down' && !isResting) {
    broken.push(`${vip.vip} is announced as ${decision.role} with health ${service.health}`);
  }
  if (
    vip.leave?.isDone === true &&
    (decision.role !== 'disabled' || vip.leave.reason !== 'drained')
  )
    broken.push(`${vip.vip} is announced after leaving`);
  if (service.settings.announce[decision.role] === undefined) {
    broken.push(`${vip.vip} has no attributes for role ${decision.role}`);
  }
}

/** A standby route serves nobody, and must be worse than that of whoever does. */
function checkStandby(
  { speaker }: State,
  service: ServiceState,
  vip: VipState,
  broken: string[],
): void {
  const { standby } = service.settings.announce;
  if (standby !== undefined && isPrepended(standby) && speaker.localAs === undefined)
    broken.push(`${vip.vip} is announced as standby with no AS to prepend`);
  if (vip.agreed.kind === 'announce' && vip.decision.reason !== 'damped')
    broken.push(`${vip.vip} is announced as standby by a member that is to carry it`);
  if (vip.leave !== undefined) broken.push(`${vip.vip} is announced as standby while leaving`);
}

/** A prefix gets its next command only when the last one was answered. */
function checkOpenCommands(before: State, event: Event, state: State, broken: string[]): void {
  const { open } = state.speaker;
  const answered = event.kind === 'commandAnswered' ? event.command : undefined;
  for (const [command, { vip }] of before.speaker.open) {
    if (command !== answered && !open.has(command))
      broken.push(`${vip} dropped command ${command} before it was answered`);
  }
  for (const [command, { service, vip }] of open) {
    const found = state.services.get(service)?.vips.get(vip)?.route.open?.command;
    if (found !== command) broken.push(`${vip} does not wait for its command ${command}`);
  }
  if (open.size > openCommandsMax) broken.push(`${open.size} commands are open at once`);
}

function checkIsCounted(state: State, vip: VipState, broken: string[]): void {
  const command = vip.route.open?.command;
  if (command === undefined || state.speaker.open.get(command)?.vip === vip.vip) return;
  broken.push(`${vip.vip} waits for command ${command}, which is not open`);
}

/** While ZooKeeper cannot be believed, a VIP changes hands only by the configured policy. */
function checkHandsOff(
  { before, event, state }: { before: State; event: Event; state: State },
  service: ServiceState,
  vip: VipState,
  broken: string[],
): void {
  // There is none.
  if (state.settings.isStandalone === true) return;
  const was = before.services.get(service.settings.name);
  const previous = was?.vips.get(vip.vip);
  if (previous === undefined || previous.agreed === vip.agreed || isInformed(state, service))
    return;
  // A VIP that moves to another service takes along what was agreed about it.
  const earlier =
    event.kind === 'settingsChanged'
      ? before.services.list.map((other) => other.vips.get(vip.vip)?.agreed)
      : [previous.agreed];
  if (earlier.includes(vip.agreed)) return;
  const isPolicy =
    vip.agreed.kind !== 'hold' &&
    (vip.agreed.reason === 'coordinationLost' || vip.agreed.reason === 'maintenance');
  const isLifted =
    earlier.some((agreed) => agreed?.reason === 'maintenance') && !isInMaintenance(service);
  // What an earlier life had agreed is taken up once, and only when ZooKeeper cannot be believed.
  const isTakenUp =
    was?.restored !== undefined &&
    service.restored === undefined &&
    state.session.belief !== 'live';
  if (!isPolicy && !isTakenUp && !isLifted)
    broken.push(`${vip.vip} changed hands without a view of ZooKeeper`);
}

function isInformed(state: State, service: ServiceState): boolean {
  // An agent that stands alone knows of nothing that it could act against, whatever it hears.
  if (state.settings.isStandalone === true) return false;
  return state.session.belief === 'live' && isViewSufficient(service.view, state.session);
}

function checkEffects(state: State, effects: readonly Effect[], broken: string[]): void {
  const opened = new Set<string>();
  for (const effect of effects) {
    if (effect.kind === 'announceRoute' || effect.kind === 'withdrawRoute') {
      checkCommand(state, effect, opened, broken);
    }
    if (effect.kind === 'createClaim') checkClaim(state, effect, broken);
    if (effect.kind === 'deleteClaim' && state.session.connection === undefined) {
      broken.push(`a claim write for ${effect.vip} without a connection`);
    }
  }
}

function checkCommand(
  state: State,
  { command, vip }: { readonly command: number; readonly vip: Vip },
  opened: Set<string>,
  broken: string[],
): void {
  if (opened.has(vip)) broken.push(`two commands for ${vip} in one step`);
  opened.add(vip);
  // What is open belongs to a VIP that is configured.
  if (state.speaker.open.get(command)?.vip !== vip)
    broken.push(`command ${command} for ${vip} is not open`);
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
  if (vip.decision.kind !== 'announce' || vip.decision.role !== 'owner')
    broken.push(`a claim for ${vip.vip}, which is not announced as owner`);
  if (isConnected(state.speaker, service.settings) !== true)
    broken.push(`a claim for ${vip.vip} while cut off`);
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
