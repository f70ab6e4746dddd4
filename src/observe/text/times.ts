import { isoTime } from '../iso-time.ts';

const unitsMs = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/**
 * A time of ISO 8601 in the one form in which people read times: `2026-11-21 20:30:27 UTC`; with milliseconds where the
 * order of what happened close together matters.
 */
export function timeText(time: string, precision: 'seconds' | 'milliseconds' = 'seconds'): string {
  const iso = isoTime(Date.parse(time));
  return `${iso.slice(0, precision === 'seconds' ? 19 : 23).replace('T', ' ')} UTC`;
}

/** How long ago a time of ISO 8601 was, in its two largest units: `3d4h`, `12s`; `-` when the time is not known. */
export function ageText(time: string | undefined, readAt: string): string {
  if (time === undefined) return '-';
  // The clocks of two hosts differ: what is a little in the future has just been.
  return durationText(Math.max(0, Date.parse(readAt) - Date.parse(time)));
}

/** A duration in its two largest units, whole seconds at least. */
function durationText(durationMs: number): string {
  let restMs = Math.floor(durationMs / 1_000) * 1_000;
  const parts: string[] = [];
  for (const [unit, ms] of unitsMs) {
    const count = Math.floor(restMs / ms);
    if (count > 0) parts.push(`${count}${unit}`);
    restMs -= count * ms;
  }
  return parts.length === 0 ? '0s' : parts.slice(0, 2).join('');
}
