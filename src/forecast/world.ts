import type { Effect } from '../core/effect.ts';
import type { Event, Holder, MemberReport } from '../core/event.ts';
import type { MemberId, ServiceName } from '../core/settings.ts';
import type { Vip } from '../core/vip.ts';

/** What is there from the beginning, and does not change: the rest is the members' own doing. */
export interface Circumstances {
  readonly service: ServiceName;
  readonly isInMaintenance: boolean;
  /** Members and VIPs. */
  readonly drained: ReadonlySet<string>;
  /** Claims of nobody who takes part: ExaZK's, and those that stay until somebody deletes them. */
  readonly foreignClaims: ReadonlyMap<Vip, Holder>;
}

/** There is one connection of one session, which is never lost. */
const connection = 1;

/**
 * ZooKeeper and ExaBGP as they are when nothing fails: writes succeed, routes are accepted, changes are told to all.
 * Answers and readings are handed out by {@link World.news}.
 */
export class World {
  readonly #circumstances: Circumstances;
  readonly #claims = new Map<Vip, MemberId>();
  readonly #reports = new Map<MemberId, MemberReport>();
  readonly #inboxes: Map<MemberId, Event[]>;
  #hasNewClaims = true;
  #hasNewReports = true;

  constructor(circumstances: Circumstances, members: readonly MemberId[]) {
    this.#circumstances = circumstances;
    const { service, drained, isInMaintenance } = circumstances;
    this.#inboxes = new Map(
      members.map((member) => [
        member,
        [
          { kind: 'speakerIdentified', version: undefined, acks: true },
          {
            kind: 'sessionEstablished',
            epoch: 1,
            connection,
            timeoutMs: Number.MAX_SAFE_INTEGER,
            proofMs: 0,
          },
          { kind: 'maintenanceRead', connection, service, isPresent: isInMaintenance },
          { kind: 'drainsRead', connection, service, drained },
        ],
      ]),
    );
  }

  /** All that each member has not heard yet; empty lists when nothing is new. */
  news(): ReadonlyMap<MemberId, readonly Event[]> {
    const hasNewClaims = this.#hasNewClaims;
    const hasNewReports = this.#hasNewReports;
    this.#hasNewClaims = false;
    this.#hasNewReports = false;
    const news = new Map<MemberId, readonly Event[]>();
    for (const [member, inbox] of this.#inboxes) {
      news.set(member, [
        ...inbox.splice(0),
        ...(hasNewClaims ? [this.#claimsRead(member)] : []),
        ...(hasNewReports ? [this.#membersRead(member)] : []),
      ]);
    }
    return news;
  }

  /** Carries out what a member has decided. */
  carryOut(member: MemberId, effect: Effect, probes: readonly boolean[]): void {
    const { service } = this.#circumstances;
    const answer = (event: Event) => this.#inboxes.get(member)?.push(event);
    const done = { connection, service, outcome: 'done', detail: '' } as const;
    switch (effect.kind) {
      case 'announceRoute':
      case 'withdrawRoute':
      case 'flushRoutes':
        answer({
          kind: 'commandAnswered',
          command: effect.command,
          outcome: 'accepted',
          detail: '',
        });
        break;
      case 'runCheck': {
        const passed = probes[effect.check] === true;
        answer({
          kind: 'checkCompleted',
          service,
          check: effect.check,
          passed,
          detail: '',
          durationMs: 0,
        });
        break;
      }
      case 'createClaim':
        answer({
          kind: 'claimAnswered',
          vip: effect.vip,
          operation: 'create',
          ...done,
          ...this.#claim(member, effect.vip),
        });
        break;
      case 'deleteClaim':
        this.#hasNewClaims = this.#claims.delete(effect.vip) || this.#hasNewClaims;
        answer({ kind: 'claimAnswered', vip: effect.vip, operation: 'delete', ...done });
        break;
      case 'publishMember':
        this.#reports.set(member, effect.report);
        this.#hasNewReports = true;
        answer({ kind: 'memberAnswered', ...done });
        break;
      default:
        break;
    }
  }

  #claim(member: MemberId, vip: Vip): { readonly outcome: 'done' | 'exists' } {
    const isTaken = this.#claims.has(vip) || this.#circumstances.foreignClaims.has(vip);
    if (isTaken) return { outcome: 'exists' };
    this.#claims.set(vip, member);
    this.#hasNewClaims = true;
    return { outcome: 'done' };
  }

  #claimsRead(member: MemberId): Event {
    const claims = new Map<Vip, Holder>(this.#circumstances.foreignClaims);
    for (const [vip, holder] of this.#claims)
      claims.set(vip, holder === member ? { kind: 'self' } : { kind: 'member', member: holder });
    return { kind: 'claimsRead', connection, service: this.#circumstances.service, claims };
  }

  #membersRead(member: MemberId): Event {
    const members = new Map([...this.#reports].filter(([name]) => name !== member));
    const own: Holder | undefined = this.#reports.has(member) ? { kind: 'self' } : undefined;
    return { kind: 'membersRead', connection, service: this.#circumstances.service, members, own };
  }
}
