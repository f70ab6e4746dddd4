import { createAgent } from '../../../src/agent/agent.ts';
import { createClock } from '../../../src/agent/clock.ts';
import type { Coordinator } from '../../../src/agent/ports.ts';
import type { Event } from '../../../src/core/event.ts';
import { isConnected } from '../../../src/core/reach.ts';
import {
  type Attributes,
  type NeighborAddress,
  nextHopSelf,
  parseMed,
} from '../../../src/core/route.ts';
import type { ServiceName, ServiceSettings, Settings } from '../../../src/core/settings.ts';
import { createSpeaker } from '../../../src/exabgp/speaker.ts';
import { vip } from '../../exabgp/harness.ts';
import type { Bird } from '../../helpers/bird.ts';
import { lb1, serviceSettings, settings } from '../../helpers/core-run.ts';
import { waitFor } from '../../helpers/wait.ts';
import type { Pair } from './bench.ts';

/** What is wanted of each prefix: a MED, or no route. */
export type Table = Map<string, number | undefined>;

/** The prefixes that the tests are about. */
export const prefixes = [1, 2, 3, 4].map((last) => `10.20.255.${last}/32`);

/** What the router holds of them. */
export async function held(bird: Bird): Promise<Table> {
  const entries = prefixes.map(
    async (prefix) => [prefix, (await bird.route(prefix))?.med] as const,
  );
  return new Map(await Promise.all(entries));
}

/** Whether the router comes to hold this and nothing else. */
export async function reaches(bird: Bird, table: Table, timeoutMs: number): Promise<boolean> {
  const isSame = async () => {
    const has = await held(bird);
    return prefixes.every((prefix) => has.get(prefix) === table.get(prefix));
  };
  return waitFor(isSame, { timeoutMs, what: 'the table' }).then(
    () => true,
    () => false,
  );
}

/** A coordinator over a ZooKeeper that never fails, with one service for each prefix. */
function createQuietCoordinator(emit: (event: Event) => void): Coordinator {
  const connection = 1;
  const detail = '';
  const answerClaim = (service: ServiceName, of: ReturnType<typeof vip>, isCreated: boolean) =>
    emit({
      kind: 'claimAnswered',
      connection,
      service,
      vip: of,
      operation: isCreated ? 'create' : 'delete',
      outcome: 'done',
      detail,
    });
  return {
    start() {
      emit({
        kind: 'sessionEstablished',
        epoch: 1,
        connection,
        timeoutMs: 3_600_000,
        proofMs: performance.now(),
      });
      for (const { name: service } of wantedSettings(new Map()).services) {
        emit({ kind: 'claimsRead', connection, service, claims: new Map() });
        emit({ kind: 'drainsRead', connection, service, drained: new Set() });
        emit({ kind: 'maintenanceRead', connection, service, isPresent: true });
        emit({ kind: 'membersRead', connection, service, members: new Map(), own: undefined });
      }
    },
    createClaim: (service, of) => answerClaim(service, of, true),
    deleteClaim: (service, of) => answerClaim(service, of, false),
    publishMember: (service) =>
      emit({ kind: 'memberAnswered', connection, service, outcome: 'done', detail }),
    unpublishMember: (service) =>
      emit({ kind: 'memberAnswered', connection, service, outcome: 'done', detail }),
    setServices: () => undefined,
    close: () => Promise.resolve(),
  };
}

/** Every prefix is ours; one that is not wanted is in maintenance, which the coordinator tells. */
function wantedSettings(table: Table, told?: readonly NeighborAddress[]): Settings {
  const services = prefixes.map((prefix, index): ServiceSettings => {
    const owner: Attributes = {
      nextHop: nextHopSelf,
      med: parseMed(table.get(prefix) ?? 3)!,
      ...(told !== undefined && { neighbors: told }),
    };
    return serviceSettings({
      name: `s${index}` as ServiceName,
      vips: [{ vip: vip(prefix), owner: lb1 }],
      announce: { owner, backup: owner, down: undefined },
    });
  });
  return settings({}, { services });
}

/** The whole agent, but for ZooKeeper, on the pipes of a real helper; it announces to all neighbors, or to those `told`. */
export async function startAgent(pair: Pair, told?: readonly NeighborAddress[]) {
  const socket = await pair.exabgp.nextHelper();
  const clock = createClock();
  let open = 0;
  let given = 0;
  const give = () => {
    open += 1;
    given += 1;
  };
  let hear: (event: Event) => void = () => undefined;
  const kinds = new Set<string>();
  const agent = createAgent({
    settings: wantedSettings(new Map(), told),
    clock,
    log: () => undefined,
    adapters(emit, note) {
      hear = emit;
      const listen = (event: Event) => {
        kinds.add(event.kind === 'commandAnswered' ? event.outcome : event.kind);
        if (event.kind === 'commandAnswered') open -= 1;
        emit(event);
      };
      const ports = { clock, emit: listen, note, input: socket, output: socket };
      const speaker = createSpeaker({ ackTimeoutMs: 2_000, pollMs: 1_000, acks: 'auto' }, ports);
      return {
        coordinator: createQuietCoordinator(emit),
        speaker: {
          start: () => speaker.start(),
          announce(...args) {
            give();
            speaker.announce(...args);
          },
          withdraw(...args) {
            give();
            speaker.withdraw(...args);
          },
          flush(command) {
            give();
            speaker.flush(command);
          },
          stop: (deadlineMs) => speaker.stop(deadlineMs),
        },
        checker: { run: () => undefined, setServices: () => undefined, stop: () => undefined },
      };
    },
    exit: () => undefined,
  });
  agent.start();
  await waitFor(() => kinds.has('speakerIdentified') && open === 0, { what: 'the agent' });
  return {
    kinds,
    want(table: Table, prefix: string) {
      const isPresent = table.get(prefix) === undefined;
      const service = `s${prefixes.indexOf(prefix)}` as ServiceName;
      hear({ kind: 'maintenanceRead', connection: 1, service, isPresent });
      agent.reload(wantedSettings(table, told));
    },
    /** How many commands it has given. */
    commands: () => given,
    isQuiet: () => open === 0,
    isCutOff: () => agent.state()?.speaker.isConnected === false,
    /** Whether what it announces has neighbors that learn it. */
    isReached() {
      const { speaker, services } = agent.state() ?? {};
      const [service] = services?.list ?? [];
      return speaker && service && isConnected(speaker, service.settings);
    },
  };
}
