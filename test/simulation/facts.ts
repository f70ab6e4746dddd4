import type { ServiceName } from '../../src/core/settings.ts';
import type { Vip } from '../../src/core/vip.ts';
import type { LoadBalancer } from './load-balancer.ts';
import type { Scheduler } from './scheduler.ts';
import type { Ensemble } from './zookeeper/ensemble.ts';

/** What the world's events mean for those who judge it: who is able to do what, and since when. */
export class Facts {
  /** Everything that happened so far, each beginning, end and restart counted. */
  eventCount = 0;
  lastEventMs = 0;
  readonly #scheduler: Scheduler;
  readonly #ensemble: Ensemble;
  readonly #touchedMs = new Map<string, number>();
  readonly #speakerMs = new Map<string, number>();
  readonly #disturbedMs = new Map<string, number>();
  /** Operators' znodes that exist: names, and since when. Also those that are gone, until when. */
  readonly #operator = new Map<string, { isPresent: boolean; sinceMs: number }>();
  /** LBs that are on their way out, or out, by plan. */
  readonly leaving = new Set<string>();

  constructor(scheduler: Scheduler, ensemble: Ensemble) {
    this.#scheduler = scheduler;
    this.#ensemble = ensemble;
  }

  /** Something happened to an LB, or to `zookeeper`. What is planned takes nobody by surprise. */
  note(who: string, isPlanned: boolean): void {
    this.#count();
    this.#touchedMs.set(who, this.#scheduler.nowMs);
    if (!isPlanned) this.#disturbedMs.set(who, this.#scheduler.nowMs);
  }

  setOperator(name: string, isPresent: boolean): void {
    this.#count();
    this.#operator.set(name, { isPresent, sinceMs: this.#scheduler.nowMs });
  }

  /** Whether an operator's znode exists or existed within the last `withinMs`. */
  wasSet(name: string, withinMs: number): boolean {
    const entry = this.#operator.get(name);
    if (entry === undefined) return false;
    return entry.isPresent || this.#scheduler.nowMs - entry.sinceMs <= withinMs;
  }

  /** Whether a VIP is drained everywhere, or not configured, or was so within the last `withinMs`. */
  isOut(service: ServiceName, vip: Vip, withinMs: number): boolean {
    return (
      this.wasSet(`drain ${service} ${vip}`, withinMs) || this.wasSet(`removed ${vip}`, withinMs)
    );
  }

  /** For how long an operator's znode has existed; undefined when it does not. */
  presentForMs(name: string): number | undefined {
    const entry = this.#operator.get(name);
    return entry?.isPresent === true ? this.#scheduler.nowMs - entry.sinceMs : undefined;
  }

  /** Whether something unplanned happened to any of them, or to ZooKeeper, within the last `withinMs`. */
  wasDisturbed(names: readonly string[], withinMs: number): boolean {
    return ['zookeeper', ...names].some((name) => {
      const atMs = this.#disturbedMs.get(name);
      return atMs !== undefined && this.#scheduler.nowMs - atMs <= withinMs;
    });
  }

  /** For how long an agent has run, heard from ZooKeeper, and been answered by its ExaBGP; 0 when it does not. */
  connectedForMs(lb: LoadBalancer): number {
    const isConnected =
      lb.hasRunningAgent &&
      lb.exabgp?.phase === 'running' &&
      lb.links.every((link) => link.isOpen && link.slownessMs === 0) &&
      this.#ensemble.isAvailable;
    return isConnected ? this.#untouchedMs([lb.name, 'zookeeper']) : 0;
  }

  /** For how long an LB could have carried VIPs of a service: connected, with a neighbor, healthy, and not leaving. */
  ableForMs(lb: LoadBalancer, service: ServiceName): number {
    const isAble =
      lb.exabgp !== undefined &&
      lb.exabgp.established.length > 0 &&
      lb.health.get(service)?.isUp === true &&
      !this.leaving.has(lb.name) &&
      !this.wasSet(`drain ${service} ${lb.name}`, 0);
    return isAble ? this.connectedForMs(lb) : 0;
  }

  /**
   * For how long an LB has carried what it owns as far as the world lets it: its ExaBGP untouched, its service healthy,
   * its agent there, or killed and on its way back.
   */
  carriedForMs(lb: LoadBalancer, service: ServiceName): number {
    const isThere =
      lb.exabgp?.phase === 'running' &&
      lb.exabgp.established.length > 0 &&
      lb.health.get(service)?.isUp === true &&
      !this.leaving.has(lb.name) &&
      !this.wasSet(`drain ${service} ${lb.name}`, 0);
    if (!isThere) return 0;
    const sinceMs = Math.max(
      this.#disturbedMs.get(lb.name) ?? 0,
      this.#disturbedMs.get('zookeeper') ?? 0,
      this.#speakerMs.get(lb.name) ?? 0,
      this.#operator.get(`drain ${service} ${lb.name}`)?.sinceMs ?? 0,
    );
    return this.#scheduler.nowMs - sinceMs;
  }

  /** For how long a running agent has not heard from ZooKeeper; 0 when it may have. */
  disconnectedForMs(lb: LoadBalancer): number {
    const isCut = !this.#ensemble.isAvailable || lb.links.every((link) => !link.isOpen);
    const isAwake = lb.hasRunningAgent && lb.hasHadSession && lb.exabgp?.phase === 'running';
    return isCut && isAwake ? this.#untouchedMs([lb.name, 'zookeeper']) : 0;
  }

  /** An ExaBGP of that LB has started. */
  noteSpeaker(lb: string): void {
    this.#speakerMs.set(lb, this.#scheduler.nowMs);
  }

  /** For how long nothing at all happened to an LB itself. */
  undisturbedMs(lb: LoadBalancer): number {
    return this.#untouchedMs([lb.name]);
  }

  #count(): void {
    this.eventCount += 1;
    this.lastEventMs = this.#scheduler.nowMs;
  }

  #untouchedMs(names: readonly string[]): number {
    const lastMs = Math.max(0, ...names.map((name) => this.#touchedMs.get(name) ?? 0));
    return this.#scheduler.nowMs - lastMs;
  }
}
