import type { Clock } from '../core/clock.ts';
import type { FleetReading, ServiceReading } from '../core/fleet.ts';
import type { Level } from '../core/report.ts';
import { isZnodeName } from '../core/settings.ts';
import { createClientFactory } from './client-factory.ts';
import type { Server } from './dialer.ts';
import { createFleetPart, type FleetPart, type FleetPorts } from './fleet-part.ts';
import { createFleetService, type FleetService, type FleetServicePaths } from './fleet-service.ts';
import { ReadingSchedule } from './reading-schedule.ts';
import { Session } from './session.ts';
import type { TlsOptions, TlsRenewal } from './transport.ts';

export interface FleetReaderOptions {
  /** At least one; IPv6 literals without brackets. */
  readonly servers: readonly Server[];
  /** Empty or `/a/b`. */
  readonly chroot: string;
  readonly sessionTimeoutMs: number;
  readonly auth: { readonly scheme: 'digest'; readonly credential: string } | undefined;
  /** Undefined: connections are not encrypted. */
  readonly tls: TlsOptions | undefined;
  readonly renewTls?: () => TlsRenewal | undefined;
  /** Where services are looked for, below the chroot; empty or `/a/b`. */
  readonly root: string;
  /** Only this service; default: all that are found, and those of `places`. */
  readonly service?: string | undefined;
  /** Of services that are not, or not wholly, where the root has them; below the chroot. */
  readonly places?: ReadonlyMap<string, Omit<FleetServicePaths, 'status'>>;
}

export interface FleetReaderPorts {
  readonly clock: Clock;
  /** Everything, read whole on one connection, and what became of it: at most every {@link coalesceMs}. */
  read(reading: FleetReading): void;
  /** There is a session, old or new, and all is being read. */
  connected?(): void;
  /** The connection is lost: what was read last may be out of date until `read` is called again. */
  lost(detail: string): void;
  note(level: Level, place: string, detail: string): void;
}

/** Reads a whole fleet with a ZooKeeper session of its own, and keeps it read; writes nothing and needs no right to. */
export interface FleetReader {
  start(): void;
  /** Silent from then on. */
  close(deadlineMs: number): Promise<void>;
}

/** Changes that come together are told together; one that comes alone waits so long. */
const coalesceMs = 50;
/** Everything is read again this often, whatever the watches say. */
const rereadMs = 60_000;
/** A status record may be longer than what decisions read. */
const bytesMax = 256 * 1_024;
/** The folders of a root, each of which has a child for each service. */
const folders = ['service', 'maintenance', 'member', 'drain', 'status'] as const;

/** Builds the reader; inert until `start`. */
export function createFleetReader(
  options: FleetReaderOptions,
  ports: FleetReaderPorts,
): FleetReader {
  return new Reader(options, ports);
}

class Reader implements FleetReader {
  readonly #options: FleetReaderOptions;
  readonly #ports: FleetReaderPorts;
  readonly #session: Session;
  readonly #schedule: ReadingSchedule;
  readonly #shared: FleetPorts;
  readonly #folders: readonly FleetPart[];
  readonly #services = new Map<string, FleetService>();
  #cancelTelling: (() => void) | undefined;
  #isClosed = false;

  constructor(options: FleetReaderOptions, ports: FleetReaderPorts) {
    const { clock, note } = ports;
    this.#options = options;
    this.#ports = ports;
    // Readers are no members: they come and go, and need no order among themselves.
    const first = { firstServer: process.pid, share: 0 };
    this.#session = new Session(
      { ...options, bytesMax },
      {
        clock,
        note,
        createClient: createClientFactory({ ...options, ...first }, ports),
        emit: (event) => {
          if (event.kind === 'sessionInterrupted' && !this.#isClosed) ports.lost(event.detail);
        },
        heartbeatPath: () => '/',
        heartbeatNodeGone: () => undefined,
        established: () => {
          ports.connected?.();
          this.#schedule.established();
        },
        interrupted: () => this.#schedule.interrupted(),
      },
    );
    this.#shared = { requests: this.#session.requests, clock, changed: () => this.#changed() };
    this.#folders =
      options.service === undefined
        ? folders.map((folder) =>
            createFleetPart(`${this.#root()}/${folder}`, () => false, this.#shared),
          )
        : [];
    const nothing = { restart: () => undefined, retry: () => undefined };
    this.#findServices();
    this.#schedule = new ReadingSchedule(this.#watches(), nothing, { rereadMs, share: 0 }, clock);
  }

  start(): void {
    if (this.#isClosed) return;
    this.#session.start();
    this.#schedule.start();
  }

  close(deadlineMs: number): Promise<void> {
    this.#isClosed = true;
    this.#cancelTelling?.();
    this.#schedule.stop();
    return this.#session.close(deadlineMs);
  }

  #root(): string {
    return this.#options.chroot + this.#options.root;
  }

  #watches() {
    return [...this.#folders, ...this.#services.values()];
  }

  #changed(): void {
    if (this.#isClosed) return;
    if (this.#findServices()) this.#schedule.set(this.#watches());
    this.#cancelTelling ??= this.#ports.clock.setTimer(coalesceMs, () => {
      this.#cancelTelling = undefined;
      const reading = this.#reading();
      if (reading !== undefined) this.#ports.read(reading);
    });
  }

  /** Brings the services that are watched up to those that there are; whether that changed them. */
  #findServices(): boolean {
    const names = this.#serviceNames();
    if (names === undefined) return false;
    const gone = [...this.#services.keys()].filter((name) => !names.has(name));
    const found = [...names].filter((name) => !this.#services.has(name));
    for (const name of gone) {
      this.#services.get(name)?.stop();
      this.#services.delete(name);
    }
    for (const name of found)
      this.#services.set(name, createFleetService(name, this.#pathsOf(name), this.#shared));
    return gone.length + found.length > 0;
  }

  /** Undefined while that is not known. */
  #serviceNames(): ReadonlySet<string> | undefined {
    const { service, places } = this.#options;
    if (service !== undefined) return new Set([service]);
    const names = new Set(places?.keys());
    for (const folder of this.#folders) {
      const reading = folder.reading();
      if (reading === undefined) return undefined;
      for (const name of reading.names) if (isZnodeName(name)) names.add(name);
    }
    return names;
  }

  #pathsOf(service: string): FleetServicePaths {
    const { chroot, places } = this.#options;
    const root = this.#root();
    const placed = places?.get(service);
    return {
      claims: placed === undefined ? `${root}/service/${service}` : chroot + placed.claims,
      maintenance:
        placed === undefined ? `${root}/maintenance/${service}` : chroot + placed.maintenance,
      members: placed === undefined ? `${root}/member/${service}` : chroot + placed.members,
      drains: placed === undefined ? `${root}/drain/${service}` : chroot + placed.drains,
      status: `${root}/status/${service}`,
    };
  }

  /** Undefined while anything is not read yet. */
  #reading(): FleetReading | undefined {
    if (this.#serviceNames() === undefined) return undefined;
    const services: ServiceReading[] = [];
    for (const service of this.#services.values()) {
      const reading = service.reading();
      if (reading === undefined) return undefined;
      services.push(reading);
    }
    return {
      root: this.#root() || '/',
      readAtMs: this.#ports.clock.wallMs(),
      services: services.sort((one, other) => (one.service < other.service ? -1 : 1)),
      refusals: this.#watches().flatMap((watch) => watch.refusals()),
    };
  }
}
