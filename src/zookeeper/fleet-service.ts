import type {
  ClaimReading,
  DrainReading,
  NoteReading,
  PresenceReading,
  ServiceReading,
} from '../core/fleet.ts';
import { parseDrainData } from './drain-data.ts';
import { createExistenceReader } from './existence-reader.ts';
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
  const maintenance = createMaintenance(paths.maintenance, ports);
  const children = [claims, members, drains, statuses];
  const parts = [...children, maintenance];
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
    refusals: () => parts.flatMap((part) => part.refusals()),
    reading() {
      const [claim, member, drain, status] = children.map((part) => part.reading());
      const flag = maintenance.reading();
      if (claim === undefined || member === undefined || drain === undefined) return undefined;
      if (status === undefined || flag === undefined) return undefined;
      return {
        service,
        maintenance: flag.note,
        drains: sorted(drain.names).map((name) => drainOf(name, drain.contents.get(name))),
        claims: sorted(claim.names).map((name) => claimOf(name, claim.contents.get(name))),
        members: sorted(member.names).map((name) => presenceOf(name, member.contents.get(name))),
        statuses: sorted(status.names).map((name) => ({
          member: name,
          data: status.contents.get(name)?.data,
        })),
      };
    },
  };
}

const all = () => true;

function sorted(names: readonly string[]): readonly string[] {
  return [...names].sort();
}

/** The maintenance znode, which need not be in a folder of its own that could be listed. */
function createMaintenance(path: string, { requests, clock, changed }: FleetPorts) {
  let reading: { readonly note: NoteReading | undefined } | undefined;
  let refusal: string | undefined;
  /** Tells the answer about an earlier state apart. */
  let turn = 0;
  const learn = (note: NoteReading | undefined, why: string | undefined) => {
    reading = { note };
    refusal = why;
    changed();
  };
  const readContent = () => {
    const mine = turn;
    requests.getData(path, undefined, (answer) => {
      if (mine !== turn) return;
      if (answer.ok) learn(maintenanceOf(answer.value), undefined);
      else if (answer.problem === 'noNode') learn(undefined, undefined);
      else if (answer.problem === 'lost') existence.refresh();
      else if (answer.problem !== 'notConnected') learn(maintenanceOf(undefined), answer.detail);
    });
  };
  const existence = createExistenceReader(
    {
      path,
      read(isPresent) {
        turn += 1;
        if (isPresent) readContent();
        else learn(undefined, undefined);
      },
      failed: (detail) => learn(undefined, detail),
    },
    requests,
    clock,
  );
  return {
    restart() {
      turn += 1;
      reading = undefined;
      existence.restart();
    },
    stop() {
      turn += 1;
      existence.stop();
    },
    rereadAll: () => existence.refresh(),
    retry: () => existence.retry(),
    reading: () => reading,
    refusals: () => (refusal === undefined ? [] : [{ path, why: refusal }]),
  };
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
