import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Level, Report } from '../core/report.ts';
import type { StateDirectory } from '../host/state-directory.ts';
import { createSyslog, type Syslog } from '../host/syslog.ts';
import { createLogger } from '../observe/logger.ts';
import type { Snapshot } from '../observe/snapshot.ts';
import { exitCodes } from './exit-codes.ts';
import { holdUnderExabgp } from './failed-start.ts';

/** What `logger` and the state file get at the end; together with the agent's own 700 ms it stays below a second. */
const endDeadlineMs = 200;

/** Logs to stderr and syslog, and an exit that lets the last lines, and the state, out. */
export interface Output {
  readonly report: (report: Report) => void;
  readonly note: (level: Level, place: string, detail: string) => void;
  readonly snapshot: (snapshot: Snapshot) => void;
  /** Goes by another configured level. */
  readonly setLevel: (level: Level) => void;
  /** To `debug`, and with the next call back to the configured level. */
  readonly toggleDebug: () => void;
  readonly exit: (code: number, state: StateDirectory | undefined) => void;
}

/** @param name of the program in syslog. */
export function createOutput(log: Config['log'], name: string, clock: Clock): Output {
  let configured = log.level;
  let isDebug = false;
  const note = (level: Level, place: string, detail: string) =>
    logger.report({ kind: 'noticed', level, place, detail });
  const syslog: Syslog | undefined =
    log.syslog === undefined
      ? undefined
      : createSyslog({ tag: `${name}[${process.pid}]`, facility: log.syslog }, { clock, note });
  const logger = createLogger({
    clock,
    level: log.level,
    silent: log.silent,
    form: log.format,
    ...(syslog === undefined ? {} : { syslogLine: (level, line) => syslog.write(level, line) }),
  });
  return {
    report: (report) => logger.report(report),
    note,
    snapshot: (snapshot) => logger.snapshot(snapshot),
    setLevel(level) {
      configured = level;
      isDebug = false;
      logger.setLevel(level);
    },
    toggleDebug() {
      // Said while it can be seen.
      if (isDebug) note('info', 'log', `SIGUSR2: level ${configured} again`);
      isDebug = !isDebug;
      logger.setLevel(isDebug ? 'debug' : configured);
      if (isDebug)
        note(
          'info',
          'log',
          'SIGUSR2: level debug, until the next SIGUSR2 or a changed configuration',
        );
    },
    exit: (code, state) => {
      logger.flush();
      const isWritten = state?.stop(endDeadlineMs) ?? Promise.resolve(true);
      const said = syslog?.stop(endDeadlineMs) ?? Promise.resolve();
      void Promise.all([isWritten, said]).then(async ([isStateWritten]) => {
        // A bug may come back at every start, and five of those in a minute would end ExaBGP.
        if (code === exitCodes.bug) await holdUnderExabgp();
        // Node's own exit waits for a write that a disk does not take.
        if (!isStateWritten) process.kill(process.pid, 'SIGKILL');
        process.exit(code);
      });
    },
  };
}
