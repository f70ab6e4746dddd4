import { onTestFinished } from 'vitest';
import { createClock } from '../../../src/agent/clock.ts';
import type { Clock } from '../../../src/core/clock.ts';
import type { Event, EventKind } from '../../../src/core/event.ts';
import type { Instance } from '../../../src/core/instance.ts';
import type { MemberId, ServiceName } from '../../../src/core/settings.ts';
import { isVip, parseVip, type Vip } from '../../../src/core/vip.ts';
import type { ClientFactory } from '../../../src/zookeeper/client.ts';
import {
  type CoordinatorOptions,
  createCoordinator,
  type ZooKeeperCoordinator,
} from '../../../src/zookeeper/coordinator.ts';
import { waitFor } from '../../helpers/wait.ts';

export type EventOf<Kind extends EventKind> = Extract<Event, { readonly kind: Kind }>;

export const apex = 'apex' as ServiceName;
export const claimsPath = '/exabgp/service/apex';
export const membersPath = '/exabgp/member/apex';
export const drainsPath = '/exabgp/drain/apex';
export const maintenancePath = '/exabgp/maintenance/apex';

export function vip(text: string): Vip {
  const parsed = parseVip(text);
  if (!isVip(parsed)) throw new Error(`${text}: ${parsed}`);
  return parsed;
}

export const vip1 = vip('10.20.255.1');
export const vip2 = vip('10.20.255.2');

/** An instance of host `lb`; `pid` tells lives apart, and a higher one is a later life. */
export function instance(pid: number, more: Partial<Instance> = {}): Instance {
  return {
    host: 'lb',
    bootId: 'boot',
    pid,
    startTicks: pid,
    speakerPid: 1,
    speakerStartTicks: 1,
    startedMs: pid,
    ...more,
  };
}

/** A coordinator and all it said, in order. */
export interface Recorded {
  readonly coordinator: ZooKeeperCoordinator;
  readonly events: readonly Event[];
  readonly notes: readonly string[];
  readonly clock: Clock;
  /** The latest event of a kind that satisfies the condition, waiting for it; only from `from` on. */
  next<Kind extends EventKind>(
    kind: Kind,
    holds?: (event: EventOf<Kind>) => boolean,
    options?: { readonly from?: number; readonly timeoutMs?: number },
  ): Promise<EventOf<Kind>>;
  /** Place (`host:port`) of the server of the latest connection. */
  place(): string;
  /** Position in the events so far. */
  mark(): number;
  /** Waits until all four parts of the service were read on the current connection. */
  ready(): Promise<void>;
}

export type Servers = readonly { readonly host: string; readonly port: number }[];

export interface StartOptions extends Partial<Omit<CoordinatorOptions, 'member'>> {
  readonly member?: string;
  readonly dead?: readonly number[];
  readonly own?: readonly Vip[];
  readonly vips?: readonly Vip[];
  /** Default the real one. */
  readonly clock?: Clock;
  readonly createClient?: ClientFactory;
}

/** Starts a coordinator of service apex, closed when the test ends. Processes in `dead` have died. */
export function startCoordinator(servers: Servers, options: StartOptions = {}): Recorded {
  const recorded = makeCoordinator(servers, options);
  recorded.coordinator.start();
  return recorded;
}

export function makeCoordinator(servers: Servers, options: StartOptions = {}): Recorded {
  const {
    member = 'lb1',
    dead = [],
    own = [vip1],
    vips = [vip1, vip2],
    clock = createClock(),
    createClient,
    ...more
  } = options;
  const events: Event[] = [];
  const notes: string[] = [];
  const coordinator = createCoordinator(
    {
      servers: servers.map(({ host, port }) => ({ host, port })),
      chroot: '',
      sessionTimeoutMs: 3_000,
      auth: undefined,
      tls: undefined,
      member: member as MemberId,
      instance: instance(100),
      fateOf: (record) => (dead.includes(record.pid) ? 'dead' : 'alive'),
      services: [
        {
          name: apex,
          paths: {
            claims: claimsPath,
            maintenance: maintenancePath,
            members: membersPath,
            drains: drainsPath,
          },
          vips,
          ownVips: own,
        },
      ],
      rereadMs: 60_000,
      ...more,
    },
    {
      clock,
      ...(createClient && { createClient }),
      emit: (event) => events.push(event),
      note: (level, place, detail) => notes.push(`${level} ${place} ${detail}`),
    },
  );
  onTestFinished(() => coordinator.close(500));
  const next: Recorded['next'] = (
    kind,
    holds = () => true,
    { from = 0, timeoutMs = 15_000 } = {},
  ) =>
    waitFor(() => events.slice(from).find((event) => isOf(event, kind) && holds(event)), {
      what: `${kind} ${holds}, but got ${events.length} events`,
      timeoutMs,
      everyMs: 1,
    }) as Promise<never>;
  return {
    coordinator,
    events,
    notes,
    clock,
    next,
    place: () => notes.findLast((note) => note.includes('connected,'))?.split(' ')[1] ?? '',
    mark: () => events.length,
    async ready() {
      const { connection } = await next('sessionEstablished', (event) =>
        events.every(
          (other) => other.kind !== 'sessionEstablished' || other.connection <= event.connection,
        ),
      );
      for (const kind of ['maintenanceRead', 'drainsRead', 'claimsRead', 'membersRead'] as const)
        await next(kind, (event) => event.connection >= connection);
    },
  };
}

function isOf<Kind extends EventKind>(event: Event, kind: Kind): event is EventOf<Kind> {
  return event.kind === kind;
}
