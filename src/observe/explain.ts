import { isReason, type Reason, type RuleNumber, ruleOf, rules } from '../core/rule.ts';
import { sentenceWithCause } from './causes.ts';
import type { MemberView, ServiceView, VipView } from './fleet-view.ts';
import type { StatusRecord, StatusVip } from './status-record.ts';
import { timeText } from './text/times.ts';

/** Why a VIP is where it is: what is known of it, and what decided at each member. */
export interface Explanation extends VipView {
  readonly service: string;
  readonly maintenance?: ServiceView['maintenance'];
  /** Of the VIP, its owner and its announcers; those in effect. */
  readonly drains: ServiceView['drains'];
  readonly members: readonly MemberExplanation[];
  readonly problems: ServiceView['problems'];
}

export interface MemberExplanation {
  readonly member: string;
  readonly presence: MemberView['presence'];
  /** As in its record; absent when there is none, or not of this VIP. */
  readonly role?: string;
  readonly reason?: string;
  readonly sentence?: string;
  readonly since?: string;
  /** The first line of the rule that held; absent for a reason that this version does not know. */
  readonly rule?: { readonly number: RuleNumber; readonly text: string };
  /** What was known there, in words. */
  readonly facts: readonly string[];
  /** What would make it decide otherwise. */
  readonly changesWhen?: string;
}

/** Explains a VIP in every service that has it. Pure. */
export function explain(services: readonly ServiceView[], vip: string): readonly Explanation[] {
  return services.flatMap((service): readonly Explanation[] => {
    const view = service.vips.find((one) => one.vip === vip);
    if (view === undefined) return [];
    const names = new Set([vip, ...view.announcers.map(({ member }) => member), view.owner]);
    return [
      {
        service: service.service,
        ...view,
        ...(service.maintenance !== undefined && { maintenance: service.maintenance }),
        drains: service.drains.filter(({ name, isExpired }) => names.has(name) && !isExpired),
        members: service.members
          .filter(({ kind, announces }) => kind === 'vipkeeper' || announces.includes(vip))
          .map((member) => explainMember(member, view, service)),
        problems: service.problems.filter(({ subject }) => names.has(subject)),
      },
    ];
  });
}

function explainMember(view: MemberView, vip: VipView, service: ServiceView): MemberExplanation {
  const { member, presence, kind, status } = view;
  if (kind === 'exazk') {
    const facts = ['a member of ExaZK: it claims the VIP, and tells nothing else'];
    return { member, presence, facts };
  }
  const known = status?.vips[vip.vip];
  if (status === undefined || known === undefined) {
    const facts = [
      status === undefined ? 'it keeps no record' : 'its record does not have the VIP',
    ];
    return { member, presence, facts };
  }
  const { role, reason, since } = known;
  const sentence = sentenceWithCause(known, { vip: vip.vip, member }, service);
  const facts = factsOf(view, status, known);
  if (!isReason(reason)) return { member, presence, role, reason, sentence, since, facts };
  const number = ruleOf(reason, role);
  return {
    member,
    presence,
    role,
    reason,
    sentence,
    since,
    rule: { number, text: rules[number] },
    facts,
    changesWhen: changes[reason]({
      service: service.service,
      member,
      vip,
      failing: failingOf(status),
    }),
  };
}

function factsOf(
  { presence, health, isDrained, isLeaving }: MemberView,
  { writtenAt, session, exabgp, health: lastHealth }: StatusRecord,
  { route, rank, refused }: StatusVip,
): readonly string[] {
  const isGone = presence === 'gone';
  return [
    ...(isGone
      ? [`gone from ZooKeeper; what follows is its last record, of ${timeText(writtenAt)}`]
      : []),
    `health ${isGone ? lastHealth : health}`,
    `ExaBGP ${exabgp.answers ? 'answers' : 'does not answer'}`,
    ...(exabgp.isConnected === undefined
      ? []
      : [exabgp.isConnected ? 'connected to its routers' : 'cut off from its routers']),
    `ZooKeeper session ${session.belief}`,
    ...(isDrained ? ['drained'] : []),
    ...(isLeaving ? ['leaving'] : []),
    ...(rank === undefined ? [] : [`${rank} members come before it as backup`]),
    `route ${route}`,
    ...(refused === undefined ? [] : [`ExaBGP refused ${refused}`]),
  ];
}

function failingOf({ checks }: StatusRecord): string {
  const failing = checks.filter(({ verdict }) => verdict === 'down').map(({ name }) => name);
  return failing.length === 0 ? 'its checks' : `check ${failing.join(', ')}`;
}

interface Circumstances {
  readonly service: string;
  readonly member: string;
  readonly vip: VipView;
  readonly failing: string;
}

type Change = (circumstances: Circumstances) => string;

const zooKeeperBack: Change = () => 'ZooKeeper is reached again, and read whole';
const claimComesOrGoes: Change = ({ vip }) =>
  vip.claim === undefined
    ? `${vip.owner ?? 'its owner'} claims it`
    : `the claim of ${vip.owner ?? 'its owner'} goes, by a drain, a failure or a stop`;
const otherCarries: Change = () =>
  'another member announces it and takeover.release has passed, or drain.timeout has';

/** What would change a decision, by its reason. */
const changes: Readonly<Record<Reason, Change>> = {
  noView: zooKeeperBack,
  frozen: zooKeeperBack,
  coordinationLost: zooKeeperBack,
  memberIdTaken: () => 'the other agent with this member id ends, or gets an id of its own',
  maintenance: ({ service }) => `maintenance ends: vipkeeper maintenance off ${service}`,
  drained: ({ service, member, vip }) =>
    `the drain is lifted: vipkeeper undrain ${service} ${vip.isDrained ? vip.vip : member}`,
  disabled: () => 'the disable file goes, and the checks have told',
  leaving: otherCarries,
  handedOver: () => 'takeover.release has passed: then it is withdrawn',
  stopping: () => 'the agent is started again',
  removed: () => 'it is configured there again',
  healthDown: ({ failing }) => `${failing} passes again, \`rise\` times in a row`,
  noVerdict: () => 'every check has told whether it passes',
  owner: ({ member }) =>
    `maintenance begins, ${member} or the VIP is drained, its health falls, or it loses ZooKeeper or its routers`,
  standalone: () => 'its health falls, the disable file comes, or the agent is stopped',
  claimMissing: ({ vip }) =>
    `${vip.owner ?? 'its owner'} claims it, and takeover.release has passed`,
  handingBack: () => 'takeover.release has passed: then it is withdrawn, or a standby',
  heldByOwner: claimComesOrGoes,
  settling: () => 'takeover.settle has passed without a claim',
  takeoverDelay: () => 'takeover.delay has passed without a claim',
  notChosen: () =>
    'a member that comes before it is gone, sick or drained, or does not act in time',
  damped: () => 'its falls have faded, at the latest after damping.max',
  noLocalAs: () => 'bgp.localAs is set, or ExaBGP tells of a neighbor',
};
