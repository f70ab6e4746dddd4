import type { Effect } from './effect.ts';
import type { Coordination, Decision } from './ownership.ts';
import type { MemberId, ServiceName } from './settings.ts';
import { mapVips, type ServiceState, type VipState, withChange } from './state.ts';
import { isInMaintenance } from './view.ts';
import type { Vip } from './vip.ts';

/**
 * What was agreed with the other members, kept for the next life of this agent. An agent that starts while ZooKeeper
 * cannot be reached goes on with it, as the earlier life would have gone on: frozen. As soon as a view was read, that
 * alone decides.
 */
export interface Agreement {
  /** Stands in for the timeout of a session that there is not yet: how long until the agent may act without ZooKeeper. */
  readonly sessionTimeoutMs: number;
  readonly services: ReadonlyMap<ServiceName, ServiceAgreement>;
}

/** The part of one service. */
export interface ServiceAgreement {
  readonly isInMaintenance: boolean;
  /** Of our own id and the service's VIPs, those that are drained. */
  readonly drained: readonly string[];
  /** A VIP about which nothing was agreed yet is absent. */
  readonly vips: ReadonlyMap<Vip, AgreedRole>;
}

/** Whether this member was to carry a VIP, were it well, and as what. */
export type AgreedRole = 'owner' | 'backup' | 'withdrawn';

/** Stamps what was not read in this life: no connection of this life has that number. */
const earlierLife = -1;

/** Asks for what the next life must know to be kept, whenever that changed. */
export function keepAgreement(
  service: ServiceState,
  member: MemberId,
  coordination: Coordination,
  effects: Effect[],
): ServiceState {
  if (coordination !== 'informed') return service;
  const agreement = agreementOf(service, member);
  const { kept } = service;
  if (kept !== undefined && isSame(kept, agreement))
    return withChange(service, { restored: undefined });
  effects.push({ kind: 'keepAgreement', service: service.settings.name, agreement });
  return { ...service, restored: undefined, kept: agreement };
}

function agreementOf(service: ServiceState, member: MemberId): ServiceAgreement {
  const drained = service.view.drains?.drained;
  const vips = new Map<Vip, AgreedRole>();
  for (const { vip, agreed } of service.vips.values()) {
    // Holding leaves the route as it is, so what was agreed before it is still what is announced.
    const role = agreed.kind === 'hold' ? service.kept?.vips.get(vip) : roleOf(agreed);
    if (role !== undefined) vips.set(vip, role);
  }
  return {
    isInMaintenance: isInMaintenance(service),
    drained: [member, ...service.vips.keys()].filter((name) => drained?.has(name)),
    vips,
  };
}

function roleOf(agreed: Exclude<Decision, { readonly kind: 'hold' }>): AgreedRole {
  if (agreed.kind === 'withdraw') return 'withdrawn';
  return agreed.role === 'owner' ? 'owner' : 'backup';
}

function isSame(one: ServiceAgreement, other: ServiceAgreement): boolean {
  return (
    one.isInMaintenance === other.isInMaintenance &&
    one.drained.join() === other.drained.join() &&
    one.vips.size === other.vips.size &&
    [...one.vips].every(([vip, role]) => other.vips.get(vip) === role)
  );
}

/**
 * Takes up what the earlier life had agreed, because ZooKeeper could not be read since the start. What this life has
 * read already, of whatever part, is younger and stands.
 */
export function takeUpAgreement(service: ServiceState): ServiceState {
  const { restored, view } = service;
  if (restored === undefined) return service;
  const connection = earlierLife;
  const { isInMaintenance: isPresent, drained } = restored;
  const members = { connection, members: new Map(), own: undefined };
  const known: ServiceState = {
    ...service,
    restored: undefined,
    view: {
      claimsConnection: view.claimsConnection ?? connection,
      maintenance: view.maintenance ?? { connection, isPresent },
      drains: view.drains ?? { connection, drained: new Set(drained) },
      members: view.members ?? members,
    },
  };
  return mapVips(known, (vip) => ({ ...vip, agreed: restoredDecision(known, vip, restored) }));
}

/** A VIP that this member owns now and did not own then, or the other way round, starts from nothing. */
function restoredDecision(
  service: ServiceState,
  vip: VipState,
  restored: ServiceAgreement,
): Decision {
  if (isInMaintenance(service)) return { kind: 'withdraw', reason: 'maintenance' };
  const role = restored.vips.get(vip.vip);
  if (role === undefined || vip.isOwner !== (role === 'owner')) return vip.agreed;
  switch (role) {
    case 'owner':
      return { kind: 'announce', role, reason: 'owner' };
    case 'backup':
      return { kind: 'announce', role, reason: 'claimMissing' };
    case 'withdrawn':
      return { kind: 'withdraw', reason: 'heldByOwner' };
  }
}
