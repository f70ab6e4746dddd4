import type { Clock } from '../core/clock.ts';
import type { Event, MemberReport } from '../core/event.ts';
import type { Instance } from '../core/instance.ts';
import type { Level } from '../core/report.ts';
import type { MemberId, ServiceName, ServiceSettings } from '../core/settings.ts';
import type { Vip } from '../core/vip.ts';
import type { AclOptions } from './acl.ts';
import type { ClientFactory } from './client.ts';
import { createClientFactory } from './client-factory.ts';
import { createComplaints } from './complaints.ts';
import type { Server } from './dialer.ts';
import { ReadingSchedule } from './reading-schedule.ts';
import { parentOf } from './requests.ts';
import { type ServiceOptions, ServiceWatch, type ServiceWatchPorts } from './service-watch.ts';
import { Session, type SessionMemory } from './session.ts';
import { shareOf } from './share.ts';
import { SharedParents } from './shared-parents.ts';
import { type StatusSource, StatusWriter } from './status-writer.ts';
import type { TlsOptions, TlsRenewal } from './transport.ts';
import { Writes } from './writes.ts';

export interface CoordinatorPorts {
  readonly clock: Clock;
  /** Default: the real one, over TCP or TLS. */
  readonly createClient?: ClientFactory;
  readonly memory?: SessionMemory | undefined;
  /** What to write for people; undefined: nothing. */
  readonly status?: StatusSource | undefined;
  emit(event: Event): void;
  note(level: Level, place: string, detail: string): void;
}

export interface CoordinatorOptions {
  /** At least one; IPv6 literals without brackets. */
  readonly servers: readonly Server[];
  /** Empty or `/a/b`; created when it does not exist. */
  readonly chroot: string;
  readonly sessionTimeoutMs: number;
  readonly auth: { readonly scheme: 'digest'; readonly credential: string } | undefined;
  /** Default: everybody may read. */
  readonly acl?: AclOptions;
  /** Undefined: connections are not encrypted. */
  readonly tls: TlsOptions | undefined;
  /** What has become of that, asked before each connection; default: nothing ever. */
  readonly renewTls?: () => TlsRenewal | undefined;
  readonly member: MemberId;
  readonly instance: Instance;
  /** Whether the process of that record may still run; `elsewhere`: another host's, which cannot be known. */
  fateOf(instance: Instance): 'alive' | 'dead' | 'elsewhere';
  /** Paths are absolute, below the chroot. */
  readonly services: readonly ServiceOptions[];
  /** Where a service lives that `setServices` brings; asked once for each. */
  readonly pathsOf?: (service: ServiceName) => ServiceOptions['paths'];
  /** Everything is read again this often, whatever the watches say. */
  readonly rereadMs: number;
}

/** ZooKeeper as the agent sees it; see `Coordinator` in the agent's ports. */
export interface ZooKeeperCoordinator {
  start(): void;
  createClaim(service: ServiceName, vip: Vip, replaces: boolean): void;
  deleteClaim(service: ServiceName, vip: Vip): void;
  publishMember(service: ServiceName, report: MemberReport): void;
  unpublishMember(service: ServiceName): void;
  /** Watches these from now on and no others. A VIP's `owner` matters only where it is this member. */
  setServices(services: readonly Pick<ServiceSettings, 'name' | 'vips'>[]): void;
  /** What is kept of a service for people may be another now; written when there is time for it. */
  statusChanged(service: ServiceName): void;
  close(deadlineMs: number): Promise<void>;
}

/**
 * Builds the ZooKeeper adapter: inert until `start`, silent after `close`. Calls return at once; answers and what is
 * read come as events, in the order of ZooKeeper's answers.
 */
export function createCoordinator(
  options: CoordinatorOptions,
  ports: CoordinatorPorts,
): ZooKeeperCoordinator {
  return new CoordinatorOfServices(options, ports);
}

class CoordinatorOfServices implements ZooKeeperCoordinator {
  readonly #ports: CoordinatorPorts;
  readonly #session: Session;
  readonly #writes: Writes;
  readonly #options: CoordinatorOptions;
  readonly #schedule: ReadingSchedule;
  readonly #parents: SharedParents;
  readonly #status: StatusWriter | undefined;
  readonly #shared: ServiceWatchPorts;
  readonly #services = new Map<
    ServiceName,
    { readonly paths: ServiceOptions['paths']; readonly watch: ServiceWatch }
  >();
  #isClosed = false;

