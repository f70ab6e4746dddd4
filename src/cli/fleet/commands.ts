import { buildFleetView } from '../../observe/build-fleet-view.ts';
import type { FleetView } from '../../observe/fleet-view.ts';
import { UnreachableError } from '../../zookeeper/command-session.ts';
import { exitCodes } from '../exit-codes.ts';
import { type AccessFlags, type FleetAccess, findAccess } from './access.ts';
import { fail } from './print.ts';
import { readFleet } from './read.ts';
import { printStatus, type StatusFlags, watchStatus } from './status.ts';

/** Shows who owns and announces what. */
export async function runStatus(
  service: string | undefined,
  flags: AccessFlags & StatusFlags,
): Promise<void> {
  await withFleet(flags, async (access) => {
    if (flags.watch === true) {
      watchStatus(access, service, flags);
      return;
    }
    const view = await findFleet(access, service);
    if (view !== undefined) printStatus(view, flags);
  });
}

/** Hands ZooKeeper to a command, and says why where there is none. */
async function withFleet(
  flags: AccessFlags,
  run: (access: FleetAccess) => Promise<void>,
): Promise<void> {
  const found = findAccess(flags);
  if (found.kind === 'wrong') {
    fail(found.lines, found.code);
    return;
  }
  try {
    await run(found.access);
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    fail([`vipkeeper: ${error.message}`], exitCodes.unavailable);
  }
}

/** The fleet, or that service of it; undefined, and said, when there is no such service. */
async function findFleet(
  access: FleetAccess,
  service: string | undefined,
): Promise<FleetView | undefined> {
  const view = buildFleetView(await readFleet(access, service));
  if (service === undefined || view.services.length > 0) return view;
  const all = buildFleetView(await readFleet(access)).services.map((one) => one.service);
  const known = all.length === 0 ? 'there is none' : `there are ${all.join(', ')}`;
  fail([`vipkeeper: no service ${service} in ${view.root}; ${known}`], exitCodes.noSuchVip);
  return undefined;
}
