/**
 * A moment for people, in UTC as the commands and logs have it: `20:30:27 UTC`, with the date before it when it was another
 * day. Pure.
 */
export function momentOf(at: string | number | undefined, nowMs: number): string {
  const ms = typeof at === 'string' ? Date.parse(at) : (at ?? Number.NaN);
  if (Number.isNaN(ms)) return 'not known';
  const [day, time] = dayAndTime(ms);
  const [today] = dayAndTime(nowMs);
  return day === today ? `${time} UTC` : `${day} ${time} UTC`;
}

function dayAndTime(ms: number): readonly [day: string, time: string] {
  const text = new Date(ms).toISOString();
  return [text.slice(0, 10), text.slice(11, 19)];
}

/** How long ago: `12 s`, `3 min`, `5 h`, `4 d`; nothing when it is not known. Clocks may differ, so never less than 0. */
export function ageOf(text: string | undefined, nowMs: number): string {
  const ms = text === undefined ? Number.NaN : nowMs - Date.parse(text);
  if (Number.isNaN(ms)) return '';
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** Milliseconds since 1970; NaN when it is no time. Pure. */
export function msOf(text: string): number {
  return Date.parse(text);
}
