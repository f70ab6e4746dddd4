import { isReason, ruleOf, rules } from '../core/rule.ts';
import type {
  FleetView,
  MemberView,
  Problem,
  ServiceView,
  VipView,
} from '../observe/fleet-view.ts';
import type { StatusRecord, StatusVip } from '../observe/status-record.ts';
import { type CellRole, isCarrying } from './letters.ts';
import { cellRole, recordOf } from './parts.ts';
import type { ActPart, MovePart } from './wire.ts';

/** What somebody looks at: a member, a VIP, or what the one does with the other. */
export interface Place {
  readonly service: string;
  readonly vip?: string;
  readonly member?: string;
}

/** Everything known about a place, asked for when somebody looks, because all of it would be megabytes in a large fleet. */
export interface Details extends Place {
  readonly cell?: CellDetails;
  readonly ofVip?: VipDetails;
  readonly ofMember?: MemberDetails;
  readonly problems: readonly Problem[];
  /** The latest first. */
  readonly moves: readonly MovePart[];
  /** What was done to it, and to all of the service, the latest first. */
  readonly acts: readonly ActPart[];
}

export interface CellDetails {
  readonly role: CellRole;
  /** What the member said itself; absent when it said nothing. */
  readonly record?: StatusVip;
  /** The line of the rule about a VIP that decided it; absent when the reason is one of another version. */
  readonly rule?: { readonly number: number; readonly text: string };
  readonly isOwner: boolean;
  readonly holdsClaim: boolean;
}

export interface VipDetails extends Pick<VipView, 'owner' | 'claim' | 'isDrained' | 'announcers'> {
  /** Those that are meant to get its traffic. */
  readonly carriers: readonly string[];
}

export interface MemberDetails
  extends Pick<
    MemberView,
    'kind' | 'presence' | 'health' | 'isLeaving' | 'isDrained' | 'since' | 'announces'
  > {
  readonly status?: Omit<StatusRecord, 'vips' | 'moves'>;
}

const movesOfPlace = 10;
const actsOfPlace = 5;

/** What is known about a place; undefined when the fleet has no such service, VIP or member. Pure. */
export function detailsOf(view: FleetView | undefined, place: Place): Details | undefined {
  const service = view?.services.find(({ service }) => service === place.service);
  if (service === undefined) return undefined;
  const vip = service.vips.find(({ vip }) => vip === place.vip);
  const member = service.members.find(({ member }) => member === place.member);
  if ((vip === undefined) !== (place.vip === undefined)) return undefined;
  if ((member === undefined) !== (place.member === undefined)) return undefined;
  const names = [place.vip, place.member].filter((name) => name !== undefined);
  return {
    ...place,
    ...(vip !== undefined && member !== undefined && { cell: cellDetails(vip, member) }),
    ...(vip !== undefined && { ofVip: vipDetails(vip, service) }),
    ...(member !== undefined && { ofMember: memberDetails(member) }),
    problems: service.problems.filter(({ subject }) => names.includes(subject)),
    moves: movesOf(service, place),
    acts: actsOf(service, names),
  };
}

function cellDetails(vip: VipView, member: MemberView): CellDetails {
  const record = recordOf(member, vip.vip);
  return {
    role: roleOf(vip, member),
    ...(record !== undefined && { record, ...ruleOfRecord(record) }),
    isOwner: vip.owner === member.member,
    holdsClaim: vip.claim?.holder === member.member,
  };
}

function ruleOfRecord({ reason, role }: StatusVip): Pick<CellDetails, 'rule'> {
  if (!isReason(reason)) return {};
  const number = ruleOf(reason, role);
  return { rule: { number, text: rules[number] } };
}

function roleOf(vip: VipView, member: MemberView): CellRole {
  const announcer = vip.announcers.find((one) => one.member === member.member);
  return cellRole(member, vip.vip, announcer?.role);
}

function vipDetails(vip: VipView, { members }: ServiceView): VipDetails {
  const { owner, claim, isDrained, announcers } = vip;
  return {
    ...(owner !== undefined && { owner }),
    ...(claim !== undefined && { claim }),
    isDrained,
    announcers,
    carriers: members
      .filter((member) => isCarrying(roleOf(vip, member)))
      .map(({ member }) => member),
  };
}

function memberDetails(member: MemberView): MemberDetails {
  const { kind, presence, health, isLeaving, isDrained, since, announces, status } = member;
  return {
    kind,
    presence,
    health,
    isLeaving,
    isDrained,
    announces,
    ...(since !== undefined && { since }),
    ...(status !== undefined && { status: withoutLists(status) }),
  };
}

function withoutLists({
  vips,
  moves,
  ...rest
}: StatusRecord): Omit<StatusRecord, 'vips' | 'moves'> {
  return rest;
}

function movesOf({ moves }: ServiceView, { vip, member }: Place): readonly MovePart[] {
  return moves
    .filter((move) => vip === undefined || move.vip === vip)
    .filter((move) => member === undefined || move.member === member)
    .slice(-movesOfPlace)
    .reverse();
}

function actsOf({ acts }: ServiceView, names: readonly string[]): readonly ActPart[] {
  return acts
    .filter(({ name }) => name === undefined || names.includes(name))
    .slice(-actsOfPlace)
    .map(({ source: _source, ...act }) => act)
    .reverse();
}
