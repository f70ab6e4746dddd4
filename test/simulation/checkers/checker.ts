import type { Role } from '../../../src/core/ownership.ts';
import type { MemberId, ServiceSettings } from '../../../src/core/settings.ts';
import type { Vip } from '../../../src/core/vip.ts';
import type { Bounds } from '../bounds.ts';
import type { Facts } from '../facts.ts';
import type { FleetSettings } from '../fleet-settings.ts';
import type { LoadBalancer } from '../load-balancer.ts';
import type { Network } from '../network.ts';
import type { Plan } from '../plan.ts';
import { isServingRoute } from '../route-role.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Ensemble } from '../zookeeper/ensemble.ts';

/** What checkers see: the truth, from outside of every agent. */
export interface Scene {
  readonly fleet: FleetSettings;
  readonly plan: Plan;
  /** As configured now; `fleet` says how the run began. */
  readonly services: readonly ServiceSettings[];
  readonly bounds: Bounds;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly ensemble: Ensemble;
  readonly facts: Facts;
  readonly lbs: readonly LoadBalancer[];
  /** The healing phase has had its time: everything must be in its place. */
  readonly isSettled: boolean;
}

/** One promise. Each hook is optional, and says what is broken, or nothing. */
export interface Checker {
  readonly name: string;
  /** The network has learned something about a VIP. */
  onLearned?(vip: Vip): string | undefined;
  /** An agent gave its ExaBGP a command: to announce a VIP in that role, or to withdraw it. */
  onCommand?(lb: LoadBalancer, vip: Vip, role: Role | undefined): string | undefined;
  /** An agent's claim on a VIP was agreed on. */
  onClaim?(lb: LoadBalancer, vip: Vip): string | undefined;
  /** Called about every second. */
  onTick?(): string | undefined;
  /** The fleet has had its time to heal. */
  onSettled?(): string | undefined;
}

export type CreateChecker = (scene: Scene) => Checker;

/** Who can really be reached for a VIP: a router knows it, and the LB's machine still works. */
export function carriersOf(scene: Scene, vip: Vip): readonly LoadBalancer[] {
  const announcers = scene.network.announcersOf(vip);
  return scene.lbs.filter((lb) => announcers.has(lb.name) && lb.isPowered);
}

/** Who can be reached for a VIP by a route that is there to be used. */
export function serversOf(scene: Scene, vip: Vip): readonly LoadBalancer[] {
  const announcers = scene.network.announcersOf(vip);
  return carriersOf(scene, vip).filter(({ name }) => {
    const route = announcers.get(name);
    return route !== undefined && isServingRoute(route);
  });
}

/** Whether the configuration says so, as it is now. */
export function isOwnerOf(scene: Scene, member: MemberId, vip: Vip): boolean {
  return scene.services.some(({ vips }) =>
    vips.some((entry) => entry.vip === vip && entry.owner === member),
  );
}

/** The first thing that is wrong with any of the items. */
export function firstBreach<Item>(
  items: Iterable<Item>,
  breachOf: (item: Item) => string | undefined,
): string | undefined {
  for (const item of items) {
    const sentence = breachOf(item);
    if (sentence !== undefined) return sentence;
  }
  return undefined;
}
