import type { Clock } from '../core/clock.ts';
import type { Event, Holder, MemberReport } from '../core/event.ts';
import type { MemberId, ServiceName } from '../core/settings.ts';
import { isMemberName } from '../core/settings.ts';
import { claimName, type Vip, vipOfClaimName } from '../core/vip.ts';
import { ignored, refused, unreadable } from './child-complaints.ts';
import {
  type ChildrenReader,
  type ChildrenReaderOptions,
  createChildrenReader,
  type Reading,
} from './children-reader.ts';
import type { Complaints } from './complaints.ts';
import { Drains } from './drains.ts';
import { createExistenceReader, type ExistenceReader } from './existence-reader.ts';
import { classifyHolder, type Identity } from './holder.ts';
import { parseMaintenanceData } from './operator-note.ts';
import type { Requests, Znode } from './requests.ts';
import { parseZnodeData } from './znode-data.ts';

/** One service's znodes; paths are absolute and include the chroot. */
export interface ServiceOptions {
  readonly name: ServiceName;
  readonly paths: {
    readonly claims: string;
    readonly maintenance: string;
    readonly members: string;
    readonly drains: string;
  };
  readonly vips: readonly Vip[];
  readonly ownVips: readonly Vip[];
}

export interface ServiceWatchPorts {
  readonly clock: Clock;
  readonly requests: Requests;
  readonly identity: Identity;
  emit(event: Event): void;
  readonly complaints: Complaints;
  /** Number of the current connection. */
  connection(): number;
  /** Our session's id in hex. */
  session(): string | undefined;
}

/** Reads all four parts of one service, keeps watches on them, and tells each reading as an event. */
export class ServiceWatch {
  readonly claims: ChildrenReader;
  readonly members: ChildrenReader;
  readonly #drains: ChildrenReader;
  readonly #inEffect: Drains;
  readonly #maintenance: ExistenceReader;
  readonly #options: ServiceOptions;
  readonly #ports: ServiceWatchPorts;
  #isReading = false;
  #vips: ReadonlySet<Vip>;
  #ownVips: ReadonlySet<Vip>;

