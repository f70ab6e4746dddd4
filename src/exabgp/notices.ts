import type { Level } from '../core/report.ts';

/** How long one kind of notice stays quiet after it was given. */
const quietMs = 60_000;

/** Tells people about odd things, each kind at most once a minute. */
export type Notice = (kind: string, level: Level, detail: string) => void;

/**
 * Makes a rate-limited `Notice`. Kinds are a small fixed set, never text from outside, so memory is bounded; how many
 * were kept quiet is said with the next one.
 */
export function createNotices(
  nowMs: () => number,
  note: (level: Level, place: string, detail: string) => void,
): Notice {
  const given = new Map<string, { atMs: number; quiet: number }>();
  return (kind, level, detail) => {
    const last = given.get(kind);
    if (last !== undefined && nowMs() - last.atMs < quietMs) {
      last.quiet += 1;
      return;
    }
    given.set(kind, { atMs: nowMs(), quiet: 0 });
    const more = last !== undefined && last.quiet > 0 ? ` (and ${last.quiet} more like it)` : '';
    note(level, `exabgp ${kind}`, `${detail}${more}`);
  };
}

/** A foreign line made fit for a log: printable ASCII, at most 200 characters, in quotes. */
export function quoted(line: string): string {
  const text = line.slice(0, 200).replace(/[^\x20-\x7e]/g, '?');
  return line.length > 200 ? `"${text}" and more` : `"${text}"`;
}
