import { initialState, type State, step } from '../core/index.ts';
import type { Decision } from '../core/ownership.ts';
import type { MemberId, Settings } from '../core/settings.ts';
import type { Vip } from '../core/vip.ts';
import { type Circumstances, World } from './world.ts';

/** One member that takes part: alive, with ZooKeeper and its routers in reach. */
export interface Participant {
  readonly member: MemberId;
  /** Of the one service in question; checks of kind `always`. */
  readonly settings: Settings;
}

/** What came of a VIP at one member. */
export interface Outcome {
  readonly member: MemberId;
  readonly vip: Vip;
  readonly decision: Decision;
  /** ExaBGP has a route for it. */
  readonly isAnnounced: boolean;
}

/** By virtual time: whatever has not come to rest by then changes for ever. */
const horizonMs = 3_600_000;
/** At 100 members a fleet comes to rest in a few dozen. */
const roundsMax = 10_000;

/**
 * Runs the cores of some members together, from their start until nothing happens any more, and tells what each has
 * come to. The same rule as in production decides; time is virtual, and nothing fails.
 * @throws Error when they do not come to rest, which is a bug of the rule.
 */
export function forecast(
  participants: readonly Participant[],
  circumstances: Circumstances,
): readonly Outcome[] {
  const fleet = new VirtualFleet(participants, circumstances);
  for (let round = 0; round < roundsMax; round += 1) if (!fleet.advance()) return fleet.outcomes();
  throw new Error(`the members do not come to rest within ${roundsMax} rounds`);
}

interface Actor {
  state: State;
  wakeAtMs: number;
  readonly probes: readonly boolean[];
}

class VirtualFleet {
  readonly #world: World;
  readonly #actors: ReadonlyMap<MemberId, Actor>;
  #nowMs = 0;

  constructor(participants: readonly Participant[], circumstances: Circumstances) {
    this.#world = new World(
      circumstances,
      participants.map(({ member }) => member),
    );
    this.#actors = new Map(
      participants.map(({ member, settings }) => [
        member,
        { state: initialState(settings, 0), wakeAtMs: Infinity, probes: probesOf(settings) },
      ]),
    );
  }

  /** Lets everybody hear what is new, or else lets the time pass until somebody wakes; false when there is neither. */
  advance(): boolean {
    const news = this.#world.news();
    if ([...news.values()].some((events) => events.length > 0)) {
      for (const [member, events] of news) for (const event of events) this.#step(member, event);
      return true;
    }
    const nextMs = Math.min(...[...this.#actors.values()].map(({ wakeAtMs }) => wakeAtMs));
    if (nextMs > horizonMs) return false;
    this.#nowMs = Math.max(this.#nowMs, nextMs);
    for (const [member, { wakeAtMs }] of this.#actors)
      if (wakeAtMs <= this.#nowMs) this.#step(member, { kind: 'timerFired' });
    return true;
  }

  outcomes(): readonly Outcome[] {
    return [...this.#actors].flatMap(([member, { state }]) =>
      state.services.list.flatMap(({ vips }) =>
        [...vips.values()].map(({ vip, decision, route }) => ({
          member,
          vip,
          decision,
          isAnnounced: typeof route.acked === 'object',
        })),
      ),
    );
  }

  #step(member: MemberId, event: Parameters<typeof step>[1]): void {
    const actor = this.#actors.get(member);
    if (actor === undefined) return;
    const { state, effects, wakeAtMs = Infinity } = step(actor.state, event, this.#nowMs);
    actor.state = state;
    actor.wakeAtMs = wakeAtMs;
    for (const effect of effects) this.#world.carryOut(member, effect, actor.probes);
  }
}

function probesOf({ services }: Settings): readonly boolean[] {
  return services.flatMap(({ checks }) =>
    checks.map(({ probe }) => probe.kind === 'always' && probe.passes),
  );
}
