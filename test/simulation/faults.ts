import type { MemberId, ServiceName, ServiceSettings } from '../../src/core/settings.ts';
import { claimName, type Vip } from '../../src/core/vip.ts';
import type { Facts } from './facts.ts';
import { type FleetSettings, serviceOf } from './fleet-settings.ts';
import { type LoadBalancer, neighborNames } from './load-balancer.ts';
import { describeFault, type Fault } from './plan.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { Ensemble } from './zookeeper/ensemble.ts';
import type { Server } from './zookeeper/server.ts';

type Services = FleetSettings['services'];

export interface FaultTargets {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly ensemble: Ensemble;
  readonly facts: Facts;
  readonly lbs: readonly LoadBalancer[];
  /** Changes the configuration of every LB. */
  reconfigure(change: (services: Services) => Services): void;
  isConfigured(vip: Vip): boolean;
  trace(who: string, what: string): void;
}

/** Schedules a fault: its beginning, and its end. */
export function scheduleFault(targets: FaultTargets, fault: Fault): void {
  const { scheduler } = targets;
  scheduler.at(fault.atMs, () => {
    targets.trace('world', describeFault(fault));
    const undo = begin(targets, fault);
    if (undo === undefined) return;
    scheduler.after(fault.durationMs, () => {
      targets.trace('world', `over: ${describeFault(fault)}`);
      undo();
    });
  });
}

type Undo = (() => void) | undefined;

function begin(targets: FaultTargets, fault: Fault): Undo {
  if (fault.lb !== undefined) {
    const lb = targets.lbs.find(({ name }) => name === fault.lb);
    return lb === undefined ? undefined : beginAtLb(targets, fault, lb);
  }
  if (fault.what === 'VIP removed') return beginReload(targets, fault);
  return beginAtOperator(targets, fault) ?? beginAtServers(targets, fault);
}

function beginAtLb(targets: FaultTargets, fault: Fault, lb: LoadBalancer): Undo {
  const { facts } = targets;
  const unplanned = (act: () => void, undo?: () => void): Undo => {
    facts.note(lb.name, false);
    act();
    return () => {
      facts.note(lb.name, false);
      undo?.();
    };
  };
  switch (fault.what) {
    case 'agent killed':
      // Its ExaBGP goes on with its routes: nobody should notice.
      facts.note(lb.name, true);
      lb.killAgent();
      return undefined;
    case 'agent paused':
      return unplanned(
        () => lb.pauseAgent(),
        () => lb.resumeAgent(),
      );
    case 'ExaBGP killed':
      return unplanned(() => lb.killExabgp());
    case 'ExaBGP hangs':
      return unplanned(
        () => lb.hangExabgp(),
        () => lb.resumeExabgp(),
      );
    case 'ExaBGP refuses a command':
      return unplanned(() => {
        if (lb.exabgp !== undefined) lb.exabgp.refusesNext = true;
      });
    case 'power off':
      return unplanned(
        () => lb.powerOff(),
        () => lb.powerOn(),
      );
    case 'neighbor closed':
    case 'neighbor silent':
      return unplanned(
        () =>
          lb.cutNeighbor(
            fault.detail ?? '',
            fault.what === 'neighbor closed' ? 'closed' : 'silent',
          ),
        () => lb.healNeighbor(fault.detail ?? ''),
      );
    case 'all neighbors silent':
      return unplanned(
        () => {
          for (const name of neighborNames) lb.cutNeighbor(name, 'silent');
        },
        () => {
          for (const name of neighborNames) lb.healNeighbor(name);
        },
      );
    case 'service sick':
    case 'service flaps':
      return beginSickness(targets, fault, lb);
    case 'LB cut off from ZooKeeper':
    case 'LB slow to ZooKeeper':
      return beginAtLinks(targets, fault, lb);
    default:
      return beginPlanned(targets, fault, lb);
  }
}

