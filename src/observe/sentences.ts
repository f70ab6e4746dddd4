import type {
  AnnounceReason,
  Decision,
  HoldReason,
  Role,
  StandbyReason,
  WithdrawReason,
} from '../core/ownership.ts';
import type { Level, Report } from '../core/report.ts';

/** How loud a report is: `error` wants a person, `warn` says that something is not as planned, `info` is a transition. */
export function levelOf(report: Report): Level {
  switch (report.kind) {
    case 'noticed':
      return report.level;
    case 'decisionChanged':
      return levelOfDecision(report.to);
    case 'beliefChanged':
      return report.to === 'blind' ? 'error' : report.to === 'suspended' ? 'warn' : 'info';
    case 'healthChanged':
      return report.to === 'down' ? 'error' : 'info';
    case 'neighborChanged':
      return report.isEstablished ? 'info' : 'warn';
    case 'connectedChanged':
      return report.isConnected ? 'info' : 'error';
    case 'maintenanceChanged':
    case 'checkFailed':
    case 'nobodyElse':
    case 'damped':
      return 'warn';
    case 'writeFailed':
      return report.outcome === 'denied' ? 'error' : 'warn';
    case 'claimConflict':
    case 'claimContested':
    case 'memberIdTaken':
    case 'commandRefused':
      return 'error';
    case 'sessionChanged':
    case 'speakerChanged':
    case 'claimChanged':
    case 'settingsChanged':
    case 'leaving':
      return 'info';
    case 'checkTurned':
      return 'debug';
  }
}

/** Says a report in one sentence, without a final stop, for the person who was paged: what, and why. */
export function sentenceOf(report: Report): string {
  switch (report.kind) {
    case 'decisionChanged':
      return `${report.vip} of ${report.service}: ${decisionWords(report.to)}${before(report.from)}`;
    case 'beliefChanged':
      return `ZooKeeper session: ${beliefWords(report.to)}, was ${report.from}${proofAge(report.proofAgeMs)}`;
    case 'sessionChanged':
      return because(`ZooKeeper session ${report.to}`, report.detail);
    case 'healthChanged':
      return because(`${report.service} is ${report.to}`, report.detail);
    case 'checkFailed':
      return because(`check ${report.check + 1} of ${report.service} failed`, report.detail);
    case 'checkTurned':
      return `check ${report.check + 1} of ${report.service} is ${report.to}`;
    case 'maintenanceChanged':
      return report.isPresent
        ? `${report.service} is in maintenance: every member withdraws all its VIPs`
        : `maintenance of ${report.service} has ended`;
    case 'speakerChanged':
      return because(`ExaBGP ${report.to}`, report.detail);
    case 'neighborChanged':
      return because(
        `neighbor ${report.neighbor} is ${report.isEstablished ? 'up' : 'down'}`,
        report.detail,
      );
    case 'connectedChanged':
      return because(reachWords(report), report.detail);
    case 'claimChanged':
      return `claim on ${report.vip} of ${report.service}: ${report.to}`;
    case 'claimConflict':
      return `${report.vip} of ${report.service} is owned by this member, but its claim is held by ${report.holder}: it is announced here too, and claimed when that is gone`;
    case 'claimContested':
      return `${report.vip} of ${report.service} is owned by this member, and by member ${report.member} according to its configuration: both announce it; give it one owner`;
    case 'memberIdTaken':
      return because(
        `another living agent of ${report.service} uses this member's id, so nothing is claimed; give each load balancer an id of its own`,
        report.detail,
      );
    case 'writeFailed':
      return because(
        `ZooKeeper did not take a write for ${report.service}, ${report.target}: ${report.outcome}`,
        report.detail,
      );
    case 'commandRefused':
      return because(`the route of ${report.vip} was refused`, report.detail);
    case 'leaving':
      return because('leaving', report.detail);
    case 'settingsChanged':
      return because('the configuration has changed', report.detail);
    case 'nobodyElse':
      return `${report.vip} of ${report.service} stays here until the drain timeout, because no other healthy member is known that could take it over (ExaZK's are not seen)`;
    case 'damped':
      return `${report.service} has fallen too often lately: its VIPs that other members announce are left to them for ${Math.ceil(report.forMs / 1000)} s at most`;
    case 'noticed':
      return because(report.place, report.detail);
  }
}

function levelOfDecision(decision: Decision): Level {
  switch (decision.reason) {
    case 'claimMissing':
    case 'healthDown':
    case 'disabled':
    case 'noLocalAs':
    case 'coordinationLost':
      return 'warn';
    default:
      return 'info';
  }
}

