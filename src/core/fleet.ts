import type { MemberReport } from './event.ts';

/**
 * What ZooKeeper holds of a whole fleet, as one reader who decides nothing finds it: for people, and for asking the core
 * what would be. Names are as found; what could not be understood is there as that. Times are wall-clock milliseconds
 * since 1970.
 */
export interface FleetReading {
  /** Where the fleet's znodes are, with the chroot. */
  readonly root: string;
  readonly readAtMs: number;
  /** By name. */
  readonly services: readonly ServiceReading[];
  /** What could not be read, which is then missing above. */
  readonly refusals: readonly { readonly path: string; readonly why: string }[];
}

/** The parts of one service that could be read; what could not is empty. */
export interface ServiceReading {
  readonly service: string;
  /** Undefined: there is none. */
  readonly maintenance: NoteReading | undefined;
  readonly drains: readonly DrainReading[];
  readonly claims: readonly ClaimReading[];
  readonly members: readonly PresenceReading[];
  /** What members leave for people; it outlives them. */
  readonly statuses: readonly StatusReading[];
  /** What operators have done, as commands and the page keep it; what it means is known to src/observe. */
  readonly journal: Uint8Array | undefined;
}

/** What the data of a maintenance or drain znode says; its existence is what counts. */
export interface NoteReading {
  readonly who: string | undefined;
  readonly why: string | undefined;
  /** As it says, or else when the znode was made; undefined: only its name is known. */
  readonly sinceMs: number | undefined;
  /** Undefined: until it is deleted. */
  readonly expiresMs: number | undefined;
  /** What of the data could not be understood. */
  readonly mistake: string | undefined;
}

export interface DrainReading extends NoteReading {
  readonly name: string;
}

/** An ephemeral znode in whosever hands. */
interface HeldReading {
  readonly name: string;
  /** The ZooKeeper session it belongs to; undefined: none, it is persistent, and stays until somebody deletes it. */
  readonly session: string | undefined;
  readonly createdMs: number | undefined;
  /** Why its data is not ours; undefined: it is ours, or there is none. */
  readonly mistake: string | undefined;
}

export interface ClaimReading extends HeldReading {
  /** By its data; undefined: there is none, as in ExaZK's, or it is not ours. */
  readonly member: string | undefined;
}

export interface PresenceReading extends HeldReading {
  /** Undefined: there is none that could be read. */
  readonly report: MemberReport | undefined;
}

/** As found: what it means is known to src/observe. */
export interface StatusReading {
  readonly member: string;
  readonly data: Uint8Array | undefined;
}
