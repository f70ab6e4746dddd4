import { type Agent, createAgent } from '../agent/agent.ts';
import { createClock } from '../agent/clock.ts';
import type { Coordinator } from '../agent/ports.ts';
import { createChecker } from '../checks/checker.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Level, Report } from '../core/report.ts';
import { createSpeaker } from '../exabgp/speaker.ts';
import { openStdio } from '../exabgp/stdio.ts';
import { fateOf, readInstance } from '../host/instance.ts';
import { createSyslog, type Syslog } from '../host/syslog.ts';
import { createLogger } from '../observe/logger.ts';
import { createCoordinator } from '../zookeeper/coordinator.ts';
import { exitCodes } from './exit-codes.ts';
import { holdUnderExabgp } from './failed-start.ts';
import { versionText } from './version.ts';

/** How often neighbors are listed and ExaBGP is probed. */
const pollMs = 1_000;
/** Everything in ZooKeeper is read again this often, whatever the watches said. */
const rereadMs = 60_000;
/** Session and last lines of a crashing agent; peers take over when the session is closed. */
const crashDeadlineMs = 700;
/** What `logger` gets for the last lines; together with the agent's own 700 ms it stays below a second. */
const syslogDeadlineMs = 200;

export interface RunOptions {
  /** Name of the program in syslog. */
  readonly name: string;
  readonly warnings: readonly string[];
}

/** Builds the adapters, starts the agent, and hands it the signals. It runs until the agent ends the process. */
export function runAgent(config: Config, options: RunOptions): void {
  // Checks and logger are started with our environment.
  for (const name of config.secretVariables) delete process.env[name];
  const clock = createClock();
  const output = createOutput(config.log, options.name, clock);
  let coordinator: Coordinator | undefined;
  const agent = createAgent({
    settings: config.settings,
    clock,
    log: output.report,
    adapters: (emit, note) => {
      coordinator = createCoordinator(coordinatorOptions(config), { clock, emit, note });
      return {
        coordinator,
        speaker: createSpeaker(
          { ackTimeoutMs: config.exabgp.ackTimeoutMs, pollMs, acks: config.exabgp.acks },
          { clock, emit, note, ...openStdio() },
        ),
        checker: createChecker({ services: config.settings.services }, { clock, emit, note }),
      };
    },
    exit: output.exit,
  });
  handleSignals(agent);
  handleCrash(output, () => coordinator?.close(crashDeadlineMs));
  agent.start();
  // Said after the start: nothing may come between the exec and the first connection attempt.
  output.note('info', 'agent', `vipkeeper ${versionText()}, member ${config.settings.member}`);
  for (const warning of options.warnings) output.note('warn', 'config', warning);
}

function coordinatorOptions(config: Config) {
  const { settings, zookeeper } = config;
  const instance = readInstance();
  const services = settings.services.map((service, index) => {
    const vips = service.vips.map(({ vip }) => vip);
    const own = service.vips.filter(({ owner }) => owner === settings.member);
    const paths = zookeeper.services[index]?.paths;
    // Both lists come from one file, in its order.
    if (paths === undefined) throw new Error(`no paths for ${service.name}`);
    return { name: service.name, paths, vips, ownVips: own.map(({ vip }) => vip) };
  });
  return {
    servers: zookeeper.servers,
    chroot: zookeeper.chroot,
    sessionTimeoutMs: zookeeper.sessionTimeoutMs,
    auth: zookeeper.auth,
    acl: zookeeper.acl,
    tls: zookeeper.tls,
    renewTls: zookeeper.renewTls,
    member: settings.member,
    instance,
    fateOf: (other: typeof instance) => fateOf(other, instance),
    services,
    rereadMs,
  };
}

interface Output {
  readonly report: (report: Report) => void;
  readonly note: (level: Level, place: string, detail: string) => void;
  readonly exit: (code: number) => void;
}

/** Logs to stderr and syslog, and an exit that lets the last lines out. */
function createOutput(log: Config['log'], name: string, clock: Clock): Output {
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
    ...(syslog === undefined ? {} : { syslogLine: (level, line) => syslog.write(level, line) }),
  });
  return {
    report: (report) => logger.report(report),
    note,
    exit: (code) => {
      logger.flush();
      const written = syslog?.stop(syslogDeadlineMs) ?? Promise.resolve();
      // A bug may come back at every start, and five of those in a minute would end ExaBGP.
      void written
        .then(() => (code === exitCodes.bug ? holdUnderExabgp() : undefined))
        .then(() => process.exit(code));
    },
  };
}

function handleSignals(agent: Agent): void {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => agent.stop(signal));
  }
  // A closed pipe is an event of the speaker's, told by the failed write.
  process.on('SIGPIPE', () => undefined);
}

/** A bug outside of the core: peers take over as soon as the session is closed. */
function handleCrash(output: Output, close: () => Promise<void> | undefined): void {
  let isCrashing = false;
  process.on('uncaughtException', (error) => {
    if (isCrashing) return;
    isCrashing = true;
    output.note('error', 'agent', `bug: ${error.stack ?? error.message}`);
    void Promise.resolve(close()).finally(() => output.exit(exitCodes.bug));
  });
}
