import { type Agent, type AgentAdapters, createAgent } from '../agent/agent.ts';
import { createClock } from '../agent/clock.ts';
import { createChecker } from '../checks/checker.ts';
import type { Config, LoadedConfig } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Event } from '../core/event.ts';
import type { Instance } from '../core/instance.ts';
import { createPlainSpeaker } from '../exabgp/plain-speaker.ts';
import type { SpeakerOptions, SpeakerPorts } from '../exabgp/ports.ts';
import { createSpeaker } from '../exabgp/speaker.ts';
import { openStdio } from '../exabgp/stdio.ts';
import { watchForChanges } from '../host/file-watch.ts';
import { createHooks } from '../host/hooks.ts';
import { fateOf, readInstance } from '../host/instance.ts';
import { becomeAccount, findAccount } from '../host/privileges.ts';
import type { StateDirectory } from '../host/state-directory.ts';
import { snapshotOf } from '../observe/snapshot.ts';
import { createCoordinator, type ZooKeeperCoordinator } from '../zookeeper/coordinator.ts';
import type { StatusSource } from '../zookeeper/status-writer.ts';
import { exitCodes } from './exit-codes.ts';
import { failStart, isPipe } from './failed-start.ts';
import { createHostAddresses, type HostAddresses } from './host.ts';
import { noCoordinator } from './no-coordinator.ts';
import { createObservation } from './observation.ts';
import { createOutput, type Output } from './output.ts';
import { createPaths, type Paths } from './paths.ts';
import { createReloader, type Reloader } from './reload.ts';
import { openState } from './state.ts';
import { versionText } from './version.ts';

/** How often neighbors are listed and ExaBGP is probed. */
const pollMs = 1_000;
/** Everything in ZooKeeper is read again this often, whatever the watches said. */
const rereadMs = 60_000;
/** Session and last lines of a crashing agent; peers take over when the session is closed. */
const crashDeadlineMs = 700;
/** What the last hooks and the file of addresses get; with the agent's 700 ms and the output's 200 ms that is a second. */
const endDeadlineMs = 100;

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
export async function runAgent(config: Config, options: RunOptions): Promise<void> {
  const ground = await prepare(config, options.name);
  const { clock, output, paths, host } = ground;
  const { note } = output;
  let coordinator: ZooKeeperCoordinator | undefined;
  let { guard } = config;
  const observation = createObservation(config, {
    clock,
    paths,
    note,
    state: () => agent.state(),
    configVersion: () => reloader.version(),
    statusChanged: (service) => coordinator?.statusChanged(service),
  });
  const hooks = createHooks(config.settings.member, config.hooks, {
    clock,
    note,
    ended: observation.hookEnded,
  });
  const exit = (code: number) =>
    void Promise.all([hooks.stop(endDeadlineMs), host.stop(endDeadlineMs)]).then(() =>
      output.exit(code, ground.state),
    );
  const agent = createAgent({
    settings: config.settings,
    clock,
    memory: ground.state,
    log(report) {
      output.report(report);
      hooks.hear(report);
      observation.hear(report);
    },
    watch: observation.watch,
    adapters: (emit) => {
      const { status, exabgpHeard: heard } = observation;
      const parts = { ...ground, emit, status, heard, guard: () => guard };
      const adapters = buildAdapters(config, parts);
      coordinator = adapters.coordinator;
      return adapters;
    },
    exit,
  });
  const reloader = createReloader(config, options.warnings, paths, {
    clock,
    load: options.load,
    apply(next) {
      hideSecrets(next);
      paths.add(next.zookeeper.services);
      output.setLevel(next.log.level);
      hooks.set(next.hooks);
      observation.listen(next.listen);
      guard = next.guard;
      void host.setAll(next.settings);
      agent.reload(next.settings);
    },
    note,
  });
  handleSignals(agent, reloader, output, clock);
  handleCrash(note, exit, () => coordinator?.close(crashDeadlineMs));
  if (options.file !== undefined)
    watchForChanges(options.file, clock, () => reloader.reload('file'));
  agent.start();
  observation.listen(config.listen);
  sayStart(config, options, note);
}

/** Said after the start: nothing may come between the exec and the first connection attempt. */
function sayStart({ settings }: Config, { warnings }: RunOptions, note: Output['note']): void {
  note('info', 'agent', `vipkeeper ${versionText()}, member ${settings.member}`);
  for (const warning of warnings) note('warn', 'config', warning);
}

/** What is there before the agent, and outlives it. */
interface Ground {
  readonly clock: Clock;
  readonly output: Output;
  readonly instance: Instance;
  readonly paths: Paths;
  readonly host: HostAddresses;
  readonly state: StateDirectory | undefined;
}

async function prepare(config: Config, name: string): Promise<Ground> {
  // Checks and logger are started with our environment.
  hideSecrets(config);
  const clock = createClock();
  const output = createOutput(config.log, name, clock);
  const { note } = output;
  const instance = readInstance();
  const paths = createPaths(config.zookeeper.services);
  let state: StateDirectory | undefined;
  const host = createHostAddresses(config, instance, {
    clock,
    note,
    // Another agent's directory is not ours to write to.
    directory: () => (state === undefined ? undefined : config.stateDir),
  });
  await setUp(config, host);
  state = openState(config, instance, paths, { clock, note });
  return { clock, output, instance, paths, host, state };
}

interface Parts extends Ground {
  readonly emit: (event: Event) => void;
  readonly status: StatusSource;
  readonly heard: () => void;
  readonly guard: () => Config['guard'];
}

function buildAdapters(
  config: Config,
  parts: Parts,
): AgentAdapters & { readonly coordinator: ZooKeeperCoordinator } {
  const { clock, output, emit, state, instance, paths, host, status, heard, guard } = parts;
  const { note } = output;
  // A healthcheck that is run by hand: the end of its stdin means nothing.
  const isDeaf = config.exabgp.manner !== undefined && !isPipe(0);
  return {
    coordinator:
      config.settings.isStandalone === true
        ? noCoordinator
        : createCoordinator(coordinatorOptions(config, instance, paths), {
            clock,
            memory: state,
            status,
            emit,
            note,
          }),
    speaker: host.speaker(emit, (emitFirst) =>
      speakerOf(
        { ...config.exabgp, guard, pollMs },
        { clock, emit: emitFirst, note, heard, ...openStdio(isDeaf) },
      ),
    ),
    checker: createChecker({ services: config.settings.services }, { clock, emit, note }),
  };
}

function speakerOf(options: Config['exabgp'] & SpeakerOptions, ports: SpeakerPorts) {
  const { manner } = options;
  return manner === undefined
    ? createSpeaker(options, ports)
    : createPlainSpeaker({ ...options, manner }, ports);
}

/** Does what takes the rights of the user who started us, and gives them up. */
async function setUp({ settings, stateDir, user, group }: Config, host: HostAddresses) {
  try {
    const account = findAccount(user, group);
    await host.setAll(settings);
    if (account !== undefined) becomeAccount(account, stateDir);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    await failStart([`vipkeeper: ${error.message}`], exitCodes.config);
  }
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

function handleSignals(agent: Agent, reloader: Reloader, output: Output, clock: Clock): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => agent.stop(signal));
  }
  process.on('SIGHUP', () => reloader.reload('SIGHUP'));
  process.on('SIGUSR1', () => {
    const state = agent.state();
    if (state !== undefined) output.snapshot(snapshotOf(state, reloader.version(), clock.nowMs()));
  });
  process.on('SIGUSR2', output.toggleDebug);
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
