import type { Config } from '../../config/config.ts';
import { exazkAnnounce } from '../../config/roles.ts';
import type { Holder } from '../../core/event.ts';
import {
  isMemberName,
  type MemberId,
  type ServiceName,
  type ServiceSettings,
} from '../../core/settings.ts';
import { isVip, parseVip, type Vip } from '../../core/vip.ts';
import { forecastByParts } from '../../forecast/by-parts.ts';
import { few } from '../../observe/few.ts';
import type { FleetView, MemberView, ServiceView, VipView } from '../../observe/fleet-view.ts';
import { roleName } from '../../observe/history.ts';
import { decisionWords } from '../../observe/sentences.ts';
import { participantOf } from './participant.ts';

/** What is imagined. */
export interface Question {
  /** Members that are gone; of ExaZK's, the VIP that one claims. */
  readonly down: ReadonlySet<string>;
  /** Members, and VIPs in canonical text. */
  readonly drain: ReadonlySet<string>;
  readonly isMaintenance: boolean;
  /** What every member runs; undefined: what their records tell. */
  readonly config: Config | undefined;
}

/** What would become of a service. */
export interface WhatIf {
  readonly service: string;
  readonly vips: readonly VipWhatIf[];
  /** What was taken for granted. */
  readonly assumptions: readonly string[];
}

export interface VipWhatIf {
  readonly vip: string;
  /** As its members tell. */
  readonly now: readonly Carrier[];
  /** As the rule decides once everything has come to rest. */
  readonly then: readonly Carrier[];
  /** Somebody else serves it, or as something else; standbys make no difference. */
  readonly isChanged: boolean;
  /** Nobody announces it then, though neither maintenance nor a drain of it asks for that. */
  readonly isLost: boolean;
}

export interface Carrier {
  readonly member: string;
  readonly role: string;
  readonly sentence: string;
}

/** Answers a question about every service of a fleet that the configuration, if there is one, has. Pure. */
export function whatIf(view: FleetView, question: Question): readonly WhatIf[] {
  const { config } = question;
  if (config === undefined) return view.services.map((service) => ofService(service, question));
  return config.settings.services.map((settings) => {
    const found = view.services.find(({ service }) => service === settings.name);
    return ofService(found ?? newService(settings.name, view), question);
  });
}

/** One that nobody runs yet: the members are those of the fleet. */
function newService(service: string, { services }: FleetView): ServiceView {
  const all = services.flatMap(({ members }) => members).filter(({ kind }) => kind === 'vipkeeper');
  const members = [...new Map(all.map((member) => [member.member, member])).values()];
  return { service, drains: [], members, vips: [], moves: [], acts: [], problems: [] };
}

function ofService(service: ServiceView, question: Question): WhatIf {
  const { down, isMaintenance } = question;
  const settings = settingsOf(service, question.config);
  const drained = new Set([...question.drain, ...drainedNow(service)]);
  const isInMaintenance = isMaintenance || service.maintenance !== undefined;
  const taking = service.members.filter(
    (member) => !down.has(member.member) && whyOut(member) === undefined,
  );
  const foreign = service.vips.filter(
    ({ vip, claim }) => claim !== undefined && claim.kind !== 'member' && !down.has(vip),
  );
  const outcomes = forecastByParts(
    settings,
    (part) => taking.map((member) => participantOf(member, part, question.config)),
    {
      service: settings.name,
      isInMaintenance,
      drained,
      foreignClaims: new Map(foreign.map(({ vip, claim }) => [vip as Vip, holderOf(claim)])),
    },
  );
  const carriers = new Map<string, Carrier[]>();
  for (const { vip, member, decision, isAnnounced } of outcomes) {
    if (!isAnnounced || decision.kind !== 'announce') continue;
    const carrier = { member, role: roleName(decision), sentence: decisionWords(decision) };
    carriers.set(vip, [...(carriers.get(vip) ?? []), carrier]);
  }
  const before = new Map(service.vips.map((vip) => [vip.vip, vip]));
  const all = new Set([...settings.vips.map(({ vip }) => vip), ...before.keys()]);
  return {
    service: service.service,
    vips: [...all].map((vip) => {
      const exazk = foreign.some((one) => one.vip === vip && one.claim?.kind === 'exazk');
      const then = [...(carriers.get(vip) ?? []), ...(exazk && !isInMaintenance ? [ofExazk] : [])];
      const isMeant = isInMaintenance || drained.has(vip);
      return compared(vip, before.get(vip)?.announcers ?? [], then, isMeant);
    }),
    assumptions: assumptionsOf(service, question, taking),
  };
}

const ofExazk: Carrier = {
  member: 'ExaZK',
  role: 'exazk',
  sentence: 'claimed by a member of ExaZK',
};

function compared(
  vip: string,
  announcers: VipView['announcers'],
  then: readonly Carrier[],
  isMeant: boolean,
): VipWhatIf {
  const now = announcers.map((one) => (one.role === 'exazk' ? ofExazk : one)).map(carrierOf);
  const isChanged = servingKey(now) !== servingKey(then);
  return { vip, now, then, isChanged, isLost: then.length === 0 && !isMeant };
}

function carrierOf({ member, role, sentence }: Carrier): Carrier {
  return { member, role, sentence };
}

function servingKey(carriers: readonly Carrier[]): string {
  const serving = carriers.filter(({ role }) => role !== 'standby');
  return serving
    .map(({ member, role }) => `${member} ${role === 'announced' ? '' : role}`)
    .sort()
    .join();
}

