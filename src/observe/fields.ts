import type { Decision } from '../core/ownership.ts';
import type { Report } from '../core/report.ts';

/** What a log line carries besides time, level and sentence. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * A report as flat fields under stable names: `event` is its kind; a decision is `decision`, `role`, `reason`, and what
 * it replaces is `previousDecision`, `previousRole`, `previousReason`. What is unknown is left out.
 */
export function fieldsOf(report: Report): Fields {
  const { kind, ...rest } = report;
  const fields: Record<string, string | number | boolean> = { event: kind };
  for (const [name, value] of Object.entries(rest)) {
    // The level is the line's own, and an object is a decision.
    if (name !== 'level' && value !== undefined && typeof value !== 'object') fields[name] = value;
  }
  if (report.kind !== 'decisionChanged') return fields;
  return { ...fields, ...current(report.to), ...previous(report.from) };
}

function current(decision: Decision): Fields {
  return {
    decision: decision.kind,
    ...(decision.kind === 'announce' ? { role: decision.role } : {}),
    reason: decision.reason,
  };
}

function previous(decision: Decision | undefined): Fields {
  if (decision === undefined) return {};
  return {
    previousDecision: decision.kind,
    ...(decision.kind === 'announce' ? { previousRole: decision.role } : {}),
    previousReason: decision.reason,
  };
}
