import type { Attributes } from '../../src/core/route.ts';
import type { Vip } from '../../src/core/vip.ts';
import type { Network, RouterSession } from './network.ts';
import type { Random } from './random.ts';
import { roleOfRoute } from './route-role.ts';
import type { Scheduler } from './scheduler.ts';

/** How a BGP session is lost. `closed`: both ends know at once. `silent`: each end learns it when its hold time is over. */
export type NeighborLoss = 'closed' | 'silent';

/** The helper's ends of the pipes, as ExaBGP sees them. */
export interface Helper {
  /** It stands still from now on. */
  hung(): void;
  answered(command: number, outcome: 'accepted' | 'refused'): void;
  neighborChanged(neighbor: string, isEstablished: boolean): void;
  /** It went on after it had stood still. */
  resumed(): void;
}

export interface ExabgpOptions {
  /** Name of the LB. */
  readonly host: string;
  readonly neighbors: readonly string[];
  readonly holdMs: number;
  /** The slowest answer while it works. */
  readonly slownessMs: number;
}

interface Neighbor {
  readonly name: string;
  /** The network lets packets through. */
  isReachable: boolean;
  /** Our end of the BGP session. */
  isEstablished: boolean;
  /** The router's end, once there was one. */
  session: RouterSession | undefined;
  cancel: () => void;
}

/** One life of an ExaBGP process: takes commands one after another, keeps its routes, and speaks with its neighbors. */
export class Exabgp {
  readonly routes = new Map<Vip, Attributes>();
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #network: Network;
  readonly #options: ExabgpOptions;
  readonly #neighbors: readonly Neighbor[];
  #phase: 'running' | 'hung' | 'dead' = 'running';
  #helper: Helper | undefined;
  #inbox: (() => void)[] = [];
  #lastMs = 0;
  /** Every prefix there ever was a command for. */
  readonly #told = new Set<Vip>();
  /** When each route was last there for sure as its owner's. */
  readonly #ownedMs = new Map<Vip, number>();
  /** The next command is refused, as a bug of ExaBGP might. */
  refusesNext = false;
  onRefused: () => void = () => undefined;

