import { type Agent, createAgent } from '../../src/agent/agent.ts';
import type { Instance } from '../../src/core/instance.ts';
import type { Report } from '../../src/core/report.ts';
import type { Attributes } from '../../src/core/route.ts';
import type { ServiceName, Settings } from '../../src/core/settings.ts';
import type { Vip } from '../../src/core/vip.ts';
import { createCoordinator } from '../../src/zookeeper/coordinator.ts';
import { Exabgp, type NeighborLoss } from './exabgp.ts';
import type { Network } from './network.ts';
import { SimulatedProcess } from './process.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import { createSimulatedChecker, type ServiceHealth } from './service-health.ts';
import { createSimulatedSpeaker } from './speaker.ts';
import { SimulatedStateDirectory } from './state-directory.ts';
import { createSimulatedClients } from './zookeeper/client.ts';
import type { Ensemble } from './zookeeper/ensemble.ts';
import { Link } from './zookeeper/link.ts';

export interface Machine {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly network: Network;
  readonly ensemble: Ensemble;
  /** Tells what happened, for the transcript. */
  trace(who: string, what: string): void;
  /** An agent of that LB has started or ended. */
  onLife(lb: string): void;
  /** An ExaBGP of that LB has refused a command. */
  onRefused(lb: string): void;
  /** An ExaBGP of that LB has started. */
  onSpeaker(lb: string): void;
}

export interface LoadBalancerOptions {
  readonly name: string;
  readonly settings: Settings;
  readonly sessionTimeoutMs: number;
  readonly stallAfterMs: number;
  readonly holdMs: number;
  readonly slownessMs: number;
  readonly hasStateDirectory: boolean;
  /** How fast its clock runs. */
  readonly clockRate: number;
}

/** Observes one LB. */
export interface LoadBalancerObserver {
  onReport(report: Report): void;
  onCommand(vip: Vip, attributes: Attributes | undefined): void;
}

export const neighborNames = ['leaf-a', 'leaf-b'] as const;
const rereadMs = 60_000;

/** One LB: a machine with an ExaBGP, which runs an agent, and a service behind. */
export class LoadBalancer {
  readonly name: string;
  readonly links: readonly Link[];
  readonly health = new Map<ServiceName, ServiceHealth>();
  settings: Settings;
  observer: LoadBalancerObserver = { onReport: () => undefined, onCommand: () => undefined };
  /** Called once, when the next agent starts. */
  onStarted: (() => void) | undefined;
  /** Restarting is somebody's plan now: nothing respawns by itself. */
  isHeldDown = false;
  readonly time: { readonly rate: number; wallOffsetMs: number };
  readonly #machine: Machine;
  readonly #options: LoadBalancerOptions;
  readonly #reachable = new Set<string>(neighborNames);
  #process: SimulatedProcess | undefined;
  #agent: Agent | undefined;
  #exabgp: Exabgp | undefined;
  #stateDirectory = new SimulatedStateDirectory();
  #isPowered = true;
  #boot = 1;
  #pid = 100;
  #speakerPid = 0;
  #isEnding = false;
  /** The present agent had a session with ZooKeeper, and a whole view or nearly so. */
  hasHadSession = false;

  constructor(machine: Machine, options: LoadBalancerOptions) {
    this.name = options.name;
    this.settings = options.settings;
    this.#machine = machine;
    this.#options = options;
    this.time = { rate: options.clockRate, wallOffsetMs: 0 };
    this.links = machine.ensemble.servers.map(
      (_, index) =>
        new Link(machine.scheduler, machine.random.fork(`link ${options.name} ${index}`)),
    );
    for (const { name } of options.settings.services)
      this.health.set(name, { isUp: true, sinceMs: 0 });
  }

  get exabgp(): Exabgp | undefined {
    return this.#exabgp;
  }

  get isPowered(): boolean {
    return this.#isPowered;
  }

  /** Waits for promises, which need the event loop's turn. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  get hasAgent(): boolean {
    return this.#process?.isDead === false;
  }

  get hasRunningAgent(): boolean {
    return this.#process?.isRunning === true && !this.#isEnding;
  }

  get isPaused(): boolean {
    return this.#process !== undefined && !this.#process.isRunning && !this.#process.isDead;
  }

  /** ExaBGP starts, and the agent with it. */
  start(): void {
    if (!this.#isPowered || this.#exabgp !== undefined) return;
    this.#pid += 1;
    this.#speakerPid = this.#pid;
    this.#exabgp = new Exabgp(
      this.#machine.scheduler,
      this.#fork('exabgp'),
      this.#machine.network,
      {
        host: this.name,
        neighbors: neighborNames,
        holdMs: this.#options.holdMs,
        slownessMs: this.#options.slownessMs,
      },
    );
    this.#exabgp.onRefused = () => this.#machine.onRefused(this.name);
    this.#exabgp.start([...this.#reachable]);
    this.#machine.onSpeaker(this.name);
    this.startAgent();
  }

