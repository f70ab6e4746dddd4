import type {
  ClaimReading,
  DrainReading,
  NoteReading,
  PresenceReading,
  ServiceReading,
} from '../core/fleet.ts';
import { parseDrainData } from './drain-data.ts';
import { createFleetContent } from './fleet-content.ts';
import { createFleetPart, type FleetPorts, type Refusal } from './fleet-part.ts';
import { parseMaintenanceData } from './operator-note.ts';
import type { Watching } from './reading-schedule.ts';
import type { Znode } from './requests.ts';
import { parseZnodeData } from './znode-data.ts';

/** Where one service lives; paths are absolute and include the chroot. */
export interface FleetServicePaths {
  readonly claims: string;
  readonly maintenance: string;
  readonly members: string;
  readonly drains: string;
  readonly status: string;
}

/** All of one service, kept read. */
export interface FleetService extends Watching {
  /** Undefined: not all of it was read on this connection yet. */
  reading(): ServiceReading | undefined;
  refusals(): readonly Refusal[];
}

/** Keeps one service read, with everything in its znodes. */
export function createFleetService(
  service: string,
  paths: FleetServicePaths,
  ports: FleetPorts,
): FleetService {
  const claims = createFleetPart(paths.claims, all, ports);
  const members = createFleetPart(paths.members, all, ports);
  const drains = createFleetPart(paths.drains, all, ports);
  const statuses = createFleetPart(paths.status, all, ports);
  const maintenance = createFleetContent(paths.maintenance, ports);
  const journal = createFleetContent(paths.status, ports);
  const children = [claims, members, drains, statuses];
  const parts = [...children, maintenance, journal];
  return {
    restart() {
      for (const part of parts) part.restart();
    },
    stop() {
      for (const part of parts) part.stop();
    },
    rereadAll() {
      for (const part of parts) part.rereadAll();
    },
    retry() {
      for (const part of parts) part.retry();
    },
    // Who may not read the journal may not list the records beside it, which is told.
    refusals: () => [...children, maintenance].flatMap((part) => part.refusals()),
    reading() {
      const [claim, member, drain, status] = children.map((part) => part.reading());
      const flag = maintenance.reading();
      const kept = journal.reading();
      if (claim === undefined || member === undefined || drain === undefined) return undefined;
      if (status === undefined || flag === undefined || kept === undefined) return undefined;
      return {
        service,
        maintenance: flag.isThere ? maintenanceOf(flag.znode) : undefined,
        drains: sorted(drain.names).map((name) => drainOf(name, drain.contents.get(name))),
        claims: sorted(claim.names).map((name) => claimOf(name, claim.contents.get(name))),
        members: sorted(member.names).map((name) => presenceOf(name, member.contents.get(name))),
        statuses: sorted(status.names).map((name) => ({
          member: name,
          data: status.contents.get(name)?.data,
        })),
        journal: kept.isThere ? kept.znode?.data : undefined,
      };
    },
  };
}

const all = () => true;

function sorted(names: readonly string[]): readonly string[] {
  return [...names].sort();
}

function maintenanceOf(znode: Znode | undefined): NoteReading {
  const { who, reason, sinceMs } = parseMaintenanceData(znode?.data);
  return {
    who,
    why: reason,
    sinceMs: sinceMs ?? znode?.createdMs,
    expiresMs: undefined,
    mistake: undefined,
  };
}

function drainOf(name: string, znode: Znode | undefined): DrainReading {
  const {
    who,
    reason,
    sinceMs = znode?.createdMs,
    expiresMs,
    mistake,
  } = parseDrainData(znode?.data);
  return { name, who, why: reason, sinceMs, expiresMs, mistake };
}

function claimOf(name: string, znode: Znode | undefined): ClaimReading {
  const content = parseZnodeData(znode?.data);
  return {
    ...heldOf(name, znode, content),
    member: content.kind === 'record' ? content.record.member : undefined,
  };
}

function presenceOf(name: string, znode: Znode | undefined): PresenceReading {
  const content = parseZnodeData(znode?.data);
  return {
    ...heldOf(name, znode, content),
    report: content.kind === 'record' ? content.record.report : undefined,
  };
}

function heldOf(
  name: string,
  znode: Znode | undefined,
  content: ReturnType<typeof parseZnodeData>,
) {
  return {
    name,
    session: znode?.owner,
    createdMs: znode?.createdMs,
    mistake: mistakeOf(znode, content),
  };
}

function mistakeOf(
  znode: Znode | undefined,
  content: ReturnType<typeof parseZnodeData>,
): string | undefined {
  if (znode === undefined) return 'not readable';
  return content.kind === 'unreadable' ? content.why : undefined;
}
