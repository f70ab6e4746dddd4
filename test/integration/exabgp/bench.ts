import type { Socket } from 'node:net';
import { createClock } from '../../../src/agent/clock.ts';
import type { Event, EventKind } from '../../../src/core/event.ts';
import { type Attributes, nextHopSelf, parseCommunity, parseMed } from '../../../src/core/route.ts';
import type { SpeakerOptions } from '../../../src/exabgp/ports.ts';
import { createSpeaker, type ExaBgpSpeaker } from '../../../src/exabgp/speaker.ts';
import { type Bird, startBird } from '../../helpers/bird.ts';
import { type ExaBgp, type ExaBgpOptions, startExaBgp } from '../../helpers/exabgp.ts';
import { createNamespace, type Namespace } from '../../helpers/namespace.ts';
import { waitFor } from '../../helpers/wait.ts';

const lb = { address: '10.66.0.1', asn: 65000 };
const router = { address: '10.66.0.2', asn: 65001 };
/** Where nobody listens, so that every connect is answered with a reset, unless a test starts a second router. */
const nobody = { address: '10.66.0.3', asn: 65003 };

/** A load balancer's ExaBGP with one router. */
export interface Pair {
  readonly exabgp: ExaBgp;
  readonly bird: Bird;
  /** Starts another router; ExaBGP has it for a neighbor when `unreachable` was asked for. */
  startSecond(): Promise<Bird>;
  readonly neighbors: { readonly first: Neighbor; readonly second: Neighbor };
  stop(): Promise<void>;
}

type Neighbor = ExaBgpOptions['neighbors'][number];

/** Starts both in a namespace of their own. `unreachable` adds a neighbor that nobody answers for. */
export async function startPair(
  options: Partial<ExaBgpOptions> & { readonly unreachable?: boolean } = {},
): Promise<Pair> {
  const namespace: Namespace = createNamespace(
    [lb, router, nobody].map(({ address }) => `${address}/32`),
  );
  const { unreachable = false, ...rest } = options;
  const bird = await startBird({
    namespace,
    ...router,
    speakers: [{ name: 'lb', ...lb }],
  });
  const neighbors = unreachable ? [router, nobody] : [router];
  const exabgp = await startExaBgp({ namespace, ...lb, neighbors, ...rest });
  return {
    exabgp,
    bird,
    startSecond: () => startBird({ namespace, ...nobody, speakers: [{ name: 'lb', ...lb }] }),
    neighbors: { first: router, second: nobody },
    async stop() {
      await exabgp.stop();
      namespace.remove();
    },
  };
}

/** A speaker on the pipes of a real helper. */
export interface Attached {
  readonly speaker: ExaBgpSpeaker;
  readonly socket: Socket;
  readonly events: Event[];
  readonly notes: string[];
  /** Waits for an event of this kind (and shape) that came after `from`; returns it with its time. */
  until<K extends EventKind>(
    kind: K,
    matches?: (event: Extract<Event, { kind: K }>) => boolean,
    timeoutMs?: number,
  ): Promise<Extract<Event, { kind: K }>>;
  /** Waits until this many commands were answered; returns the outcomes by command. */
  answers(count: number, timeoutMs?: number): Promise<Map<number, string>>;
}

/** Takes the next helper's pipes and starts a speaker on them. */
export async function attach(
  exabgp: ExaBgp,
  options: Partial<SpeakerOptions> = {},
): Promise<Attached> {
  const socket = await exabgp.nextHelper();
  const events: Event[] = [];
  const notes: string[] = [];
  const speaker = createSpeaker(
    { ackTimeoutMs: 2000, pollMs: 1000, acks: 'auto', ...options },
    {
      clock: createClock(),
      emit: (event) => events.push(event),
      note: (level, place, detail) => notes.push(`${level} ${place}: ${detail}`),
      input: socket,
      output: socket,
    },
  );
  speaker.start();
  return {
    speaker,
    socket,
    events,
    notes,
    until: (kind, matches = () => true, timeoutMs = 15_000) => {
      type Wanted = Extract<Event, { kind: typeof kind }>;
      const isWanted = (event: Event): event is Wanted =>
        event.kind === kind && matches(event as Wanted);
      return waitFor(() => events.find(isWanted), { timeoutMs, what: kind });
    },
    answers: (count, timeoutMs = 15_000) =>
      waitFor(
        () => {
          const answered = events.filter((event) => event.kind === 'commandAnswered');
          if (answered.length < count) return undefined;
          return new Map(answered.map(({ command, outcome }) => [command, outcome]));
        },
        { timeoutMs, what: `${count} answers` },
      ),
  };
}

/** Attributes as a service would have them. */
export function attributes(med: number, ...communities: string[]): Attributes {
  const parsed = parseMed(med);
  if (parsed === undefined) throw new Error(`${med} is no MED`);
  return {
    nextHop: nextHopSelf,
    med: parsed,
    communities: communities.map((text) => {
      const community = parseCommunity(text);
      if (community === undefined) throw new Error(`${text} is no community`);
      return community;
    }),
  };
}
