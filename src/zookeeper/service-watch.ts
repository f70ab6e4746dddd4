import type { Clock } from '../core/clock.ts';
import type { Event, Holder, MemberReport } from '../core/event.ts';
import type { MemberId, ServiceName } from '../core/settings.ts';
import { isZnodeName } from '../core/settings.ts';
import { claimName, parseHostAddress, type Vip, vipOfClaimName } from '../core/vip.ts';
import { type ChildrenReader, createChildrenReader } from './children-reader.ts';
import { createExistenceReader, type ExistenceReader } from './existence-reader.ts';
import { classifyHolder, type Identity } from './holder.ts';
import type { NoteOnce } from './notes.ts';
import { aclAdvice, ensurePersistent, parentOf } from './parents.ts';
import type { Answer, Requests, Znode } from './requests.ts';
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
  readonly noteOnce: NoteOnce;
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
  readonly #maintenance: ExistenceReader;
  readonly #options: ServiceOptions;
  readonly #ports: ServiceWatchPorts;
  readonly #vips: ReadonlySet<Vip>;
  readonly #ownVips: ReadonlySet<Vip>;

  constructor(options: ServiceOptions, ports: ServiceWatchPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#vips = new Set(options.vips);
    this.#ownVips = new Set(options.ownVips);
    const { paths } = options;
    const failed = (path: string, answer: Answer<unknown> & { readonly ok: false }) =>
      this.#failed(path, answer);
    this.claims = createChildrenReader(
      {
        path: paths.claims,
        wants: (name) => this.#isOwnClaim(name),
        read: (names, contents) => this.#claimsRead(names, contents),
        failed,
      },
      ports.requests,
      ports.clock,
    );
    this.members = createChildrenReader(
      {
        path: paths.members,
        wants: isMemberName,
        read: (names, contents) => this.#membersRead(names, contents),
        failed,
      },
      ports.requests,
      ports.clock,
    );
    this.#drains = createChildrenReader(
      {
        path: paths.drains,
        wants: () => false,
        read: (names) => this.#drainsRead(names),
        failed,
      },
      ports.requests,
      ports.clock,
    );
    this.#maintenance = createExistenceReader(
      {
        path: paths.maintenance,
        read: (isPresent) => ports.emit({ kind: 'maintenanceRead', isPresent, ...this.#stamp() }),
        failed,
      },
      ports.requests,
      ports.clock,
    );
  }

  /** A new connection: reads everything. */
  restart(): void {
    this.#maintenance.restart();
    this.#drains.restart();
    this.claims.restart();
    this.members.restart();
    this.#ensureMaintenanceParent();
  }

  stop(): void {
    for (const part of [this.#maintenance, this.#drains, this.claims, this.members]) part.stop();
  }

  /** Reads everything again, and what could not be read once more. */
  rereadAll(): void {
    this.#maintenance.refresh();
    this.#drains.rereadAll();
    this.claims.rereadAll();
    this.members.rereadAll();
  }

  /** So that one `create` in zkCli is enough for maintenance. The node itself is never made here. */
  #ensureMaintenanceParent(): void {
    const parent = parentOf(this.#options.paths.maintenance);
    this.#ports.requests.exists(parent, undefined, (there) => {
      if (!there.ok || there.value) return;
      ensurePersistent(this.#ports.requests, parent, (made) => {
        if (!made.ok && made.problem === 'noAuth') this.#failed(parent, made);
      });
    });
  }

  #stamp(): { readonly connection: number; readonly service: ServiceName } {
    return { connection: this.#ports.connection(), service: this.#options.name };
  }

  #holderOf(znode: Znode): Holder {
    return classifyHolder(znode, this.#ports.session(), this.#ports.identity);
  }

  #isOwnClaim(name: string): boolean {
    const vip = vipOfClaimName(name);
    return vip !== undefined && this.#ownVips.has(vip);
  }

  #claimsRead(names: readonly string[], contents: ReadonlyMap<string, Znode>): void {
    const claims = new Map<Vip, Holder>();
    for (const name of names) {
      const vip = this.#claimedVip(name);
      if (vip === undefined) continue;
      // A second spelling of one address (ExaZK takes any) must not hide the name that we write.
      if (claims.has(vip) && name !== claimName(vip)) continue;
      const znode = contents.get(name);
      claims.set(vip, znode === undefined ? { kind: 'unmarked' } : this.#holderOf(znode));
      if (znode !== undefined) this.#checkReadable(this.#options.paths.claims, name, znode);
    }
    this.#ports.emit({ kind: 'claimsRead', claims, ...this.#stamp() });
  }

  #claimedVip(name: string): Vip | undefined {
    const vip = vipOfClaimName(name);
    if (vip !== undefined && this.#vips.has(vip)) return vip;
    const detail =
      vip === undefined
        ? 'ignored: a claim is named by a VIP'
        : `ignored: not a VIP of service ${this.#options.name}`;
    this.#ports.noteOnce('warn', `${this.#options.paths.claims}/${printable(name)}`, detail);
    return undefined;
  }

  #membersRead(names: readonly string[], contents: ReadonlyMap<string, Znode>): void {
    const members = new Map<MemberId, MemberReport | undefined>();
    let own: Holder | undefined;
    for (const name of names) {
      const znode = contents.get(name);
      if (name === this.#ports.identity.member) {
        own = znode === undefined ? { kind: 'unmarked' } : this.#holderOf(znode);
      } else if (isMemberName(name)) {
        members.set(name, this.#reportOf(name, znode));
      } else {
        const detail = 'ignored: not a member id';
        this.#ports.noteOnce('warn', `${this.#options.paths.members}/${printable(name)}`, detail);
      }
    }
    this.#ports.emit({ kind: 'membersRead', members, own, ...this.#stamp() });
  }

  #reportOf(name: MemberId, znode: Znode | undefined): MemberReport | undefined {
    if (znode === undefined) return undefined;
    this.#checkReadable(this.#options.paths.members, name, znode);
    const content = parseZnodeData(znode.data);
    return content.kind === 'record' ? content.record.report : undefined;
  }

  #drainsRead(names: readonly string[]): void {
    const drained = new Set<string>();
    for (const name of names) {
      const target = vipOfClaimName(name) ?? (isMemberName(name) ? name : undefined);
      if (target !== undefined) {
        drained.add(target);
      } else {
        const detail = 'ignored: neither a member id nor a VIP';
        this.#ports.noteOnce('warn', `${this.#options.paths.drains}/${printable(name)}`, detail);
      }
    }
    this.#ports.emit({ kind: 'drainsRead', drained, ...this.#stamp() });
  }

  #checkReadable(parent: string, name: string, znode: Znode): void {
    const content = parseZnodeData(znode.data);
    if (content.kind !== 'unreadable') return;
    const detail = `data is unreadable (${content.why})`;
    this.#ports.noteOnce('warn', `${parent}/${name}`, detail, znode.mzxid);
  }

  #failed(path: string, answer: Answer<unknown> & { readonly ok: false }): void {
    const detail =
      answer.problem === 'noAuth'
        ? `not readable: ${aclAdvice(path, 'read', answer.detail)}`
        : `not readable: ${answer.detail}`;
    this.#ports.noteOnce('error', path, detail);
  }
}

function isMemberName(name: string): name is MemberId {
  return isZnodeName(name) && parseHostAddress(name) === undefined;
}

/** Names come from anybody; log lines take them cut and without control characters. */
function printable(name: string): string {
  return name.slice(0, 100).replace(/[^\x20-\x7e]/g, '?');
}
