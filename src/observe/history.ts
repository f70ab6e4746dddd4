import type { Decision } from '../core/ownership.ts';
import type { Report } from '../core/report.ts';
import type { ServiceName } from '../core/settings.ts';
import type { Vip } from '../core/vip.ts';
import { isoTime } from './iso-time.ts';
import { decisionWords } from './sentences.ts';
import { type Move, movesMax } from './status-record.ts';

/** What became of the VIPs lately, for people. Bounded: the last {@link movesMax} moves of each service. */
export interface History {
  /** Learns of a change of role; what is no such change is not kept. */
  hear(report: Report, wallMs: number): void;
  /** Puts moves of an earlier life, oldest first, before those of this one. */
  putBefore(service: ServiceName, moves: readonly Move[]): void;
  /** Oldest first. */
  movesOf(service: ServiceName): readonly Move[];
  /** When the VIP took its present role in this life, in wall milliseconds; undefined: it has had no other. */
  sinceMs(service: ServiceName, vip: Vip): number | undefined;
  /** Forgets all services but these. */
  keep(services: ReadonlySet<ServiceName>): void;
}

interface Kept {
  moves: readonly Move[];
  readonly since: Map<Vip, number>;
}

/** Makes an empty one. */
export function createHistory(): History {
  const services = new Map<ServiceName, Kept>();
  const of = (service: ServiceName) => {
    const kept = services.get(service) ?? { moves: [], since: new Map() };
    services.set(service, kept);
    return kept;
  };
  return {
    hear(report, wallMs) {
      if (report.kind !== 'decisionChanged') return;
      const move = moveOf(report, wallMs);
      if (move.from === move.to) return;
      const kept = of(report.service);
      kept.moves = [...kept.moves, move].slice(-movesMax);
      kept.since.set(report.vip, wallMs);
    },
    putBefore(service, moves) {
      const kept = of(service);
      kept.moves = [...moves, ...kept.moves].slice(-movesMax);
    },
    movesOf: (service) => services.get(service)?.moves ?? [],
    sinceMs: (service, vip) => services.get(service)?.since.get(vip),
    keep(names) {
      for (const name of services.keys()) if (!names.has(name)) services.delete(name);
    },
  };
}

/** What a decision makes of a VIP, in one word: its role, `none` for withdrawn, `hold` for left as it is. */
export function roleName(decision: Decision): string {
  if (decision.kind === 'announce') return decision.role;
  return decision.kind === 'withdraw' ? 'none' : 'hold';
}

function moveOf(
  { vip, from, to }: Extract<Report, { readonly kind: 'decisionChanged' }>,
  wallMs: number,
): Move {
  return {
    at: isoTime(wallMs),
    vip,
    from: from === undefined ? 'hold' : roleName(from),
    to: roleName(to),
    reason: to.reason,
    sentence: decisionWords(to),
  };
}