  startAgent(): void {
    const exabgp = this.#exabgp;
    if (exabgp === undefined || exabgp.phase === 'dead') return;
    if (this.#process !== undefined && !this.#process.isDead) return;
    this.#pid += 1;
    const process = new SimulatedProcess(this.#machine.scheduler, this.time);
    this.#process = process;
    this.#isEnding = false;
    this.hasHadSession = false;
    this.#machine.trace(this.name, `agent starts, pid ${this.#pid}`);
    this.#machine.onLife(this.name);
    this.onStarted?.();
    this.onStarted = undefined;
    process.run(() => {
      const agent = this.#createAgent(process, exabgp);
      this.#agent = agent;
      agent.start();
    });
  }

  /** SIGKILL of the agent: ExaBGP starts it again. */
  killAgent(): void {
    if (this.#process === undefined || this.#process.isDead) return;
    this.#endProcess();
    this.#startAgain();
  }

  /** A new configuration file: a running agent takes it up, and so does every later one. */
  configure(settings: Settings): void {
    this.settings = settings;
    const agent = this.#agent;
    if (this.#process?.isDead === false) this.#process.run(() => agent?.reload(settings));
  }

  /** SIGTERM of the agent; ExaBGP starts it again when it has left. */
  stopAgent(): void {
    const agent = this.#agent;
    if (this.#process?.isDead === false) this.#process.run(() => agent?.stop('SIGTERM'));
  }

  pauseAgent(): void {
    this.#process?.pause();
  }

  resumeAgent(): void {
    if (this.#process?.isDead !== false) return;
    this.#process.resume();
  }

  /** ExaBGP ends, and its routes with it; the agent reads the end of its input. Both are started again. */
  killExabgp(): void {
    const exabgp = this.#exabgp;
    if (exabgp === undefined) return;
    this.#exabgp = undefined;
    exabgp.attach(undefined);
    exabgp.kill('closed');
    this.#machine.trace(this.name, 'ExaBGP is gone');
    const process = this.#process;
    const closeSpeaker = this.#closeSpeaker;
    if (process?.isDead === false) process.run(() => closeSpeaker?.());
    else this.#restartSoon();
  }

  powerOff(): void {
    if (!this.#isPowered) return;
    this.#isPowered = false;
    this.#exabgp?.attach(undefined);
    this.#exabgp?.kill('silent');
    this.#exabgp = undefined;
    this.#endProcess();
  }

  powerOn(): void {
    if (this.#isPowered) return;
    this.#isPowered = true;
    this.#boot += 1;
    // It is on a file system in memory.
    this.#stateDirectory = new SimulatedStateDirectory();
    this.start();
  }

  hangExabgp(): void {
    this.#exabgp?.hang();
  }

  resumeExabgp(): void {
    this.#exabgp?.resume();
  }

  cutNeighbor(name: string, loss: NeighborLoss): void {
    this.#reachable.delete(name);
    this.#exabgp?.cutNeighbor(name, loss);
  }

  healNeighbor(name: string): void {
    this.#reachable.add(name);
    this.#exabgp?.healNeighbor(name);
  }

  setHealth(service: ServiceName, isUp: boolean): void {
    const health = this.health.get(service);
    if (health === undefined || health.isUp === isUp) return;
    this.health.set(service, { isUp, sinceMs: this.#machine.scheduler.nowMs });
  }

  #closeSpeaker: (() => void) | undefined;

  #createAgent(process: SimulatedProcess, exabgp: Exabgp): Agent {
    const random = this.#fork(`agent ${this.#pid}`);
    const { ensemble } = this.#machine;
    const instance = this.#instance();
    const { clock } = process;
    const { hasStateDirectory, sessionTimeoutMs } = this.#options;
    const memory = hasStateDirectory ? this.#stateDirectory.open(sessionTimeoutMs) : undefined;
    return createAgent({
      settings: this.settings,
      clock,
      memory,
      log: (report) => this.#hear(report),
      adapters: (emit, note) => {
        this.#closeSpeaker = () => emit({ kind: 'speakerClosed', detail: 'end of input' });
        return {
          coordinator: createCoordinator(this.#coordinatorOptions(instance), {
            clock,
            memory,
            emit,
            note,
            createClient: createSimulatedClients({
              process,
              ensemble,
              links: this.links,
              firstServer: random.integer(0, this.links.length - 1),
            }),
          }),
          speaker: createSimulatedSpeaker(
            exabgp,
            process,
            random,
            {
              stallAfterMs: this.#options.stallAfterMs,
              onCommand: (vip, attributes) => this.observer.onCommand(vip, attributes),
            },
            emit,
          ),
          checker: createSimulatedChecker((name) => this.#healthOf(name), process, random, emit),
        };
      },
      exit: (code) => this.#exited(process, code),
    });
  }

  #coordinatorOptions(instance: Instance) {
    const services = this.settings.services.map(({ name, vips }) => ({
      name,
      paths: {
        claims: `/exabgp/service/${name}`,
        maintenance: `/exabgp/maintenance/${name}`,
        members: `/exabgp/member/${name}`,
        drains: `/exabgp/drain/${name}`,
      },
      vips: vips.map(({ vip }) => vip),
      ownVips: vips.flatMap(({ vip, owner }) => (owner === this.settings.member ? [vip] : [])),
    }));
    return {
      servers: this.links.map((_, port) => ({ host: 'zk', port })),
      chroot: '',
      sessionTimeoutMs: this.#options.sessionTimeoutMs,
      auth: undefined,
      tls: undefined,
      member: this.settings.member,
      instance,
      fateOf: (other: Instance) => this.#fateOf(other),
      services,
      rereadMs,
    };
  }

  #instance(): Instance {
    return {
      host: this.name,
      bootId: `boot${this.#boot}`,
      pid: this.#pid,
      startTicks: this.#pid,
      speakerPid: this.#speakerPid,
      speakerStartTicks: this.#speakerPid,
      startedMs: Math.round(
        Date.UTC(2026, 0, 1) + this.#machine.scheduler.nowMs + this.time.wallOffsetMs,
      ),
    };
  }

  #fateOf({ host, bootId, pid }: Instance): 'alive' | 'dead' | 'elsewhere' {
    if (host !== this.name) return 'elsewhere';
    const isAlive =
      bootId === `boot${this.#boot}` && pid === this.#pid && this.#process?.isDead === false;
    return isAlive ? 'alive' : 'dead';
  }

  #healthOf(service: ServiceName): ServiceHealth {
    return this.health.get(service) ?? { isUp: true, sinceMs: 0 };
  }

  #hear(report: Report): void {
    const isExit =
      report.kind === 'noticed' && report.place === 'agent' && report.detail.startsWith('exit');
    if (isExit) {
      this.#isEnding = true;
      this.#machine.scheduler.interrupt();
    }
    if (report.kind === 'sessionChanged' && report.to !== 'disconnected') this.hasHadSession = true;
    this.observer.onReport(report);
  }

  #exited(process: SimulatedProcess, code: number): void {
    if (process.isDead || process !== this.#process) return;
    this.#machine.trace(this.name, `agent has ended with code ${code}`);
    this.#endProcess();
    this.#machine.onLife(this.name);
    this.#startAgain();
  }

  /** The agent by its ExaBGP, or both where that is gone as well. */
  #startAgain(): void {
    if (this.#exabgp === undefined) this.#restartSoon();
    else this.#respawn();
  }

  #endProcess(): void {
    const process = this.#process;
    this.#isEnding = false;
    if (process === undefined || process.isDead) return;
    process.kill();
    // The kernel closes its connections, unless the kernel itself is gone.
    if (this.#isPowered) for (const close of this.#sockets()) close();
    this.#exabgp?.attach(undefined);
  }

  /** Connections of the life that ended: servers see them closed. */
  #sockets(): readonly (() => void)[] {
    return this.#machine.ensemble.connectionsOf(this.links).map((connection) => () => {
      connection.abandon();
    });
  }

  #respawn(): void {
    if (this.isHeldDown) return;
    this.#machine.scheduler.after(this.#machine.random.between(50, 1_000), () => {
      if (!this.isHeldDown) this.startAgent();
    });
  }

  #restartSoon(): void {
    if (this.isHeldDown || !this.#isPowered) return;
    this.#machine.scheduler.after(this.#machine.random.between(500, 5_000), () => {
      if (!this.isHeldDown) this.start();
    });
  }

  #fork(name: string): Random {
    return this.#machine.random.fork(`${this.name} ${name} ${this.#boot} ${this.#pid}`);
  }
}