  constructor(options: ServiceOptions, ports: ServiceWatchPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#vips = new Set(options.vips);
    this.#ownVips = new Set(options.ownVips);
    const { paths } = options;
    this.claims = this.#children(paths.claims, 'us', {
      wants: (name) => this.#isOwnClaim(name),
      read: (reading) => this.#claimsRead(reading),
    });
    this.members = this.#children(paths.members, 'us', {
      wants: isMemberName,
      read: (reading) => this.#membersRead(reading),
    });
    this.#inEffect = new Drains({
      path: paths.drains,
      clock: ports.clock,
      complaints: ports.complaints,
      service: options.name,
      isVip: (vip) => this.#vips.has(vip),
      told: (notes) => {
        const drained = new Set(notes.keys());
        ports.emit({ kind: 'drainsRead', drained, notes, ...this.#stamp() });
      },
    });
    this.#drains = this.#children(paths.drains, 'operators', {
      wants: (name) => this.#inEffect.wants(name),
      read: (reading) => this.#inEffect.read(reading),
    });
    this.#maintenance = createExistenceReader(
      {
        path: paths.maintenance,
        read: (isPresent) => {
          ports.complaints.standing(paths.maintenance, []);
          ports.emit({ kind: 'maintenanceRead', isPresent, ...this.#stamp() });
          if (isPresent) this.#readMaintenanceNote();
        },
        failed: (detail) => this.#failed(paths.maintenance, detail),
      },
      ports.requests,
      ports.clock,
    );
  }

  /** For people, and after what decides: nothing waits for it, and without it nothing is amiss. */
  #readMaintenanceNote(): void {
    const { emit, requests } = this.#ports;
    const stamp = this.#stamp();
    requests.getData(this.#options.paths.maintenance, undefined, (answer) => {
      if (!answer.ok || !this.#isReading || stamp.connection !== this.#ports.connection()) return;
      const { who, reason } = parseMaintenanceData(answer.value.data);
      const note = { who, why: reason, expiresMs: undefined };
      emit({ kind: 'maintenanceRead', isPresent: true, note, ...stamp });
    });
  }

  #children(
    path: string,
    users: 'us' | 'operators',
    more: Pick<ChildrenReaderOptions, 'wants' | 'read'>,
  ): ChildrenReader {
    const failed = (detail: string) => this.#failed(path, detail);
    const options = { path, users, failed, ...more };
    return createChildrenReader(options, this.#ports.requests, this.#ports.clock);
  }

  /** A new connection: reads everything. */
  restart(): void {
    this.#isReading = true;
    this.#maintenance.restart();
    this.#drains.restart();
    this.claims.restart();
    this.members.restart();
  }

  stop(): void {
    this.#isReading = false;
    for (const part of [this.#maintenance, this.#drains, this.claims, this.members]) part.stop();
    this.#inEffect.stop();
  }

  /** Stops for good: what was wrong about it does not matter any more. */
  retire(): void {
    this.stop();
    for (const path of Object.values(this.#options.paths))
      this.#ports.complaints.standing(path, []);
  }

  /** Reads everything again. */
  rereadAll(): void {
    this.#maintenance.refresh();
    this.#drains.rereadAll();
    this.claims.rereadAll();
    this.members.rereadAll();
  }

  /**
   * Where these are other VIPs, or more of them ours, claims and drains are read again: some were of no interest before.
   * What was ours stays so as long as it is listed, for our claim on it must not look like a stranger's.
   */
  setVips(vips: readonly Vip[], ownVips: readonly Vip[]): void {
    const own = vips.filter((vip) => this.#ownVips.has(vip) || ownVips.includes(vip));
    if (isSameSet(this.#vips, vips) && isSameSet(this.#ownVips, own)) return;
    this.#vips = new Set(vips);
    this.#ownVips = new Set(own);
    if (!this.#isReading) return;
    this.claims.restart();
    this.#drains.rereadAll();
  }

  /** Reads again what could not be read. */
  retry(): void {
    for (const part of [this.#maintenance, this.#drains, this.claims, this.members]) part.retry();
  }

  #stamp(): { readonly connection: number; readonly service: ServiceName } {
    return { connection: this.#ports.connection(), service: this.#options.name };
  }

  #holderOf(path: string, znode: Znode): Holder {
    return classifyHolder(path, znode, this.#ports.session(), this.#ports.identity);
  }

  #isOwnClaim(name: string): boolean {
    const vip = vipOfClaimName(name);
    return vip !== undefined && this.#ownVips.has(vip);
  }

  #claimsRead({ names, contents, refusals }: Reading): void {
    const path = this.#options.paths.claims;
    const complaints = refused(path, refusals);
    const claims = new Map<Vip, Holder>();
    for (const name of names) {
      const vip = vipOfClaimName(name);
      if (vip === undefined || !this.#vips.has(vip)) {
        const why =
          vip === undefined
            ? 'a claim is named by a VIP'
            : `not a VIP of service ${this.#options.name}`;
        complaints.push(ignored(path, name, why));
        continue;
      }
      // A second spelling of one address (ExaZK takes any) must not hide the name that we write.
      if (claims.has(vip) && name !== claimName(vip)) continue;
      const znode = contents.get(name);
      claims.set(
        vip,
        znode === undefined ? { kind: 'unmarked' } : this.#holderOf(`${path}/${name}`, znode),
      );
      complaints.push(...unreadable(path, name, znode));
    }
    this.#ports.complaints.standing(path, complaints);
    this.#ports.emit({ kind: 'claimsRead', claims, ...this.#stamp() });
  }

  #membersRead({ names, contents, refusals }: Reading): void {
    const path = this.#options.paths.members;
    const complaints = refused(path, refusals);
    const members = new Map<MemberId, MemberReport | undefined>();
    let own: Holder | undefined;
    for (const name of names) {
      const znode = contents.get(name);
      if (name === this.#ports.identity.member) {
        own = znode === undefined ? { kind: 'unmarked' } : this.#holderOf(`${path}/${name}`, znode);
      } else if (isMemberName(name)) {
        members.set(name, reportOf(znode));
        complaints.push(...unreadable(path, name, znode));
      } else {
        complaints.push(ignored(path, name, 'not a member id'));
      }
    }
    this.#ports.complaints.standing(path, complaints);
    this.#ports.emit({ kind: 'membersRead', members, own, ...this.#stamp() });
  }

  #failed(path: string, detail: string): void {
    const complaint = { level: 'error', place: path, detail: `not readable: ${detail}` } as const;
    this.#ports.complaints.standing(path, [complaint]);
  }
}

function reportOf(znode: Znode | undefined): MemberReport | undefined {
  const content = znode === undefined ? undefined : parseZnodeData(znode.data);
  return content?.kind === 'record' ? content.record.report : undefined;
}

function isSameSet(set: ReadonlySet<Vip>, list: readonly Vip[]): boolean {
  return set.size === list.length && list.every((vip) => set.has(vip));
}
