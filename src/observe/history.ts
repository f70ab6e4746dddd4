import type { Decision } from '../core/ownership.ts';
import type { Report } from '../core/report.ts';
import type { ServiceName } from '../core/settings.ts';
import type { Vip } from '../core/vip.ts';
import { isoTime } from './iso-time.ts';
import { decisionWords } from './sentences.ts';
import { type Move, movesMax } from './status-record.ts';

/** What became of the VIPs lately, for people. Bounded: the last {@link movesMax} moves of each service. */
export interface History {
  /**
   * Learns of a change of role. Kept is what a route came or went by, or came to another role.
   * @param cause what is behind it, for people.
   */
  hear(report: Report, wallMs: number, cause?: string): void;
  /**
   * Adds the cause to moves of a moment ago that were heard without one: a claim is often seen to go before its owner is.
   * @param causeOf what is known by now to be behind a decision.
   * @returns whether a move has got one.
   */
  explain(
    service: ServiceName,
    wallMs: number,
    causeOf: (vip: Vip, decision: Decision) => string | undefined,
  ): boolean;
  /** Puts moves of an earlier life, oldest first, before those of this one. */
  putBefore(service: ServiceName, moves: readonly Move[]): void;
  /** Oldest first. */
  movesOf(service: ServiceName): readonly Move[];
  /** When the VIP took its present role in this life, in wall milliseconds; undefined: it has had no other. */
  sinceMs(service: ServiceName, vip: Vip): number | undefined;
  /** Forgets all services but these. */
  keep(services: ReadonlySet<ServiceName>): void;
}

type DecisionChanged = Extract<Report, { readonly kind: 'decisionChanged' }>;

/** A cause that becomes known later than this may be another's: who is gone now may have been there then. */
const explainedWithinMs = 2_000;

interface Unexplained {
  readonly move: Move;
  readonly decision: Decision;
  readonly wallMs: number;
}

interface Kept {
  moves: readonly Move[];
  readonly since: Map<Vip, number>;
  /** The last role of a VIP that made a route of it, or none: to be left as it is is no move. */
  readonly roles: Map<Vip, string>;
  /** First withdrawals of this life: moves only where an earlier life is known to have left a route. */
  readonly first: Map<Vip, Move>;
  /** The last move of a VIP, if it was heard without a cause. */
  readonly unexplained: Map<Vip, Unexplained>;
}

/** Makes an empty one. */
export function createHistory(): History {
  const services = new Map<ServiceName, Kept>();
  const of = (service: ServiceName) => {
    const kept = services.get(service) ?? {
      moves: [],
      since: new Map(),
      roles: new Map(),
      first: new Map(),
      unexplained: new Map(),
    };
    services.set(service, kept);
    return kept;
  };
  return {
    hear(report, wallMs, cause) {
      if (report.kind === 'decisionChanged')
        hearDecision(of(report.service), report, wallMs, cause);
    },
    explain: (service, wallMs, causeOf) => explain(of(service), wallMs, causeOf),
    putBefore: (service, moves) => putBefore(of(service), moves),
    movesOf: (service) => services.get(service)?.moves ?? [],
    sinceMs: (service, vip) => services.get(service)?.since.get(vip),
    keep(names) {
      for (const name of services.keys()) if (!names.has(name)) services.delete(name);
    },
  };
}

function hearDecision(
  kept: Kept,
  report: DecisionChanged,
  wallMs: number,
  cause: string | undefined,
): void {
  const { vip, from, to } = report;
  if (from !== undefined && roleName(from) === roleName(to)) return;
  kept.since.set(vip, wallMs);
  kept.unexplained.delete(vip);
  if (to.kind === 'hold') return;
  const role = from === undefined || from.kind === 'hold' ? undefined : roleName(from);
  const before = role ?? kept.roles.get(vip) ?? lastRole(kept.moves, vip);
  kept.roles.set(vip, roleName(to));
  const move = moveOf(report, before ?? 'hold', wallMs, cause);
  if (before === undefined && move.to === 'none') kept.first.set(vip, move);
  else if (before !== move.to) {
    kept.moves = [...kept.moves, move].slice(-movesMax);
    if (cause === undefined) kept.unexplained.set(vip, { move, decision: to, wallMs });
  }
}

function explain(
  kept: Kept,
  wallMs: number,
  causeOf: (vip: Vip, decision: Decision) => string | undefined,
): boolean {
  const explained = new Map<Move, Move>();
  for (const [vip, { move, decision, wallMs: movedMs }] of kept.unexplained) {
    const isLate = Math.abs(wallMs - movedMs) > explainedWithinMs;
    const cause = isLate ? undefined : causeOf(vip, decision);
    if (isLate || cause !== undefined) kept.unexplained.delete(vip);
    if (cause !== undefined)
      explained.set(move, { ...move, sentence: `${move.sentence}: ${cause}` });
  }
  if (explained.size > 0) kept.moves = kept.moves.map((move) => explained.get(move) ?? move);
  return explained.size > 0;
}

function putBefore(kept: Kept, moves: readonly Move[]): void {
  if (moves.length === 0) return;
  const ends = [...kept.first.values()].flatMap((move) => {
    const from = lastRole(moves, move.vip) ?? 'none';
    return from === move.to ? [] : [{ ...move, from }];
  });
  kept.first.clear();
  kept.moves = [...moves, ...ends, ...kept.moves].slice(-movesMax);
}

/** What a decision makes of a VIP, in one word: its role, `none` for withdrawn, `hold` for left as it is. */
export function roleName(decision: Decision): string {
  if (decision.kind === 'announce') return decision.role;
  return decision.kind === 'withdraw' ? 'none' : 'hold';
}

function lastRole(moves: readonly Move[], vip: string): string | undefined {
  return moves.findLast((move) => move.vip === vip)?.to;
}

function moveOf(
  { vip, to }: DecisionChanged,
  from: string,
  wallMs: number,
  cause: string | undefined,
): Move {
  return {
    at: isoTime(wallMs),
    vip,
    from,
    to: roleName(to),
    reason: to.reason,
    sentence: decisionWords(to) + (cause === undefined ? '' : `: ${cause}`),
  };
}
