import { createClock } from '../../agent/clock.ts';
import type { FleetReading } from '../../core/fleet.ts';
import { UnreachableError } from '../../zookeeper/command-session.ts';
import { createFleetReader, type FleetReader } from '../../zookeeper/fleet-reader.ts';
import type { FleetAccess } from './access.ts';

/** A command waits so long for a server that gives it a session. */
const connectMs = 5_000;
/** Then it waits so long for everything to be read. */
const readMs = 15_000;
/** What the end of a session gets; without it the server ends it. */
const closeMs = 500;

/**
 * Reads a fleet once, or one service of it.
 * @throws UnreachableError when no server answers within five seconds, or not everything is told within fifteen more; the
 *   message says why.
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
    const giveUpAfter = (deadlineMs: number, what: string) =>
      clock.setTimer(deadlineMs, () => {
        const why = failures.length === 0 ? 'no answer' : [...new Set(failures)].join('; ');
        const message = `ZooKeeper could not be ${what} within ${deadlineMs / 1_000} s: ${why}`;
        finish(() => reject(new UnreachableError(message)));
      });
    let cancelDeadline = giveUpAfter(connectMs, 'reached');
    const reader = createFleetReader(
      { ...access, service },
      {
        clock,
        connected() {
          cancelDeadline();
          cancelDeadline = giveUpAfter(readMs, 'read');
        },
        read: (reading) => finish(() => resolve(reading)),
        lost: (detail) => failures.push(detail),
        note: (level, place, detail) => {
          if (level === 'warn' || level === 'error') failures.push(`${place}: ${detail}`);
        },
      },
    );
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
