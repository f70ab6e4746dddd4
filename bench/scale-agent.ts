import { createClock } from '../src/agent/clock.ts';
import type { Event, EventKind } from '../src/core/event.ts';
import type { MemberId, ServiceName } from '../src/core/settings.ts';
import { isVip, parseVip, type Vip } from '../src/core/vip.ts';
import { createClientFactory } from '../src/zookeeper/client-factory.ts';
import { createCoordinator } from '../src/zookeeper/coordinator.ts';
import { countRequests, type RequestCounts } from '../test/helpers/counted-client.ts';
import type { ZooKeeperServer } from '../test/helpers/zookeeper.ts';

/** Asked of every server. */
export const timeoutMs = 6_000;

interface AgentOptions {
  readonly member: string;
  readonly services: ReturnType<typeof servicesNamed>;
  readonly counts: RequestCounts;
}

/** The adapter of one agent, without the agent; what it said last is kept per service. */
export function startAgent(server: ZooKeeperServer, { member, services, counts }: AgentOptions) {
  const clock = createClock();
  const events: { readonly event: Event; readonly atMs: number }[] = [];
  const parts = new Set<string>();
  const last = new Map<string, Event>();
  let connected = 0;
  let proofMs = 0;
  let gapMs = 0;
  const emit = (event: Event) => {
    const atMs = performance.now();
    if (event.kind === 'sessionEstablished') connected = proofMs = atMs;
    if (event.kind === 'sessionProven') {
      gapMs = Math.max(gapMs, atMs - proofMs);
      proofMs = atMs;
    }
    if (!('service' in event)) return;
    parts.add(`${event.kind} ${event.service}`);
    last.set(`${event.kind} ${event.service}`, event);
    if (services.length === 1) events.push({ event, atMs });
  };
  const factory = createClientFactory(
    { servers: [server], firstServer: 0, share: 0, tls: undefined },
    { clock, note: () => undefined },
  );
  const coordinator = createCoordinator(
    {
      servers: [server],
      chroot: '',
      sessionTimeoutMs: timeoutMs,
      auth: undefined,
      tls: undefined,
      member: member as MemberId,
      instance: {
        host: member,
        bootId: 'b',
        pid: 1,
        startTicks: 1,
        speakerPid: 1,
        speakerStartTicks: 1,
        startedMs: 1,
      },
      fateOf: () => 'elsewhere',
      services,
      rereadMs: 3_600_000,
    },
    { clock, createClient: countRequests(factory, counts), emit, note: () => undefined },
  );
  coordinator.start();
  const sum = (kind: EventKind, count: (event: Event) => number) =>
    [...last].reduce(
      (total, [key, event]) => (key.startsWith(kind) ? total + count(event) : total),
      0,
    );
  return {
    events,
    isRead: () => parts.size >= services.length * 4 && connected > 0,
    claimCount: () => sum('claimsRead', (event) => ('claims' in event ? event.claims.size : 0)),
    memberCount: () => sum('membersRead', (event) => ('members' in event ? event.members.size : 0)),
    leavingCount: () =>
      sum('membersRead', (event) =>
        'members' in event
          ? [...event.members.values()].filter((report) => report?.isLeaving === true).length
          : 0,
      ),
    longestProofGapMs: () => Math.max(gapMs, performance.now() - proofMs),
    publish(isLeaving: boolean) {
      for (const { name } of services)
        coordinator.publishMember(name, { health: 'up', announces: [], isLeaving });
    },
    close: () => coordinator.close(5_000),
  };
}

/** Services with the same VIPs, none of which is the agent's. */
export function servicesNamed(names: readonly string[], vips: readonly Vip[] = []) {
  return names.map((name) => ({
    name: name as ServiceName,
    paths: {
      claims: `/scale/service/${name}`,
      members: `/scale/member/${name}`,
      drains: `/scale/drain/${name}`,
      maintenance: `/scale/maintenance/${name}`,
    },
    vips,
    ownVips: [],
  }));
}

/** @throws Error when the text is no VIP. */
export function vipOf(text: string): Vip {
  const parsed = parseVip(text);
  if (!isVip(parsed)) throw new Error(`${text}: ${parsed}`);
  return parsed;
}
