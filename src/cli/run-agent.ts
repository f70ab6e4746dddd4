import { type Agent, createAgent } from '../agent/agent.ts';
import { createClock } from '../agent/clock.ts';
import type { Coordinator } from '../agent/ports.ts';
import { createChecker } from '../checks/checker.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Instance } from '../core/instance.ts';
import type { Level, Report } from '../core/report.ts';
import { createSpeaker } from '../exabgp/speaker.ts';
import { openStdio } from '../exabgp/stdio.ts';
import { fateOf, readInstance } from '../host/instance.ts';
import type { StateDirectory } from '../host/state-directory.ts';
import { createSyslog, type Syslog } from '../host/syslog.ts';
import { createLogger } from '../observe/logger.ts';
import { createCoordinator } from '../zookeeper/coordinator.ts';
import { exitCodes } from './exit-codes.ts';
import { holdUnderExabgp } from './failed-start.ts';
import { openState } from './state.ts';
import { versionText } from './version.ts';

/** How often neighbors are listed and ExaBGP is probed. */
const pollMs = 1_000;
/** Everything in ZooKeeper is read again this often, whatever the watches said. */
const rereadMs = 60_000;
/** Session and last lines of a crashing agent; peers take over when the session is closed. */
const crashDeadlineMs = 700;
/** What `logger` and the state file get at the end; together with the agent's own 700 ms it stays below a second. */
const endDeadlineMs = 200;

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
  const instance = readInstance();
  const state = openState(config, instance, { clock, note: output.note });
  const exit = (code: number) => output.exit(code, state);
  let coordinator: Coordinator | undefined;
  const agent = createAgent({
    settings: config.settings,
    clock,
    memory: state,
    log: output.report,
    adapters: (emit, note) => {
      const ports = { clock, memory: state, emit, note };
      coordinator = createCoordinator(coordinatorOptions(config, instance), ports);
      return {
        coordinator,
        speaker: createSpeaker(
          { ackTimeoutMs: config.exabgp.ackTimeoutMs, pollMs, acks: config.exabgp.acks },
          { clock, emit, note, ...openStdio() },
        ),
        checker: createChecker({ services: config.settings.services }, { clock, emit, note }),
      };
    },
    exit,
  });
  handleSignals(agent);
  handleCrash(output.note, exit, () => coordinator?.close(crashDeadlineMs));
  agent.start();
  // Said after the start: nothing may come between the exec and the first connection attempt.
  output.note('info', 'agent', `vipkeeper ${versionText()}, member ${config.settings.member}`);
  for (const warning of options.warnings) output.note('warn', 'config', warning);
}

function coordinatorOptions(config: Config, instance: Instance) {
  const { settings, zookeeper } = config;
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
    fateOf: (other: Instance) => fateOf(other, instance),
    services,
    rereadMs,
  };
}

interface Output {
  readonly report: (report: Report) => void;
  readonly note: (level: Level, place: string, detail: string) => void;
  readonly exit: (code: number, state: StateDirectory | undefined) => void;
}

/** Logs to stderr and syslog, and an exit that lets the last lines, and the state, out. */
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

function handleSignals(agent: Agent): void {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => agent.stop(signal));
  }
  // A closed pipe is an event of the speaker's, told by the failed write.
  process.on('SIGPIPE', () => undefined);
}

/** A bug outside of the core: peers take over as soon as the session is closed. */
function handleCrash(
  note: Output['note'],
  exit: (code: number) => void,
  close: () => Promise<void> | undefined,
): void {
  let isCrashing = false;
  process.on('uncaughtException', (error) => {
    if (isCrashing) return;
    isCrashing = true;
    note('error', 'agent', `bug: ${error.stack ?? error.message}`);
    void Promise.resolve(close()).finally(() => exit(exitCodes.bug));
  });
}
