import type { Attributes } from '../../src/core/route.ts';
import type { Vip } from '../../src/core/vip.ts';
import type { Random } from './random.ts';
import { costOfRoute } from './route-role.ts';
import type { Scheduler } from './scheduler.ts';

/** An update takes at most this long from a speaker to every router. Below every release time in use. */
export const propagationMaxMs = 1_000;

/** A router's end of one BGP session. */
export interface RouterSession {
  readonly path: string;
  isOpen: boolean;
}

/**
 * What the routers far from the LBs know. Each LB's neighbor is a path of its own into the network, along which updates
 * keep their order and take their time.
 */
export class Network {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #learned = new Map<Vip, Map<string, Attributes>>();
  /** Worked out of that for the VIPs that were asked for since they changed. */
  readonly #best = new Map<Vip, ReadonlyMap<string, Attributes>>();
  readonly #lastMs = new Map<string, number>();
  readonly #sessions = new Map<string, RouterSession>();
  /** Told after each change of what is known of a VIP. */
  onChange: (vip: Vip) => void = () => undefined;

  constructor(scheduler: Scheduler, random: Random) {
    this.#scheduler = scheduler;
    this.#random = random;
  }

  /** The LBs through which routers can reach a VIP, as far as they know, each with its best route. */
  announcersOf(vip: Vip): ReadonlyMap<string, Attributes> {
    const known = this.#best.get(vip) ?? this.#bestOf(vip);
    this.#best.set(vip, known);
    return known;
  }

  #bestOf(vip: Vip): ReadonlyMap<string, Attributes> {
    const best = new Map<string, Attributes>();
    for (const [path, attributes] of this.#learned.get(vip) ?? []) {
      const name = path.slice(0, path.indexOf('/'));
      const known = best.get(name);
      if (known === undefined || costOfRoute(attributes) < costOfRoute(known))
        best.set(name, attributes);
    }
    return best;
  }

  /** A new BGP session over the path `LB/neighbor`; it replaces one that the router still held. */
  open(path: string): RouterSession {
    const before = this.#sessions.get(path);
    if (before !== undefined) this.close(before);
    const session = { path, isOpen: true };
    this.#sessions.set(path, session);
    return session;
  }

  /** A router got an update for `vip`; without attributes it is a withdraw. */
  update(session: RouterSession, vip: Vip, attributes: Attributes | undefined): void {
    if (!session.isOpen) return;
    const delayMs = this.#random.delay(1, propagationMaxMs);
    this.#inOrder(session.path, delayMs, () => this.#set(session.path, vip, attributes));
  }

  /** The router gives the BGP session up. */
  close(session: RouterSession): void {
    if (!session.isOpen) return;
    session.isOpen = false;
    this.#inOrder(session.path, this.#random.magnitude(1, 200), () => {
      for (const vip of this.#learned.keys()) this.#set(session.path, vip, undefined);
    });
  }

  #set(path: string, vip: Vip, attributes: Attributes | undefined): void {
    const paths = this.#learned.get(vip) ?? new Map();
    this.#learned.set(vip, paths);
    if (paths.get(path) === attributes) return;
    if (attributes === undefined) paths.delete(path);
    else paths.set(path, attributes);
    this.#best.delete(vip);
    this.onChange(vip);
  }

  #inOrder(path: string, delayMs: number, act: () => void): void {
    const atMs = Math.max(this.#lastMs.get(path) ?? 0, this.#scheduler.nowMs + delayMs);
    this.#lastMs.set(path, atMs);
    this.#scheduler.at(atMs, act);
  }
}
