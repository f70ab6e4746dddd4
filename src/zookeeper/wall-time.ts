/** `2026-01-31 12:34:56 UTC`; by Intl, since dates of any other kind are the agent clock's alone. */
export function writeWallTime(wallMs: number): string {
  // Made when it is first needed: it takes long, and the start does not wait for it.
  format ??= new Intl.DateTimeFormat('sv-SE', {
    dateStyle: 'short',
    timeStyle: 'medium',
    timeZone: 'UTC',
  });
  return `${format.format(wallMs)} UTC`;
}

let format: Intl.DateTimeFormat | undefined;

/** `2026-01-31T12:34:56Z`, as {@link parseWallTime} reads it; parts of a second are left out. */
export function writeIsoTime(wallMs: number): string {
  return writeWallTime(wallMs).replace(' UTC', 'Z').replace(' ', 'T');
}

/** What {@link parseWallTime} takes, for messages. */
export const wallTimeForm = 'a time as 2026-11-21T18:00:00Z';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/**
 * Reads a time as ISO 8601 and RFC 3339 write it, with `Z` or an offset; seconds may be left out. Returns milliseconds since
 * 1970, or undefined for anything else: without a zone two hosts would read two times.
 */
export function parseWallTime(text: string): number | undefined {
  const form =
    /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d\d):(\d\d))$/;
  const match = form.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const [offsetHour, offsetMinute] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  const isTime = hour < 24 && minute < 60 && second < 60 && offsetHour < 24 && offsetMinute < 60;
  if (!isTime || !isDay(year, month, day)) return undefined;
  const offsetMs = (offsetHour * 60 + offsetMinute) * minuteMs * (match[8] === '-' ? -1 : 1);
  const fractionMs = Number(`${match[7] ?? ''}000`.slice(0, 3));
  const inDayMs = (hour * 60 + minute) * minuteMs + second * 1_000 + fractionMs;
  return dayNumber(year, month, day) * dayMs + inDayMs - offsetMs;
}

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const next = month === 12 ? dayNumber(year + 1, 1, 1) : dayNumber(year, month + 1, 1);
  return dayNumber(year, month, day) < next;
}

/** Days from 1970-01-01 in the Gregorian calendar. */
function dayNumber(year: number, month: number, day: number): number {
  // Years that begin in March have their leap day at the end.
  const [years, months] = month > 2 ? [year, month - 3] : [year - 1, month + 9];
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  const inYear = Math.floor((153 * months + 2) / 5) + day - 1;
  return 365 * years + leapDays + inYear - 719_468;
}
