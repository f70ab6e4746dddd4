import type { ServiceAgreement } from './agreement.ts';
import { describeHolder } from './claims.ts';
import type { Effect } from './effect.ts';
import type { CheckCompleted, Event, MemberReport } from './event.ts';
import type { Decision } from './ownership.ts';
import type { Attributes } from './route.ts';

/** One stable line per decision, event and effect: for logs, transcripts and `explain`. Never parsed. */

/** `announce as backup (claimMissing)`. */
export function describeDecision(decision: Decision): string {
  return decision.kind === 'announce'
    ? `announce as ${decision.role} (${decision.reason})`
    : `${decision.kind} (${decision.reason})`;
}

/** One event in one line. */
export function describeEvent(event: Event): string {
  switch (event.kind) {
    case 'timerFired':
      return 'timerFired';
    case 'checkCompleted':
      return `checkCompleted ${event.service}#${event.check} ${resultOf(event)}`;
    case 'sessionEstablished':
      return `sessionEstablished epoch ${event.epoch} connection ${event.connection}`;
    case 'sessionProven':
      return `sessionProven epoch ${event.epoch}`;
    case 'sessionInterrupted':
      return `sessionInterrupted connection ${event.connection}`;
    case 'sessionEnded':
      return `sessionEnded epoch ${event.epoch} ${event.reason}`;
    case 'claimsRead':
      return `claimsRead ${event.service} ${list([...event.claims].map(([vip, holder]) => `${vip}:${describeHolder(holder)}`))}`;
    case 'maintenanceRead':
      return `maintenanceRead ${event.service} ${event.isPresent ? 'present' : 'absent'}`;
    case 'drainsRead':
      return `drainsRead ${event.service} ${list([...event.drained])}`;
    case 'membersRead':
      return `membersRead ${event.service} ${list([...event.members.keys()])} own ${describeHolder(event.own)}`;
    case 'claimAnswered':
      return `claimAnswered ${event.operation} ${event.vip} ${event.outcome}`;
    case 'memberAnswered':
      return `memberAnswered ${event.service} ${event.outcome}`;
    case 'commandAnswered':
      return `commandAnswered ${event.command} ${event.outcome}`;
    case 'speakerIdentified':
      return `speakerIdentified ${event.version ?? 'unknown'} acks ${event.acks ? 'on' : 'off'}`;
    case 'neighborChanged':
      return `neighborChanged ${event.neighbor} ${event.isEstablished ? 'up' : 'down'}`;
    case 'neighborsListed':
      return `neighborsListed ${event.established === undefined ? 'cannot tell' : list(event.established)}`;
    case 'speakerSilent':
    case 'speakerResponsive':
      return event.kind;
    case 'resendDue':
      return `resendDue${event.mustFlush ? ' with flush' : ''}`;
    case 'speakerClosed':
      return `speakerClosed ${event.detail}`;
    case 'settingsChanged':
      return `settingsChanged ${list(event.settings.services.map(({ name }) => name))}`;
    case 'stopRequested':
      return `stopRequested ${event.signal}`;
  }
}

function resultOf({ passed, isDisabled }: CheckCompleted): string {
  if (isDisabled === true) return 'disabled';
  return passed ? 'pass' : 'fail';
}

/** One effect in one line. */
export function describeEffect(effect: Effect): string {
  switch (effect.kind) {
    case 'announceRoute':
      return `announceRoute ${effect.vip} ${describeAttributes(effect.attributes)}`;
    case 'withdrawRoute':
      return `withdrawRoute ${effect.vip}`;
    case 'flushRoutes':
    case 'closeSession':
      return effect.kind;
    case 'createClaim':
      return `createClaim ${effect.vip}${effect.replaces ? ' replacing our earlier life' : ''}`;
    case 'deleteClaim':
      return `deleteClaim ${effect.vip}`;
    case 'publishMember':
      return `publishMember ${effect.service} ${describeMember(effect.report)}`;
    case 'unpublishMember':
      return `unpublishMember ${effect.service}`;
    case 'setServices':
      return `setServices ${list(effect.services.map(({ name, vips }) => `${name}:${vips.length}`))}`;
    case 'keepAgreement':
      return `keepAgreement ${effect.service} ${describeAgreement(effect.agreement)}`;
    case 'runCheck':
      return `runCheck ${effect.service}#${effect.check}`;
    case 'exit':
      return `exit ${effect.code} ${effect.reason}`;
    case 'report':
      return effect.report.kind === 'decisionChanged'
        ? `report ${effect.report.vip}: ${describeDecision(effect.report.to)}`
        : `report ${effect.report.kind}`;
  }
}

/** `[10.0.0.1/32:owner, 10.0.0.2/32:withdrawn]`. */
function describeAgreement({ isInMaintenance, drained, vips }: ServiceAgreement): string {
  const parts = [list([...vips].map(([vip, role]) => `${vip}:${role}`))];
  if (drained.length > 0) parts.push(`drained ${list(drained)}`);
  if (isInMaintenance) parts.push('in maintenance');
  return parts.join(' ');
}

/** `self med 100`. */
export function describeAttributes(attributes: Attributes): string {
  const { nextHop, med, localPreference, asPath, communities } = attributes;
  return [
    nextHop,
    med === undefined ? '' : `med ${med}`,
    localPreference === undefined ? '' : `local-preference ${localPreference}`,
    asPath === undefined ? '' : `as-path ${asPath.join(' ')}`,
    communities === undefined ? '' : `community ${communities.join(' ')}`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function describeMember({ health, announces, isLeaving, contests }: MemberReport): string {
  const contested = contests === undefined ? '' : ` contests ${list(contests)}`;
  return `${health} announces ${list(announces)}${isLeaving ? ' leaving' : ''}${contested}`;
}

function list(items: readonly string[]): string {
  return `[${[...items].sort().join(', ')}]`;
}
