import { type CellRole, isCarrying, roleOfLetter } from '../letters.ts';
import type { Trouble, VipPart } from '../wire.ts';
import type { ServiceModel } from './model.ts';

/** How a VIP is as a whole. `owner`, `maintenance` and `drained` are as they are meant to be. */
export interface VipState {
  readonly kind:
    | 'owner'
    /** Its owner and others: it is being handed over. */
    | 'both'
    | 'backup'
    | 'nobody'
    | 'maintenance'
    | 'drained'
    | 'unknown';
  readonly carriers: readonly string[];
}

/** Who carries a VIP, as far as the fleet says. Pure. */
export function vipStateOf(service: ServiceModel, vip: VipPart): VipState {
  const { members } = service.order;
  const roles = members.map((_, index) => roleAt(service, vip, index));
  const carriers = members.filter((_, index) => isCarrying(roles[index] ?? 'unknown'));
  if (carriers.length === 0) return { kind: darkKind(service, vip, roles), carriers };
  const isOwned =
    roles.includes('exazk') || (vip.owner !== undefined && carriers.includes(vip.owner));
  if (!isOwned) return { kind: vip.owner === undefined ? 'unknown' : 'backup', carriers };
  return { kind: carriers.length === 1 ? 'owner' : 'both', carriers };
}

/** What a member does with a VIP, by its place in the order of the service. */
export function roleAt({ order, members }: ServiceModel, vip: VipPart, index: number): CellRole {
  const isGone = members.get(order.members[index] ?? '')?.presence === 'gone';
  return isGone ? 'gone' : roleOfLetter(vip.row[index]);
}

function darkKind(
  { about }: ServiceModel,
  { isDrained }: VipPart,
  roles: readonly CellRole[],
): VipState['kind'] {
  if (about.maintenance !== undefined) return 'maintenance';
  if (isDrained) return 'drained';
  return roles.includes('unknown') ? 'unknown' : 'nobody';
}

/** In a few words, for its row. Two that carry it in error do not hand it over. */
export function vipWords({ kind, carriers }: VipState, trouble?: Trouble): string {
  switch (kind) {
    case 'owner':
      return carriers.join();
    case 'both':
      return `${some(carriers)}${trouble === 'error' ? ' at once' : ', handing over'}`;
    case 'backup':
      return `backup: ${some(carriers)}`;
    case 'nobody':
      return 'nobody';
    case 'maintenance':
      return 'nobody (maintenance)';
    case 'drained':
      return 'nobody (drained)';
    case 'unknown':
      return carriers.length === 0 ? 'not known' : `${some(carriers)}, owner not known`;
  }
}

function some(carriers: readonly string[]): string {
  const [first = '', second] = carriers;
  if (second === undefined) return first;
  return carriers.length === 2 ? `${first}, ${second}` : `${first} +${carriers.length - 1}`;
}

/** Whether a person should look at it: the VIP is not carried as planned, or a problem names it. */
export function isVipTroubled(service: ServiceModel, vip: VipPart): boolean {
  const { kind } = vipStateOf(service, vip);
  const isPlanned = kind === 'owner' || kind === 'maintenance' || kind === 'drained';
  return !isPlanned || vip.trouble !== undefined;
}
