import { describeAttributes, describeDecision } from '../../src/core/describe.ts';
import type { Report } from '../../src/core/report.ts';
import { vipOfClaimName } from '../../src/core/vip.ts';
import { type Bounds, boundsOf } from './bounds.ts';
import type { Checker, CreateChecker, Scene } from './checkers/checker.ts';
import { checkers } from './checkers/index.ts';
import { Facts } from './facts.ts';
import { scheduleFault } from './faults.ts';
import { type FleetSettings, settingsOf } from './fleet-settings.ts';
import { LoadBalancer, type Machine, neighborNames } from './load-balancer.ts';
import { Network } from './network.ts';
import type { Plan } from './plan.ts';
import type { Random } from './random.ts';
import { costOfRoute, roleOfRoute } from './route-role.ts';
import { createScheduler, type Scheduler } from './scheduler.ts';
import { Ensemble } from './zookeeper/ensemble.ts';

/** A promise that was broken. */
export interface Breach {
  readonly checker: string;
  readonly atMs: number;
  readonly sentence: string;
}

export interface WorldOptions {
  readonly fleet: FleetSettings;
  readonly plan: Plan;
  readonly random: Random;
  /** Collects one line per thing that happens; undefined to be fast. */
  readonly transcript: string[] | undefined;
  readonly checkers?: readonly CreateChecker[];
}

/** One fleet with its ZooKeeper and its network, run through a plan of faults and then through a time to heal. */
export class World implements Scene {
  readonly fleet: FleetSettings;
  readonly plan: Plan;
  services: FleetSettings['services'];
  readonly bounds: Bounds;
  readonly scheduler: Scheduler = createScheduler();
  readonly network: Network;
  readonly ensemble: Ensemble;
  readonly facts: Facts;
  readonly lbs: readonly LoadBalancer[];
  isSettled = false;
  breach: Breach | undefined;
  readonly #random: Random;
  readonly #transcript: string[] | undefined;
  readonly #checkers: readonly Checker[];