const notCarriedWords: Readonly<Record<StandbyReason, string>> = {
  heldByOwner: "because another member's claim stands",
  settling: 'because its owner still has time to make its claim',
  takeoverDelay: 'because its claim is missing, but not yet for the takeover delay',
  notChosen: 'because its claim is missing, and other members come first',
  damped: 'because it has fallen too often lately, and another member announces it',
  frozen: 'as before, because ZooKeeper is not to be believed now',
  coordinationLost: 'because ZooKeeper is lost and onCoordinationLoss says so',
};

const roleWordsOf: Readonly<Record<Role, string>> = {
  owner: 'as owner',
  backup: 'as backup',
  standby: 'as standby',
  drain: 'as drained',
  disabled: 'as disabled',
  down: 'with reduced preference',
};

const announceWords: Readonly<Record<AnnounceReason, string>> = {
  ...notCarriedWords,
  owner: 'because this member owns it',
  standalone: 'because it is healthy, and there is nobody to agree with',
  disabled: 'because the disable file is there, and the service has attributes for that',
  claimMissing: 'because its claim has been missing',
  handingBack:
    'for the release time only, because its owner, or enough members that come first, announce it',
  leaving: 'because this member is leaving and nobody else is known to carry it yet',
  handedOver: 'for the release time only, because another member has taken it over',
  drained: 'because this member is drained, and the service has attributes for that',
  healthDown: 'because its health is down and the service has attributes for that',
};

const withdrawWords: Readonly<Record<WithdrawReason, string>> = {
  ...notCarriedWords,
  maintenance: 'because the service is in maintenance',
  drained: 'because it is drained',
  stopping: 'because this member is stopping',
  removed: 'because it is not configured here any more',
  healthDown: 'because its health is down',
  disabled: 'because the disable file is there',
  noLocalAs:
    'because no AS is known that could be prepended to tell it from the route of its owner; set bgp.localAs',
};

const holdWords: Readonly<Record<HoldReason, string>> = {
  ...notCarriedWords,
  noView: 'because ZooKeeper has not been read completely yet',
  noVerdict: 'because its health is not known yet',
  memberIdTaken: "because another living agent uses this member's id",
};

/** What is done with a VIP, and why, without naming it. */
export function decisionWords(decision: Decision): string {
  switch (decision.kind) {
    case 'announce': {
      return `announced ${roleWordsOf[decision.role]}, ${announceWords[decision.reason]}`;
    }
    case 'withdraw':
      return `withdrawn, ${withdrawWords[decision.reason]}`;
    case 'hold':
      return `left as it is, ${holdWords[decision.reason]}`;
  }
}

function before(decision: Decision | undefined): string {
  if (decision === undefined) return '';
  const action = { announce: 'announced', withdraw: 'withdrawn', hold: 'left as it is' };
  const role = decision.kind === 'announce' ? ` as ${decision.role}` : '';
  return ` (before: ${action[decision.kind]}${role}, ${decision.reason})`;
}

/**
 * The same for a role and a reason as a status record has them, whatever version wrote it; `none` is withdrawn, `hold` left
 * as it is. The reason itself where it has no words here.
 */
export function roleWords(role: string, reason: string): string {
  const of = (words: Readonly<Record<string, string>>) =>
    Object.hasOwn(words, reason) ? words[reason] : reason;
  if (role === 'none') return `withdrawn, ${of(withdrawWords)}`;
  if (role === 'hold') return `left as it is, ${of(holdWords)}`;
  const words: Readonly<Record<string, string>> = roleWordsOf;
  return `announced ${Object.hasOwn(words, role) ? words[role] : `as ${role}`}, ${of(announceWords)}`;
}

const beliefMeanings: ReadonlyMap<string, string> = new Map([
  ['suspended', 'suspended, so every decision is frozen'],
  ['blind', 'blind, so onCoordinationLoss decides'],
]);

function beliefWords(belief: string): string {
  return beliefMeanings.get(belief) ?? belief;
}

function proofAge(proofAgeMs: number | undefined): string {
  return proofAgeMs === undefined
    ? ''
    : `; the quorum last answered ${(proofAgeMs / 1000).toFixed(1)} s ago`;
}

function reachWords({
  isConnected,
  neighbors,
}: Extract<Report, { kind: 'connectedChanged' }>): string {
  if (neighbors === undefined)
    return isConnected
      ? 'this load balancer reaches its routers'
      : 'this load balancer is cut off from its routers, so its claims are given up';
  return isConnected
    ? `services announced to ${neighbors} only reach them`
    : `services announced to ${neighbors} only are cut off from them, so their claims are given up`;
}

function because(what: string, detail: string): string {
  return detail === '' ? what : `${what}: ${detail}`;
}
