import type { Decision } from '../core/ownership.ts';
import type { Report } from '../core/report.ts';

/** The hooks that can be configured; `onChange` runs for whatever leads to any of the others, and for every change of role. */
export type HookName =
  | 'onUp'
  | 'onDown'
  | 'onTakeover'
  | 'onRelease'
  | 'onMaintenance'
  | 'onDrain'
  | 'onChange'
  | 'onState';

/** A change that somebody may want to hear of. */
export interface Happening {
  readonly hook: HookName;
  readonly service: string;
  /** Absent when it concerns the whole service. */
  readonly vip: string | undefined;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

/**
 * Makes what turns reports into happenings. It remembers what each service and VIP was last: health is `up`, `down` or
 * `unknown`, a service is in `maintenance` or in `service`, a VIP has a role, or is `withdrawn` or `unknown`. A VIP that
 * is left as it is keeps its role.
 */
export function createHappenings(): (report: Report) => readonly Happening[] {
  const last = new Map<string, string>();
  const turn: Turn = (what, to, unknown) => {
    const from = last.get(what) ?? unknown;
    last.set(what, to);
    return from;
  };
  return (report) => {
    switch (report.kind) {
      case 'checkTurned':
        return ofCheck(report, turn);
      case 'healthChanged':
        return ofHealth(report, turn);
      case 'maintenanceChanged':
        return ofMaintenance(report);
      case 'decisionChanged':
        return report.to.kind === 'hold' ? [] : ofDecision(report, report.to, turn);
      default:
        return [];
    }
  };
}

/** What it was last, or `unknown`; from now on it is `to`. */
type Turn = (what: string, to: string, unknown: string) => string;
type Of<Kind extends Report['kind']> = Extract<Report, { readonly kind: Kind }>;

function ofHealth({ service, to, detail }: Of<'healthChanged'>, turn: Turn): readonly Happening[] {
  const from = turn(`health of ${service}`, to, 'unknown');
  const hook = to === 'up' ? 'onUp' : 'onDown';
  return named({ service, vip: undefined, from, to, reason: detail }, [hook]);
}

/** Each check for itself, unlike health. */
function ofCheck({ service, check, to }: Of<'checkTurned'>, turn: Turn): readonly Happening[] {
  const from = turn(`check ${check} of ${service}`, to, 'init');
  return [{ hook: 'onState', service, vip: undefined, from, to, reason: `check ${check + 1}` }];
}

function ofMaintenance({ service, isPresent }: Of<'maintenanceChanged'>): readonly Happening[] {
  const [from, to] = isPresent ? ['service', 'maintenance'] : ['maintenance', 'service'];
  return named({ service, vip: undefined, from, to, reason: 'maintenance' }, ['onMaintenance']);
}

function ofDecision(
  { service, vip }: Of<'decisionChanged'>,
  decision: Exclude<Decision, { readonly kind: 'hold' }>,
  turn: Turn,
): readonly Happening[] {
  const to = decision.kind === 'announce' ? decision.role : 'withdrawn';
  const from = turn(`role of ${vip} of ${service}`, to, 'unknown');
  const isDrained = String(decision.reason === 'drained');
  const wasDrained = turn(`drain of ${vip} of ${service}`, isDrained, 'false');
  const hooks: HookName[] = [];
  if (from !== to && to === 'backup') hooks.push('onTakeover');
  if (from !== to && from === 'backup') hooks.push('onRelease');
  if (isDrained !== wasDrained) hooks.push('onDrain');
  if (from === to && hooks.length === 0) return [];
  return named({ service, vip, from, to, reason: decision.reason }, hooks);
}

function named(change: Omit<Happening, 'hook'>, hooks: readonly HookName[]): readonly Happening[] {
  return [...hooks, 'onChange' as const].map((hook) => ({ hook, ...change }));
}
