import { createClock } from '../../agent/clock.ts';
import type { FleetReading } from '../../core/fleet.ts';
import { UnreachableError } from '../../zookeeper/command-session.ts';
import { createFleetReader, type FleetReader } from '../../zookeeper/fleet-reader.ts';
import type { FleetAccess } from './access.ts';

/** A command waits so long for ZooKeeper. */
const deadlineMs = 10_000;
/** What the end of a session gets; without it the server ends it. */
const closeMs = 500;

/**
 * Reads a fleet once, or one service of it.
 * @throws UnreachableError when ZooKeeper did not tell everything within ten seconds; the message says why.
 * @throws Error when OpenSSL refuses the certificates or the key.
 */
export function readFleet(access: FleetAccess, service?: string): Promise<FleetReading> {
  const clock = createClock();
  const failures: string[] = [];
  return new Promise((resolve, reject) => {
    const finish = (act: () => void) => {
      cancelDeadline();
      void reader.close(closeMs).then(act);
    };
    const reader = createFleetReader(
      { ...access, service },
      {
        clock,
        read: (reading) => finish(() => resolve(reading)),
        lost: (detail) => failures.push(detail),
        note: (level, place, detail) => {
          if (level === 'warn' || level === 'error') failures.push(`${place}: ${detail}`);
        },
      },
    );
    const cancelDeadline = clock.setTimer(deadlineMs, () => {
      const why = failures.length === 0 ? 'no server answered' : [...new Set(failures)].join('; ');
      const message = `ZooKeeper could not be read within ${deadlineMs / 1_000} s: ${why}`;
      finish(() => reject(new UnreachableError(message)));
    });
    reader.start();
  });
}

/** Called with every reading, and with why the last one may be out of date. */
export interface FleetWatcher {
  read(reading: FleetReading): void;
  lost(detail: string): void;
}

/** Reads a fleet, or one service of it, and goes on reading until it is closed. */
export function watchFleet(
  access: FleetAccess,
  service: string | undefined,
  watcher: FleetWatcher,
): FleetReader {
  const reader = createFleetReader(
    { ...access, service },
    {
      clock: createClock(),
      read: watcher.read,
      lost: watcher.lost,
      note: (level, place, detail) => {
        if (level === 'warn' || level === 'error') watcher.lost(`${place}: ${detail}`);
      },
    },
  );
  reader.start();
  return reader;
}
