/** What one check of this host came to. */
export interface Finding {
  /** What was looked at, in one or two words. */
  readonly check: string;
  /** `skipped`: it could not be looked at, or has no meaning here. */
  readonly verdict: 'ok' | 'warning' | 'failed' | 'skipped';
  readonly detail: string;
  readonly fix?: string;
}

/** Findings of one check, by their verdicts. */
export function findingsOf(check: string) {
  return {
    ok: (detail: string): Finding => ({ check, verdict: 'ok', detail }),
    skipped: (detail: string): Finding => ({ check, verdict: 'skipped', detail }),
    warning: (detail: string, fix: string): Finding => ({ check, verdict: 'warning', detail, fix }),
    failed: (detail: string, fix: string): Finding => ({ check, verdict: 'failed', detail, fix }),
  };
}

const colors = { ok: 32, warning: 33, failed: 31, skipped: 2 } as const;

/** One line for each. @param isColored for terminals. */
export function findingLines(findings: readonly Finding[], isColored: boolean): readonly string[] {
  const width = Math.max(0, ...findings.map(({ check }) => check.length));
  return findings.map(({ check, verdict, detail, fix }) => {
    const word = verdict.padEnd(7);
    const start = isColored ? `\u001b[${colors[verdict]}m${word}\u001b[0m` : word;
    return `${start}  ${check.padEnd(width)}  ${detail}${fix === undefined ? '' : `; ${fix}`}`;
  });
}

/** The first few, and how many more there are. */
export function some(names: readonly string[], most = 3): string {
  const named = names.slice(0, most).join(', ');
  return names.length > most ? `${named} and ${names.length - most} more` : named;
}