  constructor({ fleet, plan, random, transcript, checkers: wanted = checkers }: WorldOptions) {
    this.fleet = fleet;
    this.plan = plan;
    this.services = fleet.services;
    this.bounds = boundsOf(fleet);
    this.#random = random;
    this.#transcript = transcript;
    this.network = new Network(this.scheduler, random.fork('network'));
    this.ensemble = new Ensemble(this.scheduler, random.fork('ensemble'), fleet);
    this.facts = new Facts(this.scheduler, this.ensemble);
    const machine: Machine = {
      scheduler: this.scheduler,
      random: random.fork('machine'),
      network: this.network,
      ensemble: this.ensemble,
      trace: (who, what) => this.#trace(who, what),
      onLife: (lb) => this.facts.note(lb, true),
      onRefused: (lb) => this.facts.note(lb, false),
      onSpeaker: (lb) => this.facts.noteSpeaker(lb),
    };
    this.lbs = fleet.members.map((member, index) => this.#createLb(machine, member, index));
    this.#checkers = wanted.map((create) => create(this));
    this.ensemble.onEphemeral = (path, session) => this.#hearEphemeral(path, session);
    this.network.onChange = (vip) => {
      if (this.#transcript !== undefined)
        this.#trace(
          'network',
          `${vip} via ${[...this.network.announcersOf(vip)]
            .map(([name, attributes]) => `${name}:${costOfRoute(attributes)}`)
            .sort()
            .join(' ')}`,
        );
      this.#ask((checker) => checker.onLearned?.(vip));
    };
  }

  /** Runs the whole plan; resolves to the first breach, or undefined. */
  async run(): Promise<Breach | undefined> {
    for (const lb of this.lbs)
      this.scheduler.after(this.#random.between(0, 2_000), () => lb.start());
    for (const fault of this.plan.faults) {
      scheduleFault(
        {
          scheduler: this.scheduler,
          random: this.#random,
          ensemble: this.ensemble,
          facts: this.facts,
          lbs: this.lbs,
          reconfigure: (change) => this.#reconfigure(change),
          isConfigured: (vip) =>
            this.services.some(({ vips }) => vips.some((entry) => entry.vip === vip)),
          trace: (who, what) => this.#trace(who, what),
        },
        fault,
      );
    }
    this.#tick();
    await this.#runUntil(this.plan.safetyEndsMs);
    this.#heal();
    const slowestLeaveMs = Math.max(
      ...this.fleet.services.map((service) => service.drainTimeoutMs),
    );
    // Two rounds: a fault at the very end may show its consequence only when the first recovery is over.
    const { recoveryMs, dampedMs } = this.bounds;
    await this.#runFor(2 * recoveryMs + dampedMs + slowestLeaveMs + 120_000);
    if (this.breach !== undefined) return this.breach;
    this.#ask((checker) => checker.onSettled?.());
    this.isSettled = true;
    await this.#runFor(this.plan.quietMs);
    return this.breach;
  }

  #createLb(machine: Machine, member: FleetSettings['members'][number], index: number) {
    const { fleet } = this;
    const lb = new LoadBalancer(machine, {
      name: member,
      settings: settingsOf(fleet, member),
      sessionTimeoutMs: fleet.sessionTimeoutMs,
      stallAfterMs: fleet.stallAfterMs,
      holdMs: fleet.holdMs,
      slownessMs: fleet.slownessMs,
      hasStateDirectory: fleet.hasStateDirectory,
      clockRate: fleet.clockRates[index] ?? 1,
    });
    lb.observer = {
      onReport: (report) => this.#hear(lb, report),
      onCommand: (vip, attributes) => {
        const verb = attributes === undefined ? 'withdraw' : 'announce';
        const words = attributes === undefined ? '' : describeAttributes(attributes);
        this.#trace(lb.name, `> ${verb} ${vip} ${words}`);
        this.#ask((checker) => checker.onCommand?.(lb, vip, attributes && roleOfRoute(attributes)));
      },
    };
    return lb;
  }

  #hear(lb: LoadBalancer, report: Report): void {
    if (report.kind === 'noticed' && report.detail.includes('bug:'))
      this.#fail('no bug', `${lb.name}: ${report.detail.split('\n')[0]}`);
    if (this.#transcript !== undefined) this.#trace(lb.name, describeReport(report));
  }

  /** A new configuration goes out to all LBs, one after the other. */
  #reconfigure(change: (services: FleetSettings['services']) => FleetSettings['services']): void {
    this.services = change(this.services);
    for (const lb of this.lbs) {
      this.scheduler.after(this.#random.between(0, 8_000), () => {
        const { services } = this;
        lb.configure({ ...settingsOf(this.fleet, lb.settings.member), services });
      });
    }
  }

  #hearEphemeral(path: string, session: string): void {
    const [, , kind, , name] = path.split('/');
    const vip = kind === 'service' && name !== undefined ? vipOfClaimName(name) : undefined;
    const link = this.ensemble.linkOf(session);
    const lb = this.lbs.find(({ links }) => link !== undefined && links.includes(link));
    if (vip !== undefined && lb !== undefined) this.#ask((checker) => checker.onClaim?.(lb, vip));
  }

  #heal(): void {
    this.#trace('world', 'everything is healed');
    this.facts.note('zookeeper', false);
    for (const server of this.ensemble.servers) {
      this.ensemble.start(server);
      this.ensemble.resume(server);
    }
    this.ensemble.partition([]);
    this.#reconfigure(() => this.fleet.services);
    for (const lb of this.lbs) {
      this.facts.note(lb.name, false);
      lb.resumeAgent();
      lb.resumeExabgp();
      lb.powerOn();
      for (const name of neighborNames) lb.healNeighbor(name);
      for (const { name } of this.fleet.services) lb.setHealth(name, true);
      for (const link of lb.links) {
        link.slownessMs = 0;
        link.set('open');
      }
    }
  }

  /** Long after the last event nothing is expected any more, and looking less often is enough. */
  #tick(): void {
    this.#ask((checker) => checker.onTick?.());
    const isBusy = this.scheduler.nowMs - this.facts.lastEventMs < 3 * this.bounds.recoveryMs;
    this.scheduler.after(isBusy ? 1_000 : 15_000, () => this.#tick());
  }

  async #runFor(ms: number): Promise<void> {
    await this.#runUntil(this.scheduler.nowMs + ms);
  }

  /** Promises are used only where agents end, so only then does the real event loop get a turn. */
  async #runUntil(untilMs: number): Promise<void> {
    while (this.scheduler.nowMs < untilMs && this.breach === undefined) {
      if (this.lbs.some((lb) => lb.isEnding)) {
        this.scheduler.runUntil(Math.min(untilMs, this.scheduler.nowMs + 5));
        await new Promise((resolve) => setImmediate(resolve));
      } else {
        this.scheduler.runUntil(untilMs);
      }
    }
  }

  #ask(question: (checker: Checker) => string | undefined): void {
    if (this.breach !== undefined) return;
    for (const checker of this.#checkers) {
      const sentence = question(checker);
      if (sentence !== undefined) this.#fail(checker.name, sentence);
    }
  }

  #fail(checker: string, sentence: string): void {
    if (this.breach !== undefined) return;
    this.#trace('world', `BROKEN: ${checker}: ${sentence}`);
    this.breach = { checker, atMs: this.scheduler.nowMs, sentence };
    this.scheduler.interrupt();
  }

  #trace(who: string, what: string): void {
    this.#transcript?.push(
      `${(this.scheduler.nowMs / 1_000).toFixed(3).padStart(10)} ${who.padEnd(8)} ${what}`,
    );
  }
}

function describeReport(report: Report): string {
  switch (report.kind) {
    case 'decisionChanged':
      return `${report.vip}: ${describeDecision(report.to)}`;
    case 'beliefChanged':
      return `belief ${report.from} -> ${report.to}`;
    case 'sessionChanged':
      return `session: ${report.to} (${report.detail})`;
    case 'claimChanged':
      return `claim on ${report.vip} ${report.to}`;
    case 'noticed':
      return `${report.place}: ${report.detail}`;
    case 'healthChanged':
      return `health of ${report.service} ${report.to} (${report.detail})`;
    default:
      return JSON.stringify(report);
  }
}