  constructor(options: CoordinatorOptions, ports: CoordinatorPorts) {
    this.#options = options;
    this.#ports = ports;
    const emit = (event: Event) => this.#emit(event);
    const share = shareOf(options.member);
    const first = { firstServer: spread(options.member), share };
    this.#session = new Session(options, {
      clock: ports.clock,
      memory: ports.memory,
      createClient: ports.createClient ?? createClientFactory({ ...options, ...first }, ports),
      emit,
      note: ports.note,
      heartbeatPath: () => this.#heartbeatPath(),
      heartbeatNodeGone: (path) => this.#heartbeatNodeGone(path),
      established: () => {
        this.#schedule.established();
        this.#status?.established();
      },
      interrupted: () => {
        this.#schedule.interrupted();
        this.#status?.interrupted();
      },
    });
    const shared = {
      clock: ports.clock,
      requests: this.#session.requests,
      identity: options,
      emit,
      complaints: createComplaints(ports.note),
      connection: () => this.#session.connection(),
      session: () => this.#session.id(),
      wallMs: () => ports.clock.wallMs(),
    };
    this.#shared = shared;
    this.#writes = new Writes(shared);
    this.#status = ports.status && new StatusWriter(ports.status, shared);
    for (const service of options.services) this.#add(service);
    this.#parents = new SharedParents(
      this.#maintenanceParents(),
      this.#session.requests,
      shared.complaints,
    );
    this.#schedule = new ReadingSchedule(
      this.#watches(),
      this.#parents,
      { rereadMs: options.rereadMs, share },
      ports.clock,
    );
  }

  start(): void {
    if (this.#isClosed) return;
    this.#session.start();
    this.#schedule.start();
  }

  createClaim(service: ServiceName, vip: Vip, replaces: boolean): void {
    const found = this.#find(service);
    this.#writes.createClaim(service, found.paths.claims, vip, replaces, found.watch.claims);
  }

  deleteClaim(service: ServiceName, vip: Vip): void {
    const found = this.#find(service);
    this.#writes.deleteClaim(service, found.paths.claims, vip, found.watch.claims);
  }

  publishMember(service: ServiceName, report: MemberReport): void {
    const found = this.#find(service);
    this.#writes.publishMember(service, found.paths.members, report, found.watch.members);
  }

  unpublishMember(service: ServiceName): void {
    const found = this.#find(service);
    this.#writes.unpublishMember(service, found.paths.members, found.watch.members);
  }

  setServices(services: readonly Pick<ServiceSettings, 'name' | 'vips'>[]): void {
    const names = new Set(services.map(({ name }) => name));
    for (const [name, { watch }] of this.#services) {
      if (names.has(name)) continue;
      watch.retire();
      this.#services.delete(name);
    }
    for (const { name, vips } of services) {
      const all = vips.map(({ vip }) => vip);
      const own = vips.filter(({ owner }) => owner === this.#options.member);
      const ownVips = own.map(({ vip }) => vip);
      const known = this.#services.get(name)?.watch;
      if (known !== undefined) known.setVips(all, ownVips);
      else this.#add({ name, paths: this.#pathsOf(name), vips: all, ownVips });
    }
    this.#parents.set(this.#maintenanceParents());
    this.#schedule.set(this.#watches());
  }

  statusChanged(service: ServiceName): void {
    this.#status?.changed(service);
  }

  close(deadlineMs: number): Promise<void> {
    this.#isClosed = true;
    this.#schedule.stop();
    // Where peers wait for our claims to go, nothing comes before that.
    if (!this.#hasClaims()) this.#status?.writeLast();
    this.#status?.interrupted();
    return this.#session.close(deadlineMs);
  }

  #add(service: ServiceOptions): void {
    const paths = withChroot(service.paths, this.#options.chroot);
    const watch = new ServiceWatch({ ...service, paths }, this.#shared);
    this.#services.set(service.name, { paths, watch });
  }

  #watches(): readonly ServiceWatch[] {
    return [...this.#services.values()].map(({ watch }) => watch);
  }

  #pathsOf(service: ServiceName): ServiceOptions['paths'] {
    const paths = this.#options.pathsOf?.(service);
    if (paths === undefined) throw new Error(`no paths for ${service}`);
    return paths;
  }

  #maintenanceParents(): readonly string[] {
    return [...this.#services.values()].map(({ paths }) => parentOf(paths.maintenance));
  }

  #find(service: ServiceName) {
    const found = this.#services.get(service);
    if (found === undefined) throw new Error(`unknown service ${service}`);
    return found;
  }

  #emit(event: Event): void {
    if (this.#isClosed) return;
    if (event.kind === 'sessionEnded') this.#writes.forgetOwn();
    this.#schedule.hear(event);
    this.#ports.emit(event);
  }

  /** Without an ephemeral of ours any node makes the quorum answer, even a missing one. */
  #heartbeatPath(): string {
    for (const path of this.#writes.ownPaths) return path;
    for (const { paths } of this.#services.values()) return paths.members;
    return '/';
  }

  #hasClaims(): boolean {
    const claims = new Set([...this.#services.values()].map(({ paths }) => paths.claims));
    return [...this.#writes.ownPaths].some((path) => claims.has(parentOf(path)));
  }

  #heartbeatNodeGone(path: string): void {
    if (!this.#writes.ownPaths.delete(path)) return;
    const parent = parentOf(path);
    for (const { paths, watch } of this.#services.values())
      if (parent === paths.claims || parent === paths.members) watch.rereadAll();
  }
}

function withChroot(paths: ServiceOptions['paths'], chroot: string): ServiceOptions['paths'] {
  // The library's own chroot is not used: it cannot create itself.
  return {
    claims: chroot + paths.claims,
    maintenance: chroot + paths.maintenance,
    members: chroot + paths.members,
    drains: chroot + paths.drains,
  };
}

/** A number that differs between members, so that they spread over the servers. */
function spread(member: MemberId): number {
  let sum = 0;
  for (const character of member) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return sum;
}
