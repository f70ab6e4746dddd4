import type { FleetReading, ServiceReading } from '../core/fleet.ts';
import { actsOf } from './fleet-acts.ts';
import { drainsOf, maintenanceOf, membersOf } from './fleet-members.ts';
import { problemsOf } from './fleet-problems.ts';
import type { FleetMove, FleetView, MemberView, ServiceView } from './fleet-view.ts';
import { vipsOf } from './fleet-vips.ts';
import { isoTime } from './iso-time.ts';

/** Everything that a reading says of a fleet. Pure. */
export function buildFleetView({ root, readAtMs, services, refusals }: FleetReading): FleetView {
  return {
    root,
    readAt: isoTime(readAtMs),
    services: services.filter(hasAnything).map((service) => serviceViewOf(service, readAtMs)),
    refusals,
  };
}

/** What is left of a service that somebody took away. */
function hasAnything({ maintenance, drains, claims, members, statuses }: ServiceReading): boolean {
  const lists = [drains, claims, members, statuses];
  return maintenance !== undefined || lists.some((list) => list.length > 0);
}

function serviceViewOf(reading: ServiceReading, readAtMs: number): ServiceView {
  const drains = drainsOf(reading, readAtMs);
  const members = membersOf(reading, drains);
  const maintenance = maintenanceOf(reading);
  const vips = vipsOf(reading, { members, drains, maintenance });
  const service = {
    service: reading.service,
    ...(maintenance !== undefined && { maintenance }),
    drains,
    members,
    vips,
    moves: movesOf(members),
    acts: actsOf(reading, { members, drains, maintenance }),
  };
  return { ...service, problems: problemsOf(reading, service, readAtMs) };
}

function movesOf(members: readonly MemberView[]): readonly FleetMove[] {
  return members
    .flatMap(({ member, status }) => (status?.moves ?? []).map((move) => ({ member, ...move })))
    .sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}
