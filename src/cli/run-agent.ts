import { type Agent, createAgent } from '../agent/agent.ts';
import { createClock } from '../agent/clock.ts';
import type { Coordinator } from '../agent/ports.ts';
import { createChecker } from '../checks/checker.ts';
import type { Config, LoadedConfig } from '../config/config.ts';
import type { Instance } from '../core/instance.ts';
import { createSpeaker } from '../exabgp/speaker.ts';
import { openStdio } from '../exabgp/stdio.ts';
import { watchForChanges } from '../host/file-watch.ts';
import { createHooks } from '../host/hooks.ts';
import { fateOf, readInstance } from '../host/instance.ts';
import { snapshotOf } from '../observe/snapshot.ts';
import { createCoordinator } from '../zookeeper/coordinator.ts';
import { exitCodes } from './exit-codes.ts';
import { createOutput, type Output } from './output.ts';
import { createPaths, type Paths } from './paths.ts';
import { createReloader } from './reload.ts';
import { openState } from './state.ts';
import { versionText } from './version.ts';

/** How often neighbors are listed and ExaBGP is probed. */
const pollMs = 1_000;
/** Everything in ZooKeeper is read again this often, whatever the watches said. */
const rereadMs = 60_000;
/** Session and last lines of a crashing agent; peers take over when the session is closed. */
const crashDeadlineMs = 700;
/** What the last hooks get before the agent ends without them. */
const hooksDeadlineMs = 200;

export interface RunOptions {
  /** Name of the program in syslog. */
  readonly name: string;
  readonly warnings: readonly string[];
  /** Reads the configuration again, as it was read for this start. */
  load(): LoadedConfig;
  /** The file that leads to a reload when it changes; undefined: only a signal does. */
  readonly file: string | undefined;
}

/** Builds the adapters, starts the agent, and hands it the signals. It runs until the agent ends the process. */
export function runAgent(config: Config, options: RunOptions): void {
  // Checks and logger are started with our environment.
  hideSecrets(config);
  const clock = createClock();
  const output = createOutput(config.log, options.name, clock);
  const instance = readInstance();
  const paths = createPaths(config.zookeeper.services);
  const state = openState(config, instance, paths, { clock, note: output.note });
  const hooks = createHooks(config.settings.member, config.hooks, { clock, note: output.note });
  const exit = (code: number) =>
    void hooks.stop(hooksDeadlineMs).then(() => output.exit(code, state));
  let coordinator: Coordinator | undefined;
  let { guard } = config;
  const agent = createAgent({
    settings: config.settings,
    clock,
    memory: state,
    log(report) {
      output.report(report);
      hooks.hear(report);
    },
    adapters: (emit, note) => {
      const ports = { clock, memory: state, emit, note };
      coordinator = createCoordinator(coordinatorOptions(config, instance, paths), ports);
      return {
        coordinator,
        speaker: createSpeaker(
          { ...config.exabgp, guard: () => guard, pollMs },
          { clock, emit, note, ...openStdio() },
        ),
        checker: createChecker({ services: config.settings.services }, { clock, emit, note }),
      };
    },
    exit,
  });
  const reload = createReloader(config, options.warnings, paths, {
    load: options.load,
    apply(next) {
      hideSecrets(next);
      paths.add(next.zookeeper.services);
      output.setLevel(next.log.level);
      hooks.set(next.hooks);
      guard = next.guard;
      agent.reload(next.settings);
    },
    note: output.note,
  });
  handleSignals(
    agent,
    () => reload('SIGHUP'),
    () => {
      const present = agent.state();
      if (present !== undefined) output.snapshot(snapshotOf(present, clock.nowMs()));
    },
  );
  if (options.file !== undefined) watchForChanges(options.file, clock, () => reload('file'));
  handleCrash(output.note, exit, () => coordinator?.close(crashDeadlineMs));
  agent.start();
  // Said after the start: nothing may come between the exec and the first connection attempt.
  output.note('info', 'agent', `vipkeeper ${versionText()}, member ${config.settings.member}`);
  for (const warning of options.warnings) output.note('warn', 'config', warning);
}

function hideSecrets({ secretVariables }: Config): void {
  for (const name of secretVariables) delete process.env[name];
}

function coordinatorOptions(config: Config, instance: Instance, paths: Paths) {
  const { settings, zookeeper } = config;
  const services = settings.services.map(({ name, vips }) => {
    const own = vips.filter(({ owner }) => owner === settings.member);
    return {
      name,
      paths: paths.of(name),
      vips: vips.map(({ vip }) => vip),
      ownVips: own.map(({ vip }) => vip),
    };
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
    pathsOf: paths.of,
    rereadMs,
  };
}

function handleSignals(agent: Agent, reload: () => void, dump: () => void): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => agent.stop(signal));
  }
  process.on('SIGHUP', reload);
  process.on('SIGUSR1', dump);
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