function drainedNow({ drains }: ServiceView): readonly string[] {
  return drains
    .filter(({ isExpired, kind }) => !isExpired && kind !== 'unknown')
    .map(({ name }) => name);
}

/** Why a member would have no part in it, in a word; undefined: it would. */
function whyOut({
  member,
  kind,
  presence,
  isLeaving,
  isDrained,
  status,
}: MemberView): string | undefined {
  if (kind === 'exazk') return 'of ExaZK';
  if (presence === 'gone' || !isMemberName(member)) return 'gone';
  if (status?.exabgp.answers === false) return 'its ExaBGP does not answer';
  if (status?.exabgp.isConnected === false) return 'cut off from its routers';
  return isLeaving && !isDrained ? 'leaving' : undefined;
}

function holderOf(claim: VipView['claim']): Holder {
  return claim?.kind === 'persistent' ? { kind: 'persistent', path: '' } : { kind: 'unmarked' };
}

/** As configured, with the owners that the members know where the file names none; or as far as records tell. */
function settingsOf(
  { service, vips, members }: ServiceView,
  config: Config | undefined,
): ServiceSettings {
  const owners = new Map(vips.map(({ vip, owner }) => [vip, owner as MemberId | undefined]));
  const known = config?.settings.services.find(({ name }) => name === service);
  if (known !== undefined)
    return {
      ...known,
      vips: known.vips.map(({ vip, owner }) => ({ vip, owner: owner ?? owners.get(vip) })),
    };
  const roles = members.flatMap(({ status }) =>
    Object.values(status?.vips ?? {}).map(({ role }) => role),
  );
  return {
    name: service as ServiceName,
    vips: vips.map(({ vip, owner }) => ({ vip: vip as Vip, owner: owner as MemberId | undefined })),
    checks: [],
    announce: {
      ...exazkAnnounce,
      standby: roles.includes('standby') ? exazkAnnounce.backup : undefined,
    },
    takeover: { delayMs: 0, releaseMs: 2_000, settleMs: 3_000 },
    drainTimeoutMs: 30_000,
  };
}

function assumptionsOf(
  { service, members, maintenance, vips }: ServiceView,
  { config, down }: Question,
  taking: readonly MemberView[],
): readonly string[] {
  const out = members
    .filter((member) => !taking.includes(member) && !down.has(member.member))
    .map((member) => [member, whyOut(member)] as const);
  const named = out
    .filter(([{ kind }]) => kind === 'vipkeeper')
    .map(([{ member }, why]) => `${member} (${why})`);
  // A configuration that was given says of every VIP whose it is.
  const ownerless = config === undefined ? vips.filter(({ owner }) => owner === undefined) : [];
  const hasExazk = out.some(([{ kind }]) => kind === 'exazk');
  return [
    config === undefined
      ? 'no configuration was given: every member backs up what it does not own, without delay; a standby is assumed where there is one now'
      : 'every member runs the configuration that was given',
    'health, drains and connections stay as they are now, and nobody is damped',
    ...(maintenance === undefined
      ? []
      : [`${service} stays in maintenance, so nobody announces anything`]),
    ...(ownerless.length === 0
      ? []
      : [
          `whose these are is not known, or not the same at all members, so only backups carry them: ${few(ownerless.map(({ vip }) => vip))}`,
        ]),
    ...(named.length === 0 ? [] : [`these have no part in it: ${named.join(', ')}`]),
    ...(hasExazk
      ? ['members of ExaZK keep their claims; what they would take over besides is not shown']
      : []),
  ];
}

/** Names as somebody typed them: after one flag or several, with blanks or commas between them. */
export function subjectsOf(texts: readonly string[]): ReadonlySet<string> {
  const names = texts.flatMap((text) => text.split(',')).filter((name) => name !== '');
  return new Set(names.map(subjectOf));
}

/** The SERVICE that was typed behind names, and so taken for one of them; undefined when there is none. */
export function serviceAmong({ services }: FleetView, names: Iterable<string>): string | undefined {
  const members = services.flatMap((service) => service.members.map(({ member }) => member));
  return [...names].find(
    (name) => !members.includes(name) && services.some(({ service }) => service === name),
  );
}

/** A VIP in canonical text, or a member as it is. */
function subjectOf(text: string): string {
  const vip = parseVip(text);
  return isVip(vip) ? vip : text;
}

/** What a question names that no member is, and no VIP of the fleet or of the configuration, and what there is: a line each. */
export function unknownSubjects(
  { root, services }: FleetView,
  { down, drain, config }: Question,
): readonly string[] {
  const place = services.length === 1 ? services[0]?.service : root;
  const members = new Set(
    services.flatMap((service) => service.members.map(({ member }) => member)),
  );
  const vips = services.flatMap((service) => service.vips.map(({ vip }) => vip));
  const configured = (config?.settings.services ?? []).flatMap((service) => service.vips);
  const drainable = new Set([...members, ...vips, ...configured.map(({ vip }) => vip)]);
  const there = (names: Iterable<string>) => {
    const known = few([...new Set(names)]);
    return known === '' ? 'there is none' : `there are ${known}`;
  };
  return [
    ...[...down]
      .filter((name) => !members.has(name))
      .map((name) => `no member ${name} in ${place}; ${there(members)}`),
    ...[...drain]
      .filter((name) => !drainable.has(name))
      .map((name) =>
        isVip(parseVip(name))
          ? `no VIP ${name} in ${place}; ${there(vips)}`
          : `no member ${name} in ${place}; ${there(members)}`,
      ),
  ];
}
