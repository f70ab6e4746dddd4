/** Milliseconds per unit, in the order the units must be written. */
const units = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;

/** What a duration looks like, for messages. */
export const durationForm = 'a duration as 4s, 200ms, 1m30s or 1h';

/**
 * Parses a duration: whole numbers with units, largest first, each unit once. `0` alone needs no unit.
 * Returns milliseconds, or undefined when the text is no duration.
 */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  const match = /^(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,7})s)?(?:(\d{1,9})ms)?$/.exec(text);
  if (match === null || text === '') return undefined;
  const [hours, minutes, seconds, milliseconds] = match.slice(1).map((part) => Number(part ?? 0));
  return (
    (hours ?? 0) * units.h +
    (minutes ?? 0) * units.m +
    (seconds ?? 0) * units.s +
    (milliseconds ?? 0) * units.ms
  );
}

/** Writes milliseconds the way {@link parseDuration} reads them, in the largest units that are exact. */
export function formatDuration(durationMs: number): string {
  if (durationMs === 0) return '0s';
  let rest = durationMs;
  let text = '';
  for (const [unit, sizeMs] of Object.entries(units)) {
    const count = Math.floor(rest / sizeMs);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * sizeMs;
  }
  return text;
}