function beginPlanned(
  { facts, scheduler, ...targets }: FaultTargets,
  fault: Fault,
  lb: LoadBalancer,
): Undo {
  const isStop = fault.what === 'agent stopped' || fault.what === 'LB upgraded';
  // A second signal would ask it to hurry, whatever that costs.
  if (isStop && facts.leaving.has(lb.name)) return undefined;
  facts.note(lb.name, true);
  switch (fault.what) {
    case 'agent stopped':
      facts.leaving.add(lb.name);
      lb.stopAgent();
      lb.onStarted = () => facts.leaving.delete(lb.name);
      return undefined;
    case 'LB upgraded':
      upgrade({ facts, scheduler, ...targets }, fault, lb);
      return undefined;
    case 'owner changed':
    case 'member emptied':
      return beginReload({ facts, scheduler, ...targets }, fault, lb);
    case 'clock jumps':
      lb.time.wallOffsetMs += targets.random.between(-3_600_000, 3_600_000);
      return undefined;
    case 'member drained':
      return setZnode(
        { facts, ensemble: targets.ensemble },
        `/exabgp/drain/${fault.service}/${lb.name}`,
        `drain ${fault.service} ${lb.name}`,
        () => facts.note(lb.name, true),
      );
    default:
      throw new Error(`unknown fault ${fault.what}`);
  }
}

/** VIPs go, or change hands, by configuration, and come back in the same way. */
function beginReload(targets: FaultTargets, fault: Fault, lb?: LoadBalancer): Undo {
  const { facts, reconfigure, scheduler } = targets;
  const before = new Map<Vip, MemberId | undefined>();
  const removed: { readonly name: string; readonly vip: Vip }[] = [];
  const isMeant = (vip: Vip, owner: MemberId | undefined) =>
    fault.what === 'member emptied' ? owner === lb?.name : vip === fault.detail;
  facts.setOperator('reload', true);
  const change = (service: ServiceSettings): ServiceSettings => {
    const meant = service.vips.filter(({ vip, owner }) => isMeant(vip, owner));
    for (const { vip, owner } of meant) before.set(vip, owner);
    if (fault.what === 'owner changed' && lb !== undefined)
      return withOwners(service, new Map(meant.map(({ vip }) => [vip, lb.settings.member])));
    removed.push(...meant.map(({ vip }) => ({ vip, name: `removed ${vip}` })));
    return { ...service, vips: service.vips.filter((entry) => !meant.includes(entry)) };
  };
  reconfigure((services) => services.map(change));
  for (const { name } of removed) facts.setOperator(name, true);
  return () => {
    facts.setOperator('reload', false);
    reconfigure((services) => services.map((service) => withVips(service, before)));
    // Until the last LB has it back.
    scheduler.after(8_000, () => {
      // Another change may have removed it again.
      for (const { name, vip } of removed)
        if (targets.isConfigured(vip)) facts.setOperator(name, false);
    });
  };
}

function withOwners(
  service: ServiceSettings,
  owners: ReadonlyMap<Vip, MemberId | undefined>,
): ServiceSettings {
  return {
    ...service,
    vips: service.vips.map((entry) =>
      owners.has(entry.vip) ? { ...entry, owner: owners.get(entry.vip) } : entry,
    ),
  };
}

/** The service with those VIPs as they were. */
function withVips(
  service: ServiceSettings,
  before: ReadonlyMap<Vip, MemberId | undefined>,
): ServiceSettings {
  const missing = [...before].filter(
    ([vip]) => serviceOf(vip) === service.name && !service.vips.some((entry) => entry.vip === vip),
  );
  const added = missing.map(([vip, owner]) => ({ vip, owner }));
  return withOwners({ ...service, vips: [...service.vips, ...added] }, before);
}

/** The agent leaves, then everything on the LB stops, and comes back some time later. */
function upgrade({ facts, scheduler }: FaultTargets, fault: Fault, lb: LoadBalancer): void {
  // Nobody is there to hand over.
  if (!lb.hasRunningAgent) facts.note(lb.name, false);
  facts.leaving.add(lb.name);
  lb.isHeldDown = true;
  lb.stopAgent();
  const onceEnded = () => {
    if (lb.hasAgent) {
      scheduler.after(100, onceEnded);
      return;
    }
    facts.note(lb.name, true);
    lb.killExabgp();
    scheduler.after(fault.durationMs, () => {
      facts.note(lb.name, true);
      facts.leaving.delete(lb.name);
      lb.isHeldDown = false;
      lb.start();
    });
  };
  onceEnded();
}

