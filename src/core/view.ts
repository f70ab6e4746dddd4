import type { ClaimsRead, DrainsRead, Holder, MaintenanceRead, MembersRead } from './event.ts';
import { unlessSame } from './same.ts';
import { leaseEnds } from './session.ts';
import {
  mapVips,
  type ServiceState,
  type SessionState,
  type View,
  type VipState,
  withChange,
} from './state.ts';
import { usablePeers } from './succession.ts';

/** Whether a znode is ours, in this life or an earlier one. */
export function isOurs(holder: Holder | undefined): boolean {
  return holder?.kind === 'self' || holder?.kind === 'predecessor';
}

/** Whether every part was read on the present connection. */
function isViewCurrent(view: View, session: Pick<SessionState, 'connection'>): boolean {
  const { connection } = session;
  return (
    connection !== undefined &&
    view.claimsConnection === connection &&
    view.maintenance?.connection === connection &&
    view.drains?.connection === connection &&
    view.members?.connection === connection
  );
}

/**
 * Whether what was read on the present connection is enough to decide by: all of it, or a maintenance flag, which comes
 * before everything else.
 */
export function isViewSufficient(view: View, session: Pick<SessionState, 'connection'>): boolean {
  const { maintenance } = view;
  const isFresh = maintenance !== undefined && maintenance.connection === session.connection;
  return (isFresh && maintenance.isPresent) || isViewCurrent(view, session);
}

/** Whether every part was read at least once in this life. */
export function wasViewComplete(view: View): boolean {
  return (
    view.claimsConnection !== undefined &&
    view.maintenance !== undefined &&
    view.drains !== undefined &&
    view.members !== undefined
  );
}

type ViewEvent = ClaimsRead | MaintenanceRead | DrainsRead | MembersRead;

/**
 * Folds one part of the view. The caller has made sure that it was read on the present connection. The very same service
 * when nothing new was read, as nearly always when everything is read again for safety's sake.
 */
export function hearView(service: ServiceState, event: ViewEvent, nowMs: number): ServiceState {
  const { connection } = event;
  switch (event.kind) {
    case 'claimsRead': {
      const seen = mapVips(service, (vip) => withClaim(vip, event.claims.get(vip.vip), nowMs));
      return withView(seen, { claimsConnection: connection });
    }
    case 'maintenanceRead': {
      const { isPresent, note } = event;
      const known = isPresent ? service.view.maintenance?.note : undefined;
      return withView(service, { maintenance: { connection, isPresent, note: note ?? known } });
    }
    case 'drainsRead': {
      const { drained, notes } = event;
      return withView(settleLifted(service, event, nowMs), {
        drains: { connection, drained, notes },
      });
    }
    case 'membersRead': {
      const { members, own } = event;
      // Somebody deleted our node, or it belongs to an earlier life: it has to be made again.
      const mustPublish = own?.kind !== 'self';
      const presence = withChange(service.presence, mustPublish ? { published: undefined } : {});
      return withChange(withView(service, { members: { connection, members, own } }), { presence });
    }
  }
}

function withView(service: ServiceState, read: Partial<View>): ServiceState {
  return withChange(service, { view: unlessSame(service.view, { ...service.view, ...read }) });
}

/** A VIP whose drain was lifted is its owner's first, if that can take it; nobody waits for one that cannot. */
function settleLifted(service: ServiceState, event: DrainsRead, nowMs: number): ServiceState {
  const before = service.view.drains?.drained;
  const lifted = service.settings.vips.filter(
    ({ vip }) => before?.has(vip) === true && !event.drained.has(vip),
  );
  if (lifted.length === 0) return service;
  const usable = new Set<string | undefined>(usablePeers(service).map(([member]) => member));
  const waitMs = new Map(
    lifted.map(({ vip, owner }) => [
      vip,
      usable.has(owner) ? service.settings.takeover.settleMs : 0,
    ]),
  );
  return mapVips(service, (vip) => {
    const ofVipMs = waitMs.get(vip.vip);
    return ofVipMs === undefined ? vip : { ...vip, settlesUntilMs: nowMs + ofVipMs };
  });
}

/** The VIP with its claim as just seen; how long it has been present or missing survives a mere change of holder. */
export function withClaim(
  vip: VipState,
  holder: NonNullable<VipState['claim']>['holder'],
  nowMs: number,
): VipState {
  const before = vip.claim;
  const isSame = before !== undefined && (before.holder === undefined) === (holder === undefined);
  const claim = unlessSame(before, { holder, sinceMs: isSame ? before.sinceMs : nowMs });
  return withChange(vip, { claim, settlesUntilMs: holder === undefined ? vip.settlesUntilMs : 0 });
}

/** The maintenance flag as last read; absent before the first read. */
export function isInMaintenance(service: ServiceState): boolean {
  return service.view.maintenance?.isPresent === true;
}

/** Starts the settle period that a start or a loss of belief has asked for, now that there is a whole view again. */
export function settleIfDue(
  service: ServiceState,
  session: Pick<SessionState, 'timeoutMs'>,
  nowMs: number,
): ServiceState {
  switch (service.mustSettle) {
    case 'no':
      return service;
    case 'start':
      return isCarrying(service)
        ? settleInDoubt(service, session, nowMs)
        : startSettling(service, true, nowMs);
    case 'doubt':
      return settleInDoubt(service, session, nowMs);
  }
}

/** Something is announced already, by policy or by an earlier life's agreement: ZooKeeper was away until now. */
function isCarrying(service: ServiceState): boolean {
  return [...service.vips.values()].some(({ agreed }) => agreed.kind === 'announce');
}

function settleInDoubt(
  service: ServiceState,
  session: Pick<SessionState, 'timeoutMs'>,
  nowMs: number,
): ServiceState {
  // A session that died meanwhile, unseen, keeps its claims for as long as this.
  return startSettling(service, false, nowMs, leaseEnds(nowMs, session.timeoutMs).blindAtMs);
}

/** Gives owners the settle time from now on, before anyone takes over what they own. */
export function startSettling(
  service: ServiceState,
  trustsLosses: boolean,
  nowMs: number,
  trustsClaimsAtMs = nowMs,
): ServiceState {
  const untilMs = nowMs + service.settings.takeover.settleMs;
  return {
    ...service,
    mustSettle: 'no',
    settle: { fromMs: nowMs, untilMs, trustsLosses, trustsClaimsAtMs },
  };
}
