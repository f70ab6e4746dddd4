import { readFileSync } from 'node:fs';
import { createClock } from '../../agent/clock.ts';
import type { Clock } from '../../core/clock.ts';
import type { PageFiles } from '../../dashboard/assets.ts';
import { createDashboard, type Dashboard } from '../../dashboard/server.ts';
import { buildFleetView } from '../../observe/build-fleet-view.ts';
import type { FleetView } from '../../observe/fleet-view.ts';
import { isoTime } from '../../observe/iso-time.ts';
import { createFleetReader, type FleetReader } from '../../zookeeper/fleet-reader.ts';
import { exitCodes } from '../exit-codes.ts';
import { type AccessFlags, type FleetAccess, findAccess } from '../fleet/access.ts';
import { fail, print } from '../fleet/print.ts';
import { createActor } from './act.ts';
import { isLoopback, listenFailure, parseListen, urlOf } from './listen.ts';
import { readToken } from './token.ts';

export interface DashboardFlags {
  readonly listen: string;
  readonly name?: readonly string[];
  readonly tokenFile?: string;
}

/** What the end of the ZooKeeper session gets; without it the server ends it. */
const closeMs = 500;

/** Serves the page until a signal comes. */
export async function runDashboard(flags: AccessFlags & DashboardFlags): Promise<void> {
  const address = parseListen(flags.listen);
  if (address === undefined) {
    const expected = 'an address and a port, as 127.0.0.1:9469 or [::1]:9469, or fd:3';
    fail([`vipkeeper: --listen: expected ${expected}, found ${flags.listen}`], exitCodes.usage);
    return;
  }
  const found = findAccess(flags);
  if (found.kind === 'wrong') {
    fail(found.lines, found.code);
    return;
  }
  const token = flags.tokenFile === undefined ? undefined : readToken(flags.tokenFile);
  if (token?.kind === 'wrong') {
    fail([`vipkeeper: ${token.why}`], exitCodes.config);
    return;
  }
  const clock = createClock();
  const dashboard = createDashboard({
    clock,
    files: readPage(),
    names: flags.name ?? [],
    ...(token !== undefined && {
      acting: { token: token.token, act: createActor(found.access) },
    }),
  });
  try {
    const bound = await dashboard.start(address);
    const host = 'host' in address ? address.host : bound.host;
    print([`The page is at ${urlOf({ host, port: bound.port })}`]);
    if (!isLoopback(host)) warn(`whoever reaches ${host} sees the whole fleet, unencrypted`);
    if (!isLoopback(host) && token !== undefined)
      warn('whoever listens on the way reads the token, unless a proxy with TLS is in front');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    fail([`vipkeeper: ${listenFailure(code, address)}`], exitCodes.unavailable);
    return;
  }
  const reader = readInto(dashboard, found.access, clock);
  endOnSignal(async () => {
    await Promise.all([reader.close(closeMs), dashboard.stop()]);
  });
}

/** Keeps the page told about the fleet. */
function readInto(dashboard: Dashboard, access: FleetAccess, clock: Clock): FleetReader {
  let view: FleetView | undefined;
  const lost = (detail: string) => {
    // Until now, changes would have been told.
    const readAt = view === undefined ? {} : { readAt: isoTime(clock.wallMs()) };
    dashboard.update({
      state: { isLive: false, detail, ...readAt },
      ...(view !== undefined && { view }),
    });
  };
  const reader = createFleetReader(access, {
    clock,
    read: (reading) => {
      view = buildFleetView(reading);
      dashboard.update({ state: { isLive: true, readAt: view.readAt }, view });
    },
    lost,
    note: (level, place, detail) => {
      if (level === 'info' || level === 'debug') return;
      warn(`${place}: ${detail}`);
      // Before the first reading, what goes wrong is all that there is to show.
      if (view === undefined) lost(`${place}: ${detail}`);
    },
  });
  reader.start();
  return reader;
}

/** As the build put it beside this file. */
function readPage(): PageFiles {
  const read = (name: string) =>
    readFileSync(new URL(`./dashboard/${name}`, import.meta.url), 'utf8');
  return { script: read('page.js'), relay: read('relay.js'), style: read('page-style.css') };
}

function endOnSignal(stop: () => Promise<void>): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void stop().then(() => process.exit(exitCodes.ok));
    });
  }
}

function warn(line: string): void {
  process.stderr.write(`vipkeeper: warning: ${line}\n`);
}