function beginSickness(
  { facts, random, scheduler }: FaultTargets,
  fault: Fault,
  lb: LoadBalancer,
): Undo {
  const service = fault.service as ServiceName;
  const flip = (isUp: boolean) => {
    facts.note(lb.name, false);
    lb.setHealth(service, isUp);
  };
  flip(false);
  let isOver = false;
  if (fault.what === 'service flaps') {
    const flap = (isUp: boolean) => {
      if (isOver) return;
      flip(isUp);
      scheduler.after(random.magnitude(200, 10_000), () => flap(!isUp));
    };
    scheduler.after(random.magnitude(200, 10_000), () => flap(true));
  }
  return () => {
    isOver = true;
    flip(true);
  };
}

function beginAtLinks({ facts, random }: FaultTargets, fault: Fault, lb: LoadBalancer): Undo {
  facts.note(lb.name, false);
  const links = fault.detail === 'one server' ? [random.pick(lb.links)] : lb.links;
  const isSlow = fault.what === 'LB slow to ZooKeeper';
  const state = fault.detail === 'deaf' || fault.detail === 'mute' ? fault.detail : 'black hole';
  const slownessMs = random.magnitude(10, 2_000);
  for (const link of links) {
    if (isSlow) link.slownessMs = slownessMs;
    else link.set(state);
  }
  return () => {
    facts.note(lb.name, false);
    for (const link of links) {
      if (isSlow) link.slownessMs = 0;
      else link.set('open');
    }
  };
}

function beginAtOperator({ facts, ensemble }: FaultTargets, fault: Fault): Undo {
  const { service, detail } = fault;
  switch (fault.what) {
    case 'maintenance':
      return setZnode(
        { facts, ensemble },
        `/exabgp/maintenance/${service}`,
        `maintenance ${service}`,
      );
    case 'VIP drained':
      return setZnode(
        { facts, ensemble },
        `/exabgp/drain/${service}/${claimName(detail as Vip)}`,
        `drain ${service} ${detail}`,
      );
    case 'claim deleted by hand': {
      facts.note('zookeeper', false);
      const path = `/exabgp/service/${service}/${claimName(detail as Vip)}`;
      ensemble.operate({ kind: 'delete', path, version: -1 });
      return () => undefined;
    }
    default:
      return undefined;
  }
}

function setZnode(
  { facts, ensemble }: Pick<FaultTargets, 'facts' | 'ensemble'>,
  path: string,
  name: string,
  note: () => void = () => undefined,
): Undo {
  ensemble.operate({ kind: 'create', path, data: Buffer.alloc(0), owner: undefined }, () =>
    facts.setOperator(name, true),
  );
  return () => {
    ensemble.operate({ kind: 'delete', path, version: -1 }, () => {
      note();
      facts.setOperator(name, false);
    });
  };
}

function beginAtServers({ facts, ensemble }: FaultTargets, fault: Fault): Undo {
  const all = (act: (server: Server) => void) => {
    facts.note('zookeeper', false);
    for (const server of ensemble.servers)
      if (fault.server === undefined || server.index === fault.server) act(server);
  };
  switch (fault.what) {
    case 'server killed':
    case 'ensemble killed':
      all((server) => ensemble.kill(server));
      return () => all((server) => ensemble.start(server));
    case 'server hangs':
    case 'ensemble hangs':
      all((server) => ensemble.hang(server));
      return () => all((server) => ensemble.resume(server));
    case 'servers partitioned':
      facts.note('zookeeper', false);
      ensemble.partition(fault.groups ?? []);
      return () => {
        facts.note('zookeeper', false);
        ensemble.partition([]);
      };
    default:
      throw new Error(`unknown fault ${fault.what}`);
  }
}
