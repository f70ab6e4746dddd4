import type { Alarm } from './alarm.ts';
import type { Effect } from './effect.ts';
import type { ClaimAnswered, Holder, MembersRead } from './event.ts';
import { claimWish } from './handover.ts';
import type { Coordination } from './ownership.ts';
import type { Surroundings } from './pass.ts';
import type { Report } from './report.ts';
import type { ServiceState, VipState } from './state.ts';
import { isOurs, withClaim } from './view.ts';

/** A write that failed is tried again after this long; one whose outcome a read tells, after that read. */
const retryMs = 5_000;

/** Brings our claim on one VIP to what it should be: one write in flight, decided on what was last read. */
export function reconcileClaim(
  state: Surroundings,
  service: ServiceState,
  vip: VipState,
  coordination: Coordination,
  nowMs: number,
  effects: Effect[],
  alarm: Alarm,
): VipState {
  const { connection } = state.session;
  if (connection === undefined || vip.claimWrite !== undefined) return vip;
  const operation = neededOperation(
    claimWish(state, service, vip, coordination),
    vip.claim?.holder,
  );
  if (operation === undefined) return vip;
  alarm.at(vip.claimRetryMs);
  if (nowMs < vip.claimRetryMs) return vip;
  const target = { service: service.settings.name, vip: vip.vip };
  effects.push(
    operation === 'create'
      ? { kind: 'createClaim', ...target, replaces: vip.claim?.holder?.kind === 'predecessor' }
      : { kind: 'deleteClaim', ...target },
  );
  return { ...vip, claimWrite: { operation, connection } };
}

function neededOperation(
  wish: ReturnType<typeof claimWish>,
  holder: Holder | undefined,
): 'create' | 'delete' | undefined {
  if (wish === 'unwanted') return isOurs(holder) ? 'delete' : undefined;
  if (wish === 'keep' || holder?.kind === 'self') return undefined;
  // Another's claim on our VIP is never fought over: ours is made when it disappears.
  return holder === undefined || holder.kind === 'predecessor' ? 'create' : undefined;
}

/**
 * Folds the answer to a claim write. `unknown` leaves the view as it is: the next read tells what is true.
 * @param saidRefusals what was told of this service's claims and still stands: one ACL refuses them all alike.
 */
export function hearClaimAnswer(
  vip: VipState,
  event: ClaimAnswered,
  nowMs: number,
  saidRefusals: ReadonlySet<string | undefined>,
  reports: Report[],
): VipState {
  if (vip.claimWrite?.connection !== event.connection) return vip;
  const settled = { ...vip, claimWrite: undefined, claimRefusal: undefined };
  switch (event.outcome) {
    case 'done': {
      const isCreated = event.operation === 'create';
      reports.push({
        kind: 'claimChanged',
        service: event.service,
        vip: event.vip,
        to: isCreated ? 'created' : 'deleted',
      });
      return {
        ...withClaim(settled, isCreated ? { kind: 'self' } : undefined, nowMs),
        claimRetryMs: 0,
      };
    }
    case 'absent':
      return event.operation === 'delete'
        ? withClaim(settled, undefined, nowMs)
        : { ...settled, claimRetryMs: nowMs + retryMs };
    case 'notConnected':
    case 'exists':
    case 'unknown':
      // A read is on its way and decides; the pause keeps a read that never comes from becoming a storm.
      return { ...settled, claimRetryMs: nowMs + retryMs };
    case 'denied':
    case 'failed':
      // Said once: it is tried every few seconds until somebody mends it.
      if (!saidRefusals.has(event.detail)) {
        reports.push({
          kind: 'writeFailed',
          service: event.service,
          target: `claim ${event.vip}`,
          outcome: event.outcome,
          detail: event.detail,
        });
      }
      // The adapter reads after every failed write, and that read would bring the same refusal at once.
      return { ...settled, claimRetryMs: nowMs + retryMs, claimRefusal: event.detail };
  }
}

/** Tells about VIPs of ours whose claim came into other hands. */
export function reportConflicts(
  before: ServiceState,
  after: ServiceState,
  reports: Report[],
): void {
  for (const vip of after.vips.values()) {
    const holder = conflictOf(after, vip);
    if (holder === undefined || holder === conflictOf(before, before.vips.get(vip.vip))) continue;
    reports.push({ kind: 'claimConflict', service: after.settings.name, vip: vip.vip, holder });
  }
}

/** Tells about VIPs of ours that other members own by their configuration too, and whose claim they found with us. */
export function reportContests(
  service: ServiceState,
  members: MembersRead['members'],
  reports: Report[],
): void {
  for (const [member, report] of members) {
    const known = service.view.members?.members.get(member)?.contests ?? [];
    for (const vip of report?.contests ?? [])
      if (service.vips.get(vip)?.isOwner === true && !known.includes(vip))
        reports.push({ kind: 'claimContested', service: service.settings.name, vip, member });
  }
}

/** Who holds our VIP's claim against us, in words. */
function conflictOf(service: ServiceState, vip: VipState | undefined): string | undefined {
  const holder = vip?.claim?.holder;
  if (vip?.isOwner !== true || holder === undefined) return undefined;
  if (isOurs(holder)) return undefined;
  const { members } = service.view;
  // A second agent with our member id is told as just that, and then we announce nothing that could conflict.
  if (holder.kind === 'twin' && (members === undefined || members.own?.kind === 'twin'))
    return undefined;
  return describeHolder(holder);
}

/** A holder in a few words. */
export function describeHolder(holder: Holder | undefined): string {
  switch (holder?.kind) {
    case undefined:
      return 'nobody';
    case 'member':
      return `member ${holder.member}`;
    case 'twin':
      return `another agent with our member id (${holder.detail})`;
    case 'unmarked':
      return 'a session that left no name';
    case 'persistent':
      return `a persistent znode, which stays until somebody deletes it (zkCli: delete ${holder.path})`;
    case 'predecessor':
      return 'our earlier life';
    case 'self':
      return 'us';
  }
}