  constructor(scheduler: Scheduler, random: Random, network: Network, options: ExabgpOptions) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#network = network;
    this.#options = options;
    this.#neighbors = options.neighbors.map((name) => ({
      name,
      isReachable: true,
      isEstablished: false,
      session: undefined,
      cancel: () => {},
    }));
  }

  get phase(): 'running' | 'hung' | 'dead' {
    return this.#phase;
  }

  /** Whether it has a route as its owner's, or had it within the last `withinMs`. */
  hasHadAsOwner(vip: Vip, withinMs: number): boolean {
    this.#noteOwned(vip);
    const ownedMs = this.#ownedMs.get(vip);
    return ownedMs !== undefined && this.#scheduler.nowMs - ownedMs <= withinMs;
  }

  get established(): readonly string[] {
    return this.#neighbors.flatMap(({ name, isEstablished }) => (isEstablished ? [name] : []));
  }

  /** @param reachable names of neighbors that the network lets us reach at the start. */
  start(reachable: readonly string[]): void {
    for (const neighbor of this.#neighbors) {
      neighbor.isReachable = reachable.includes(neighbor.name);
      this.#connectSoon(neighbor);
    }
  }

  attach(helper: Helper | undefined): void {
    this.#helper = helper;
  }

  /** A line of the helper: carried out in order, answered afterwards. */
  command(command: number, helper: Helper, change: () => void): void {
    this.#arrive(() => {
      const isRefused = this.refusesNext;
      this.refusesNext = false;
      if (isRefused) this.onRefused();
      if (!isRefused) change();
      if (helper === this.#helper) helper.answered(command, isRefused ? 'refused' : 'accepted');
    });
  }

  announce(vip: Vip, attributes: Attributes): void {
    this.#noteOwned(vip);
    this.routes.set(vip, attributes);
    this.#tellRouters(vip);
  }

  withdraw(vip: Vip): void {
    this.#noteOwned(vip);
    this.routes.delete(vip);
    this.#tellRouters(vip);
  }

  #noteOwned(vip: Vip): void {
    const route = this.routes.get(vip);
    if (route !== undefined && roleOfRoute(route) === 'owner')
      this.#ownedMs.set(vip, this.#scheduler.nowMs);
  }

  /** SIGSTOP: its keepalives stop, and each router gives it up when the hold time is over. */
  hang(): void {
    if (this.#phase !== 'running') return;
    this.#phase = 'hung';
    this.#helper?.hung();
    for (const neighbor of this.#neighbors) this.#loseSilently(neighbor);
  }

  resume(): void {
    if (this.#phase !== 'hung') return;
    this.#phase = 'running';
    this.#helper?.resumed();
    const arrived = this.#inbox;
    this.#inbox = [];
    for (const act of arrived) act();
    for (const neighbor of this.#neighbors) this.#regain(neighbor);
  }

  /** The process is gone. `silent`: with its whole machine, so nobody is told. */
  kill(loss: NeighborLoss): void {
    this.#phase = 'dead';
    this.routes.clear();
    for (const neighbor of this.#neighbors) {
      neighbor.cancel();
      const giveUp = () => this.#routerLoses(neighbor);
      if (loss === 'closed' && neighbor.isReachable) giveUp();
      else this.#scheduler.after(this.#options.holdMs * this.#random.between(0.67, 1), giveUp);
    }
  }

  cutNeighbor(name: string, loss: NeighborLoss): void {
    const neighbor = this.#find(name);
    if (!neighbor.isReachable) return;
    neighbor.isReachable = false;
    if (loss === 'silent') {
      this.#loseSilently(neighbor);
      return;
    }
    neighbor.cancel();
    this.#routerLoses(neighbor);
    neighbor.cancel = this.#scheduler.after(this.#random.between(1, 50), () =>
      this.#lose(neighbor),
    );
  }

  healNeighbor(name: string): void {
    const neighbor = this.#find(name);
    neighbor.isReachable = true;
    if (this.#phase === 'running') this.#regain(neighbor);
  }

  #find(name: string): Neighbor {
    const found = this.#neighbors.find((neighbor) => neighbor.name === name);
    if (found === undefined) throw new Error(`no neighbor ${name}`);
    return found;
  }

  #arrive(act: () => void): void {
    const atMs = Math.max(
      this.#lastMs,
      this.#scheduler.nowMs + this.#random.delay(0.2, this.#options.slownessMs),
    );
    this.#lastMs = atMs;
    this.#scheduler.at(atMs, () => {
      if (this.#phase === 'hung') this.#inbox.push(act);
      else if (this.#phase === 'running') act();
    });
  }

  #tellRouters(vip: Vip): void {
    this.#told.add(vip);
    for (const { session, isEstablished, isReachable } of this.#neighbors)
      if (isEstablished && isReachable && session !== undefined)
        this.#network.update(session, vip, this.routes.get(vip));
  }

  #loseSilently(neighbor: Neighbor): void {
    neighbor.cancel();
    const { holdMs } = this.#options;
    const cancelRouter = this.#scheduler.after(holdMs * this.#random.between(0.67, 1), () =>
      this.#routerLoses(neighbor),
    );
    const cancelUs = this.#scheduler.after(holdMs * this.#random.between(0.67, 1), () => {
      if (this.#phase === 'running') this.#lose(neighbor);
    });
    neighbor.cancel = () => {
      cancelRouter();
      cancelUs();
    };
  }

  #routerLoses(neighbor: Neighbor): void {
    if (neighbor.session !== undefined) this.#network.close(neighbor.session);
  }

  #lose(neighbor: Neighbor): void {
    if (!neighbor.isEstablished) return;
    neighbor.isEstablished = false;
    this.#helper?.neighborChanged(neighbor.name, false);
  }

  /** Packets pass again: a session that nobody gave up goes on, with what was sent meanwhile; else there is a new one. */
  #regain(neighbor: Neighbor): void {
    if (!neighbor.isReachable) return;
    neighbor.cancel();
    if (neighbor.isEstablished && neighbor.session?.isOpen === true) {
      this.#sendAll(neighbor);
      return;
    }
    this.#routerLoses(neighbor);
    this.#lose(neighbor);
    this.#connectSoon(neighbor);
  }

  #connectSoon(neighbor: Neighbor): void {
    if (!neighbor.isReachable) return;
    neighbor.cancel = this.#scheduler.after(this.#random.between(100, 3_000), () => {
      if (this.#phase !== 'running' || !neighbor.isReachable) return;
      neighbor.isEstablished = true;
      neighbor.session = this.#network.open(`${this.#options.host}/${neighbor.name}`);
      this.#sendAll(neighbor);
      this.#helper?.neighborChanged(neighbor.name, true);
    });
  }

  #sendAll({ session }: Neighbor): void {
    if (session === undefined) return;
    for (const vip of this.#told) this.#network.update(session, vip, this.routes.get(vip));
  }
}
